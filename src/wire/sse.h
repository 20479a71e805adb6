// An incremental decoder of server-sent events (WHATWG HTML, "Server-sent events"), over arbitrary
// slices. Data is handed on in pieces as it comes and never buffered. It departs from the standard
// in one point: an event whose last blank line is missing is dispatched by finish(), because
// providers end streams so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace aigw::wire {

class SseSink {
 public:
  virtual ~SseSink() = default;

  // More data of the current event; its lines are joined by "\n". Where the pieces are cut depends
  // on the slices, their concatenation does not. The view lives for the call.
  virtual void on_data(Bytes piece) = 0;

  // The event is complete. `type` is "" when it has none, and cut at limits::sse_event_type_max.
  // The view lives for the call. Events without a data line are not dispatched; one with empty data
  // is.
  virtual void on_event(Bytes type) = 0;
};

class SseDecoder {
 public:
  void feed(Bytes piece, SseSink& sink);

  // The stream has ended. Dispatches an event whose last blank line is missing; then the decoder is
  // ready for another stream. False where the stream was cut before the data of an event: in the name
  // of a field, behind its colon, or with a type that no data follows.
  bool finish(SseSink& sink);

 private:
  enum class State : uint8_t {
    byte_order_mark,  // at the start of the stream, name_size_ bytes of it seen
    line_start,
    name,         // in a field's name; name_ holds its start
    after_colon,  // one space here is not part of the value
    data,         // in the value of a data field
    event,        // in the value of an event field
    ignored       // in a comment or the value of another field
  };
  enum class Field : uint8_t { data, event, other };

  const char* skip_byte_order_mark(const char* at);
  const char* read_line_start(const char* at, const char* end, SseSink& sink);
  const char* read_name(const char* at, const char* end, SseSink& sink);
  const char* read_value(const char* at, const char* end, SseSink& sink);
  const char* end_line(const char* at);
  Field named_field() const;
  void begin_value(SseSink& sink);
  void dispatch(SseSink& sink);

  static constexpr uint8_t kNameMax = 5;  // "event"; a longer name is of no interest

  State state_ = State::byte_order_mark;
  Field field_ = Field::other;  // whose value comes
  bool after_cr_ = false;       // a LF here belongs to the CR before it
  bool has_data_ = false;       // the current event has a data line
  uint8_t name_size_ = 0;
  char name_[kNameMax];
  std::string type_;
};

}  // namespace aigw::wire
