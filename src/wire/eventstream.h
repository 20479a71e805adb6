// AWS event streams (application/vnd.amazon.eventstream), decoded incrementally over arbitrary
// slices, and encoded.
//
// A stream is a row of messages and nothing between them; all numbers are big-endian:
//
//   total length      u32   of the whole message, these four bytes and the last CRC included
//   headers' length   u32
//   prelude CRC       u32   CRC-32 (zlib's) of the eight bytes before
//   headers                 each: name length u8, name, type u8, value
//   payload                 total - headers - 16 bytes
//   message CRC       u32   of everything before it
//
// The type of a header says what its value is: see HeaderType. A message says what it is by headers
// whose names begin with a colon; those of Bedrock are the views of EventMessage. A message that is
// whole in one slice is read where it lies; otherwise it is gathered, growing with what really
// arrives, so a length that lies costs no memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::wire {

enum class HeaderType : uint8_t {
  boolean_true = 0,   // no value
  boolean_false = 1,  // no value
  int8 = 2,
  int16 = 3,
  int32 = 4,
  int64 = 5,
  bytes = 6,      // u16 length, then any bytes
  string = 7,     // u16 length, then UTF-8, which is not checked
  timestamp = 8,  // int64, milliseconds since the epoch
  uuid = 9,       // 16 bytes
};

struct EventHeader {
  Bytes name;
  HeaderType type = HeaderType::string;
  Bytes bytes;         // of bytes, string and uuid
  int64_t number = 0;  // of int8 to int64 and timestamp; 1 of boolean_true
};

// Walks the headers of a message.
class EventHeaderReader {
 public:
  // `block` has to outlive the reader and the views that it gives out.
  explicit EventHeaderReader(Bytes block) : rest_(block) {}

  // The next header; none at the end and at one that is malformed.
  std::optional<EventHeader> next();

  // Whether the walk ended where the block does.
  bool well_formed() const { return !malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

// Views live for the call that hands the message over. A header that is missing is "".
struct EventMessage {
  Bytes message_type;    // :message-type: "event", "exception" or "error"
  Bytes event_type;      // :event-type, of an event
  Bytes exception_type;  // :exception-type, of an exception; its payload holds the message
  Bytes content_type;    // :content-type, of the payload
  Bytes error_code;      // :error-code, of an error
  Bytes error_message;   // :error-message, of an error
  Bytes headers;         // all of them, for an EventHeaderReader; well formed
  Bytes payload;
};

class EventStreamSink {
 public:
  virtual ~EventStreamSink() = default;
  virtual void on_message(const EventMessage& message) = 0;
};

class EventStreamDecoder {
 public:
  // Hands on the messages that `piece` completes. A bad_upstream failure where the bytes are no
  // event stream: a CRC, a length or a header is wrong, or a message is larger than
  // limits::eventstream_headers_max and limits::eventstream_payload_max allow. There is no way to
  // find the next message then, so every later call fails in the same way. What comes out, failure
  // included, does not depend on where the stream is cut.
  Result<void> feed(Bytes piece, EventStreamSink& sink);

  // The stream has ended. A bad_upstream failure if that was inside a message, or if the decoder
  // has failed before.
  Result<void> finish();

 private:
  size_t size_needed() const;
  size_t gather(Bytes piece);
  Result<void> fail(std::string message, Limit limit = Limit::none);
  Result<void> read_prelude(Bytes prelude);
  Result<void> read_message(Bytes message, EventStreamSink& sink);

  std::string gathered_;     // the start of a message whose end has not come
  size_t message_size_ = 0;  // as its prelude says; 0 before that is read
  size_t headers_size_ = 0;
  std::optional<Failure> failure_;
};

// Appends a message to `out`. At most limits::eventstream_headers_max bytes of headers and
// limits::eventstream_payload_max of payload; names have 1 to 255 bytes, a uuid has 16.
void append_event(std::string& out, std::span<const EventHeader> headers, Bytes payload);

}  // namespace aigw::wire
