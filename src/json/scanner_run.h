// The steps of the scanner's machine over one slice. Included by scanner.cc only, which describes
// it.
#pragma once

#include "json/scanner.h"
#include "json/string_skip.h"

namespace aigw::json {

// The steps are one loop that is kept apart for the reader: inlined, the cursor stays in registers.
#define AIGW_STEP [[gnu::always_inline]] inline

class ScannerRun {
 public:
  ScannerRun(Scanner& scanner, Bytes piece)
      : s_(scanner), begin_(piece.data()), end_(piece.data() + piece.size()), at_(begin_) {}

  // Takes the whole slice, or up to the first wrong byte.
  AIGW_STEP Scanner::State run();

 private:
  using State = Scanner::State;
  using Part = Scanner::Part;
  using Role = Scanner::Role;

  AIGW_STEP uint64_t offset() const { return s_.offset_ + static_cast<uint64_t>(at_ - begin_); }
  AIGW_STEP bool in_object() const {
    return (s_.objects_[(s_.depth_ - 1u) / 64] >> (s_.depth_ - 1u) % 64 & 1) != 0;
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

  // Moves to the next byte that is no white space; false if the slice ends before it.
  AIGW_STEP bool next_token() {
    if (at_ != end_ && static_cast<unsigned char>(*at_) > ' ') return true;
    at_ = skip_space(at_, end_);
    return at_ != end_;
  }

  [[gnu::noinline, gnu::cold]] static State fail_at(Scanner& s, State state, uint64_t at) {
    s.state_ = state;
    s.fail(s.wanted(), at);
    return State::failed;
  }
  // The byte at the cursor is not what `state` waits for.
  AIGW_STEP State fail(State state) { return fail_at(s_, state, offset()); }
  AIGW_STEP State fail(const char* problem) {
    s_.fail(problem, offset());
    return State::failed;
  }

  AIGW_STEP State value(State state);
  AIGW_STEP State name(State state);
  AIGW_STEP State colon();
  AIGW_STEP State after_value();
  AIGW_STEP State open(Kind kind);
  AIGW_STEP State close(bool empty);
  AIGW_STEP void begin_scalar(Kind kind);
  AIGW_STEP State end_scalar();
  AIGW_STEP void capture_from(const char* from);

  AIGW_STEP State string();
  AIGW_STEP bool skip_escape();
  AIGW_STEP State escape();
  AIGW_STEP State hex();
  AIGW_STEP State begin_literal(Kind kind, const char* word);
  AIGW_STEP State literal();
  AIGW_STEP State begin_number(Part part);
  AIGW_STEP State number(const char* from, Part part);
  AIGW_STEP State end_number(const char* from);
  AIGW_STEP State fail_number(Part part);

  Scanner& s_;
  const char* const begin_;
  const char* const end_;
  const char* at_;
};

Scanner::State ScannerRun::run() {
  State state = s_.state_;
  while (at_ != end_) {
    switch (state) {
      // A member is its name, its value and what follows: falling through saves most of the
      // dispatches.
      case State::first_name:
      case State::name:
        state = name(state);
        if (state != State::value || at_ == end_) break;
        [[fallthrough]];
      case State::value:
      case State::first_element:
        state = value(state);
        if (state != State::after_value || at_ == end_) break;
        [[fallthrough]];
      case State::after_value:
        state = after_value();
        break;
      case State::colon:
        state = colon();
        break;
      case State::string:
        state = string();
        break;
      case State::escape:
        state = escape();
        break;
      case State::hex:
        state = hex();
        break;
      case State::literal:
        state = literal();
        break;
      case State::number:
        state = number(at_, s_.part_);
        break;
      case State::done:
        if (next_token()) state = fail(State::done);
        break;
      case State::failed:
        return state;
    }
  }
  return state;
}

Scanner::State ScannerRun::value(State state) {
  if (!next_token()) return state;
  switch (*at_) {
    case '"':
      begin_scalar(Kind::string);
      s_.role_ = s_.capturing_ == WatchList::kNone ? Role::value : Role::watched_value;
      ++at_;
      return string();
    case '{':
      return open(Kind::object);
    case '[':
      return open(Kind::array);
    case 't':
      return begin_literal(Kind::boolean_true, "true");
    case 'f':
      return begin_literal(Kind::boolean_false, "false");
    case 'n':
      return begin_literal(Kind::null, "null");
    case '-':
      return begin_number(Part::minus);
    case '0':
      return begin_number(Part::zero);
    default:
      if (is_digit(*at_)) return begin_number(Part::integer);
      if (*at_ == ']' && state == State::first_element) return close(true);
      return fail(state);
  }
}

Scanner::State ScannerRun::name(State state) {
  if (!next_token()) return state;
  if (*at_ != '"') {
    if (*at_ == '}' && state == State::first_name) return close(true);
    return fail(state);
  }
  const bool live = s_.depth_ == s_.live_depth_;
  const char* const from = ++at_;
  // Most names lie in one piece and have no escape: those are matched where they stand.
  at_ = find_string_special(from, end_);
  if (at_ != end_ && *at_ == '"') {
    if (live) s_.match_name({from, static_cast<size_t>(at_ - from)});
    ++at_;
    return colon();
  }
  at_ = from;
  s_.role_ = live ? Role::watched_name : Role::name;
  s_.name_size_ = 0;
  return State::string;
}

Scanner::State ScannerRun::colon() {
  if (!next_token()) return State::colon;
  if (*at_ != ':') return fail(State::colon);
  ++at_;
  return State::value;
}

Scanner::State ScannerRun::after_value() {
  if (!next_token()) return State::after_value;
  const bool object = in_object();
  if (*at_ == ',') {
    ++at_;
    return object ? State::name : State::value;
  }
  if (*at_ != (object ? '}' : ']')) return fail(State::after_value);
  return close(false);
}

Scanner::State ScannerRun::open(Kind kind) {
  if (s_.depth_ == limits::json_depth_max) return fail(Scanner::kTooDeep);
  const uint16_t depth = s_.depth_++;
  uint64_t& word = s_.objects_[depth / 64u];
  const uint64_t bit = uint64_t{1} << depth % 64u;
  word = kind == Kind::object ? word | bit : word & ~bit;
  if (s_.member_ != WatchList::kNone) {
    s_.begin_member(kind, offset());
    s_.open_member();
  }
  ++at_;
  return kind == Kind::object ? State::first_name : State::first_element;
}

Scanner::State ScannerRun::close(bool empty) {
  ++at_;
  if (s_.frame_count_ != 0 && s_.frames_[s_.frame_count_ - 1u].depth == s_.depth_) {
    s_.close_frame(empty, offset());
  }
  return --s_.depth_ == 0 ? State::done : State::after_value;
}

void ScannerRun::begin_scalar(Kind kind) {
  if (s_.member_ != WatchList::kNone) s_.begin_member(kind, offset());
}

Scanner::State ScannerRun::end_scalar() {
  if (s_.member_ != WatchList::kNone) s_.end_scalar(offset());
  return s_.depth_ == 0 ? State::done : State::after_value;
}

// A number or literal goes on from `from` to the cursor.
void ScannerRun::capture_from(const char* from) {
  if (s_.capturing_ != WatchList::kNone) s_.capture({from, static_cast<size_t>(at_ - from)});
}

Scanner::State ScannerRun::string() {
  const char* const from = at_;
  at_ = find_string_special(at_, end_);
  while (at_ != end_ && *at_ == '\\' && skip_escape()) at_ = skip_string_text(at_, end_);
  const bool at_end = at_ == end_;
  const bool at_escape = !at_end && *at_ == '\\';  // a wrong one, or cut off by the slice
  if (at_escape) ++at_;
  if (s_.role_ == Role::watched_name || s_.role_ == Role::watched_value) {
    s_.keep({from, static_cast<size_t>(at_ - from)});
  }
  if (at_escape) return State::escape;
  if (at_end) return State::string;
  if (*at_ != '"') return fail("a control character in a string must be escaped");
  ++at_;
  if (s_.role_ == Role::value || s_.role_ == Role::watched_value) return end_scalar();
  if (s_.role_ == Role::watched_name) s_.match_kept_name();
  return State::colon;
}

// Moves behind the escape at the cursor; false, and does not move, if the slice does not hold a
// right one.
bool ScannerRun::skip_escape() {
  if (end_ - at_ >= 2 && is_simple_escape(at_[1])) {
    at_ += 2;
    return true;
  }
  if (end_ - at_ < 6 || at_[1] != 'u') return false;
  if (!is_hex(at_[2]) || !is_hex(at_[3]) || !is_hex(at_[4]) || !is_hex(at_[5])) return false;
  at_ += 6;
  return true;
}

Scanner::State ScannerRun::escape() {
  const bool unicode = *at_ == 'u';
  if (!unicode && !is_simple_escape(*at_)) return fail(State::escape);
  if (s_.role_ == Role::watched_name || s_.role_ == Role::watched_value) s_.keep({at_, 1});
  ++at_;
  s_.hex_left_ = 4;
  return unicode ? State::hex : State::string;
}

Scanner::State ScannerRun::hex() {
  if (!is_hex(*at_)) return fail(State::hex);
  if (s_.role_ == Role::watched_name || s_.role_ == Role::watched_value) s_.keep({at_, 1});
  ++at_;
  return --s_.hex_left_ == 0 ? State::string : State::hex;
}

Scanner::State ScannerRun::begin_literal(Kind kind, const char* word) {
  begin_scalar(kind);
  s_.literal_left_ = word;
  return literal();
}

Scanner::State ScannerRun::literal() {
  const char* const from = at_;
  const char* left = s_.literal_left_;
  while (*left != '\0' && at_ != end_) {
    if (*at_ != *left) return fail(State::literal);
    ++at_;
    ++left;
  }
  s_.literal_left_ = left;
  capture_from(from);
  return *left == '\0' ? end_scalar() : State::literal;
}

Scanner::State ScannerRun::begin_number(Part part) {
  begin_scalar(Kind::number);
  return number(at_++, part);
}

// Reads on in a number of which `part` has come; its bytes from `from` on have not been captured.
Scanner::State ScannerRun::number(const char* from, Part part) {
  for (;; ++at_) {
    if (part == Part::integer || part == Part::fraction || part == Part::exponent_digits) {
      while (at_ != end_ && is_digit(*at_)) ++at_;
    }
    if (at_ == end_) break;
    const char c = *at_;
    switch (part) {
      case Part::minus:
        if (!is_digit(c)) return fail_number(part);
        part = c == '0' ? Part::zero : Part::integer;
        break;
      case Part::integer:
      case Part::zero:
        if (c != '.' && (c | 0x20) != 'e') return end_number(from);
        part = c == '.' ? Part::point : Part::exponent;
        break;
      case Part::fraction:
        if ((c | 0x20) != 'e') return end_number(from);
        part = Part::exponent;
        break;
      case Part::exponent:
        if (c == '+' || c == '-') {
          part = Part::exponent_sign;
          break;
        }
        [[fallthrough]];
      case Part::exponent_sign:
      case Part::point:
        if (!is_digit(c)) return fail_number(part);
        part = part == Part::point ? Part::fraction : Part::exponent_digits;
        break;
      case Part::exponent_digits:
        return end_number(from);
    }
  }
  s_.part_ = part;
  capture_from(from);
  return State::number;
}

Scanner::State ScannerRun::end_number(const char* from) {
  capture_from(from);
  return end_scalar();
}

Scanner::State ScannerRun::fail_number(Part part) {
  s_.part_ = part;
  return fail(State::number);
}

#undef AIGW_STEP

}  // namespace aigw::json
