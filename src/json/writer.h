// Writes compact JSON: no spaces, members in the order of the calls, no HTML escaping. The same
// calls give the same bytes. The state is a flag and a depth, so nesting costs nothing.
//
// Pairing begin with end and giving every member a key is the caller's work; a document that is not
// closed is a broken invariant, found by finish().
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "base/bytes.h"

namespace aigw::json {

class Writer {
 public:
  // Appends to `out`, which outlives the writer and which nobody else changes meanwhile.
  explicit Writer(std::string& out) : out_(out) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  // `name` is plain text; it is escaped as a string is.
  void key(Bytes name);

  // Plain text. Bytes that are not UTF-8 become U+FFFD.
  void string(Bytes text);

  // The same where the caller may know `text` escaped already, as json::Value::escaped_text() gives
  // it; else `escaped` is empty.
  void string(Bytes text, Bytes escaped);

  // A string in parts, such as the head and the data of a data: URL. A character never spans parts.
  void begin_string();
  void string_part(Bytes text);
  void string_part(Bytes text, Bytes escaped);
  void end_string();

  // One JSON value as it is: the caller vouches for its being valid.
  void raw(Bytes json);

  void boolean(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }

  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  void number(T value) {
    if constexpr (std::is_signed_v<T>) {
      signed_number(static_cast<int64_t>(value));
    } else {
      unsigned_number(static_cast<uint64_t>(value));
    }
  }

  // key() and value in one.
  void member(Bytes name, Bytes text) { key(name), string(text); }
  void member_raw(Bytes name, Bytes json) { key(name), raw(json); }
  void member_boolean(Bytes name, bool value) { key(name), boolean(value); }
  void member_null(Bytes name) { key(name), null(); }
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  void member_number(Bytes name, T value) {
    key(name);
    number(value);
  }
  void member_object(Bytes name) { key(name), begin_object(); }
  void member_array(Bytes name) { key(name), begin_array(); }

  // As member() and member_raw(), but nothing at all where the value is empty.
  void member_unless_empty(Bytes name, Bytes text) {
    if (!text.empty()) member(name, text);
  }
  void member_raw_unless_empty(Bytes name, Bytes json) {
    if (!json.empty()) member_raw(name, json);
  }

  // One whole value has been written.
  void finish() const;

 private:
  void open(char bracket);
  void close(char bracket);
  void separate() {
    if (comma_) out_ += ',';
  }
  void signed_number(int64_t value);
  void unsigned_number(uint64_t value);

  std::string& out_;
  uint32_t depth_ = 0;
  bool comma_ = false;  // a value precedes on this level
};

}  // namespace aigw::json
