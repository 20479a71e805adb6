#include "json/writer.h"

#include <array>
#include <charconv>

#include "base/check.h"
#include "json/text.h"

namespace aigw::json {

void Writer::key(Bytes name) {
  separate();
  append_quoted(out_, name);
  out_ += ':';
  comma_ = false;
}

void Writer::string(Bytes text) {
  separate();
  append_quoted(out_, text);
  comma_ = true;
}

void Writer::begin_string() {
  separate();
  out_ += '"';
}

void Writer::string_part(Bytes text) { append_escaped(out_, text); }

void Writer::string_part(Bytes text, Bytes escaped) {
  if (escaped.empty()) return string_part(text);
  out_ += escaped;
}

void Writer::string(Bytes text, Bytes escaped) {
  begin_string();
  string_part(text, escaped);
  end_string();
}

void Writer::end_string() {
  out_ += '"';
  comma_ = true;
}

void Writer::raw(Bytes json) {
  separate();
  out_ += json;
  comma_ = true;
}

void Writer::open(char bracket) {
  separate();
  out_ += bracket;
  ++depth_;
  comma_ = false;
}

void Writer::close(char bracket) {
  AIGW_CHECK(depth_ != 0);
  out_ += bracket;
  --depth_;
  comma_ = true;
}

void Writer::signed_number(int64_t value) {
  std::array<char, 24> digits;
  raw({digits.data(), std::to_chars(digits.data(), digits.end(), value).ptr});
}

void Writer::unsigned_number(uint64_t value) {
  std::array<char, 24> digits;
  raw({digits.data(), std::to_chars(digits.data(), digits.end(), value).ptr});
}

void Writer::finish() const { AIGW_CHECK(depth_ == 0 && comma_); }

}  // namespace aigw::json
