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

  // A KeyValue of opentelemetry-proto with a string or a number, without a message made apart.
  void text_pair(uint32_t field, Bytes key, Bytes value) {
    const size_t any = 1 + varint_size(value.size()) + value.size();
    head_of_pair(field, key, any);
    bytes(1, value);
  }
  void count_pair(uint32_t field, Bytes key, uint64_t value) {
    head_of_pair(field, key, 1 + varint_size(value));
    varint(3, value);
  }

  void raw_fixed64(uint64_t value) {
    for (int i = 0; i < 8; ++i) out_ += static_cast<char>(value >> 8 * i & 0xff);
  }

 private:
  static size_t varint_size(uint64_t value) {
    size_t size = 1;
    for (; value >= 0x80; value >>= 7) ++size;
    return size;
  }
  void head_of_pair(uint32_t field, Bytes key, size_t any_size) {
    const size_t size =
        1 + varint_size(key.size()) + key.size() + 1 + varint_size(any_size) + any_size;
    raw_varint(field << 3 | 2);
    raw_varint(size);
    bytes(1, key);
    raw_varint(2 << 3 | 2);
    raw_varint(any_size);
  }
  void raw_varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>((value & 0x7f) | 0x80);
    out_ += static_cast<char>(value);
  }

  std::string& out_;
};

}  // namespace aigw::observe
