// Writes protobuf's wire format, field by field. The numbers of fields are the caller's.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "base/bytes.h"

namespace aigw::observe {

class Protobuf {
 public:
  // Appends to `out`, which outlives this.
  explicit Protobuf(std::string& out) : out_(out) {}

  void varint(uint32_t field, uint64_t value) {
    raw_varint(field << 3);
    raw_varint(value);
  }
  void fixed64(uint32_t field, uint64_t value) {
    raw_varint(field << 3 | 1);
    raw_fixed64(value);
  }
  void number(uint32_t field, double value) {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    fixed64(field, bits);
  }
  void bytes(uint32_t field, Bytes value) {
    raw_varint(field << 3 | 2);
    raw_varint(value.size());
    out_ += value;
  }
  // `write(Protobuf&)` writes the message.
  template <class Write>
  void message(uint32_t field, Write&& write) {
    std::string inner;
    Protobuf nested(inner);
    write(nested);
    bytes(field, inner);
  }

  void raw_fixed64(uint64_t value) {
    for (int i = 0; i < 8; ++i) out_ += static_cast<char>(value >> 8 * i & 0xff);
  }

 private:
  void raw_varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>((value & 0x7f) | 0x80);
    out_ += static_cast<char>(value);
  }

  std::string& out_;
};

}  // namespace aigw::observe
