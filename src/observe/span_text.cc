#include "observe/span_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "json/text.h"

namespace aigw::observe {
namespace {

// The wire types of protobuf that Protobuf (protobuf.h) writes.
constexpr uint64_t kVarint = 0, kFixed64 = 1, kBytes = 2;

// Walks the fields of a message.
class Fields {
 public:
  explicit Fields(Bytes message) : rest_(message) {}

  // False at the end, and at what is no field.
  bool next() {
    uint64_t key = 0;
    if (rest_.empty() || !varint(key)) return false;
    number_ = key >> 3;
    bytes_ = {};
    switch (key & 7) {
      case kVarint:
        return varint(value_);
      case kFixed64:
        if (!take(sizeof value_)) return false;
        std::memcpy(&value_, bytes_.data(), sizeof value_);
        return true;
      case kBytes:
        return varint(value_) && take(value_);
      default:
        return false;
    }
  }
  uint64_t number() const { return number_; }
  uint64_t value() const { return value_; }  // of a number; of a double its bits
  Bytes bytes() const { return bytes_; }

 private:
  bool varint(uint64_t& into) {
    into = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      into |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool take(uint64_t size) {
    if (size > rest_.size()) return false;
    bytes_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  Bytes rest_;
  uint64_t number_ = 0;
  uint64_t value_ = 0;
  Bytes bytes_;
};

Bytes field(Bytes message, uint64_t number) {
  Fields fields(message);
  while (fields.next()) {
    if (fields.number() == number) return fields.bytes();
  }
  return {};
}

void append_double(uint64_t bits, std::string& out) {
  double number;
  std::memcpy(&number, &bits, sizeof number);
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_any(Bytes any, std::string& out);

void append_array(Bytes array, std::string& out) {
  out += '[';
  Fields elements(array);
  for (bool first = true; elements.next(); first = false) {
    if (!first) out += ',';
    append_any(elements.bytes(), out);
  }
  out += ']';
}

// An AnyValue, by the numbers of its kinds.
void append_any(Bytes any, std::string& out) {
  Fields fields(any);
  if (!fields.next()) {
    out += "null";
    return;
  }
  switch (fields.number()) {
    case 1:
      return json::append_quoted(out, fields.bytes());
    case 3:
      out += std::to_string(static_cast<int64_t>(fields.value()));
      return;
    case 4:
      return append_double(fields.value(), out);
    case 5:
      return append_array(fields.bytes(), out);
    default:
      out += "null";
  }
}

}  // namespace

std::string span_attributes_as_json(Bytes span) {
  constexpr uint64_t kAttributes = 9;  // of Span
  std::string out = "{";
  Fields fields(span);
  while (fields.next()) {
    if (fields.number() != kAttributes) continue;
    if (out.size() > 1) out += ',';
    json::append_quoted(out, field(fields.bytes(), 1));
    out += ':';
    append_any(field(fields.bytes(), 2), out);
  }
  return out += '}';
}

}  // namespace aigw::observe
