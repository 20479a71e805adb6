// The bytes of a ConverseStream reply as events of the hub: frames taken apart, then decoded.
#pragma once

#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "dialect/bedrock_converse/decode_stream.h"
#include "json/cursor.h"
#include "wire/eventstream.h"

namespace aigw::dialect::bedrock_converse {

class StreamReader final : private wire::EventStreamSink {
 public:
  // As StreamDecoder's.
  StreamReader(const AnswerIdentity& identity, json::Parser& parser, chat::Drops& drops,
               chat::EventSink& sink)
      : decoder_(identity, parser, drops, sink) {}

  // The next bytes of the stream, decoded. Events go to the sink before it returns. What is no event
  // stream, a CRC that is wrong among it, ends the answer with a Fault.
  void feed(Bytes piece);

  // Nothing follows. A stream that has not come to the answer's end ends with a Fault.
  void finish();

  // Done or Fault has been emitted.
  bool ended() const { return decoder_.ended(); }

 private:
  void on_message(const wire::EventMessage& message) override;

  wire::EventStreamDecoder frames_;
  StreamDecoder decoder_;
};

}  // namespace aigw::dialect::bedrock_converse
