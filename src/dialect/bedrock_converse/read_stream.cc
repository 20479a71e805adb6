#include "dialect/bedrock_converse/read_stream.h"

#include "base/result.h"

namespace aigw::dialect::bedrock_converse {

void StreamReader::feed(Bytes piece) {
  if (ended()) return;
  if (const Result<void> result = frames_.feed(piece, *this); !result) {
    decoder_.fail(result.error().message, result.error().limit);
  }
}

void StreamReader::finish() {
  if (ended()) return;
  if (const Result<void> result = frames_.finish(); !result) {
    decoder_.fail(result.error().message, result.error().limit);
  }
  decoder_.finish();
}

void StreamReader::on_message(const wire::EventMessage& message) {
  if (message.message_type == "exception") {
    decoder_.on_frame(FrameKind::exception, message.exception_type, message.payload);
  } else if (message.message_type == "error") {
    decoder_.on_frame(FrameKind::error, message.error_code, message.error_message);
  } else {
    decoder_.on_frame(FrameKind::event, message.event_type, message.payload);
  }
}

}  // namespace aigw::dialect::bedrock_converse
