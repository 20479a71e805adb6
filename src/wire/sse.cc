// A stream is lines; a line ends with LF, CR or CRLF. An empty line completes an event, one that
// starts with a colon is a comment, any other is a field: a name, and after a colon and at most one
// space its value. A line without a colon is a field with an empty value. Of the fields only "data"
// and "event" matter here: "id" and "retry" concern a client that reconnects.
//
// Between two bytes the decoder is in one State; a value is never stored, only a name of at most
// five bytes. CRLF is read as a CR, which ends the line at once, and a LF that is then skipped: an
// event can be handed on before the byte that follows its CR is known.
#include "wire/sse.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "wire/line_search.h"

namespace aigw::wire {
namespace {

constexpr Bytes kByteOrderMark = "\xef\xbb\xbf";
constexpr Bytes kDataPrefix = "data:";

bool is_line_end(char c) { return c == '\r' || c == '\n'; }

}  // namespace

void SseDecoder::feed(Bytes piece, SseSink& sink) {
  const char* at = piece.data();
  const char* const end = at + piece.size();
  while (at != end) {
    switch (state_) {
      case State::byte_order_mark:
        at = skip_byte_order_mark(at);
        break;
      case State::line_start:
        at = read_line_start(at, end, sink);
        break;
      case State::name:
        at = read_name(at, end, sink);
        break;
      case State::after_colon:
        if (*at == ' ') ++at;
        begin_value(sink);
        break;
      case State::data:
      case State::event:
      case State::ignored:
        at = read_value(at, end, sink);
        break;
    }
  }
}

bool SseDecoder::finish(SseSink& sink) {
  const bool in_field = state_ == State::name || (state_ == State::after_colon && field_ != Field::other);
  const bool lacks_data = !has_data_ && (state_ == State::event || !type_.empty());
  if (state_ == State::name) field_ = named_field();
  if (state_ == State::name || state_ == State::after_colon) begin_value(sink);
  dispatch(sink);
  state_ = State::byte_order_mark;
  after_cr_ = false;
  name_size_ = 0;
  return !in_field && !lacks_data;
}

const char* SseDecoder::skip_byte_order_mark(const char* at) {
  if (*at == kByteOrderMark[name_size_]) {
    if (++name_size_ == kByteOrderMark.size()) state_ = State::line_start;
    return at + 1;
  }
  // A part of the mark is the start of a name that nobody knows.
  state_ = name_size_ == 0 ? State::line_start : State::ignored;
  return at;
}

const char* SseDecoder::read_line_start(const char* at, const char* end, SseSink& sink) {
  const bool after_cr = after_cr_;
  after_cr_ = false;
  if (*at == '\n' && after_cr) return at + 1;
  if (is_line_end(*at)) {
    dispatch(sink);
    return end_line(at);
  }
  // Nearly every line is this one.
  if (static_cast<size_t>(end - at) >= kDataPrefix.size() &&
      std::memcmp(at, kDataPrefix.data(), kDataPrefix.size()) == 0) {
    field_ = Field::data;
    state_ = State::after_colon;
    return at + kDataPrefix.size();
  }
  name_size_ = 0;
  state_ = State::name;
  return at;
}

const char* SseDecoder::read_name(const char* at, const char* end, SseSink& sink) {
  for (; at != end; ++at) {
    if (*at == ':') {
      field_ = named_field();
      state_ = State::after_colon;
      return at + 1;
    }
    if (is_line_end(*at)) {
      field_ = named_field();
      begin_value(sink);
      return end_line(at);
    }
    if (name_size_ == kNameMax) {
      state_ = State::ignored;
      return at;
    }
    name_[name_size_++] = *at;
  }
  return at;
}

SseDecoder::Field SseDecoder::named_field() const {
  const Bytes name(name_, name_size_);
  if (name == "data") return Field::data;
  if (name == "event") return Field::event;
  return Field::other;  // also the empty name of a comment
}

void SseDecoder::begin_value(SseSink& sink) {
  switch (field_) {
    case Field::data:
      if (has_data_) sink.on_data("\n");
      has_data_ = true;
      state_ = State::data;
      break;
    case Field::event:
      type_.clear();
      state_ = State::event;
      break;
    case Field::other:
      state_ = State::ignored;
      break;
  }
}

const char* SseDecoder::read_value(const char* at, const char* end, SseSink& sink) {
  const char* const stop = find_line_end(at, end);
  const Bytes value(at, static_cast<size_t>(stop - at));
  if (state_ == State::data && !value.empty()) sink.on_data(value);
  if (state_ == State::event) type_ += value.substr(0, limits::sse_event_type_max - type_.size());
  return stop == end ? end : end_line(stop);
}

// Moves behind the CR or LF at `at`.
const char* SseDecoder::end_line(const char* at) {
  after_cr_ = *at == '\r';
  state_ = State::line_start;
  return at + 1;
}

void SseDecoder::dispatch(SseSink& sink) {
  if (has_data_) sink.on_event(type_);
  has_data_ = false;
  type_.clear();
}

}  // namespace aigw::wire
