#include "fronts/module/proto_struct.h"

#include <cstdint>
#include <cstring>

namespace aigw::module {
namespace {

constexpr char kLengthDelimited = 2;
constexpr char kFixed64 = 1;

constexpr char tag(char number, char wire_type) { return static_cast<char>(number << 3 | wire_type); }

size_t varint_size(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

// The head of an entry whose Value takes `value_size` bytes, up to that Value.
void open_entry(std::string& out, Bytes key, size_t value_size) {
  const size_t size = 1 + varint_size(key.size()) + key.size() + 1 + varint_size(value_size) + value_size;
  out += tag(1, kLengthDelimited);
  append_varint(out, size);
  out += tag(1, kLengthDelimited);
  append_varint(out, key.size());
  out += key;
  out += tag(2, kLengthDelimited);
  append_varint(out, value_size);
}

}  // namespace

void append_number(std::string& out, Bytes key, double value) {
  open_entry(out, key, 1 + sizeof(value));
  out += tag(2, kFixed64);
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  for (size_t i = 0; i < sizeof(bits); ++i) out += static_cast<char>(bits >> (8 * i));
}

void append_text(std::string& out, Bytes key, Bytes value) {
  open_entry(out, key, 1 + varint_size(value.size()) + value.size());
  out += tag(3, kLengthDelimited);
  append_varint(out, value.size());
  out += value;
}

}  // namespace aigw::module
