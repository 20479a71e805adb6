// AWS event streams. The last byte decides: any bytes as a stream, or the bytes as headers and
// payload of a message that is written and must be read back. Without the second, the CRCs would
// stop nearly every input at the door.
#include <string>
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/eventstream.h"

namespace {

using aigw::Bytes;
using aigw::fuzz::require;
namespace wire = aigw::wire;

class Record final : public wire::EventStreamSink {
 public:
  void on_message(const wire::EventMessage& message) override {
    wire::EventHeaderReader reader(message.headers);
    while (const auto header = reader.next()) {
      text.append(header->name)
          .append("=")
          .append(header->bytes)
          .append(std::to_string(header->number));
    }
    require(reader.well_formed(), "a message with malformed headers was handed on");
    text.append(message.message_type).append(message.event_type).append(message.exception_type);
    text.append(message.payload).append("\0", 1);
  }
  std::string text;
};

std::string decode(Bytes stream, bool whole) {
  Record record;
  wire::EventStreamDecoder decoder;
  aigw::Result<void> result;
  if (whole) {
    result = decoder.feed(stream, record);
  } else {
    aigw::fuzz::in_pieces(stream, [&](Bytes piece) {
      result = decoder.feed(piece, record);
      return result.has_value();
    });
  }
  if (result) result = decoder.finish();
  return record.text + (result ? "" : result.error().message);
}

constexpr Bytes kNames[] = {":message-type", ":event-type", ":exception-type", ":content-type"};

// Messages whose headers and payloads are bytes of the input.
std::string write_stream(aigw::fuzz::Input& input) {
  std::string stream;
  for (size_t messages = input.below(4); messages-- > 0;) {
    std::vector<wire::EventHeader> headers;
    // A name that says what a message is may stand there once, as a string.
    for (const Bytes name : {kNames[input.below(std::size(kNames))], Bytes("x"), Bytes("y")}) {
      wire::EventHeader header;
      header.name = name;
      if (name[0] != ':') header.type = static_cast<wire::HeaderType>(input.below(10));
      header.number = static_cast<int8_t>(input.byte());
      const Bytes rest = input.rest();
      header.bytes = rest.substr(0, header.type == wire::HeaderType::uuid ? 16 : rest.size() / 2);
      if (header.type == wire::HeaderType::uuid && header.bytes.size() != 16) continue;
      headers.push_back(header);
    }
    wire::append_event(stream, headers, input.rest());
  }
  return stream;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  aigw::fuzz::Input input(data, std::min<size_t>(size, 8192));
  const bool written = input.byte() % 2 == 1;
  const std::string stream = written ? write_stream(input) : std::string(input.rest());
  const std::string whole = decode(stream, true);
  require(decode(stream, false) == whole, "messages depend on how the stream is cut");
  if (written) {
    wire::EventStreamDecoder decoder;
    Record record;
    require(decoder.feed(stream, record) && decoder.finish(), "what was written cannot be read");
  }
  return 0;
}
