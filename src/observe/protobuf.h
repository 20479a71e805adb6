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

  void varint(uint32_t field, uint64_t value) { Head(field << 3).add(value).append_to(out_); }
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
    Head(field << 3 | 2).add(value.size()).append_to(out_);
    out_ += value;
  }
  // What bytes() takes in a field below 16, for `size` bytes.
  static size_t bytes_size(size_t size) { return 1 + varint_size(size) + size; }
  // The same without the bytes: the caller appends `size` of them.
  void begin(uint32_t field, size_t size) { Head(field << 3 | 2).add(size).append_to(out_); }
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
    pair(field, key, any, Head(1 << 3 | 2).add(value.size()));
    out_ += value;
  }
  void count_pair(uint32_t field, Bytes key, uint64_t value) {
    pair(field, key, 1 + varint_size(value), Head(3 << 3).add(value));
  }
  void number_pair(uint32_t field, Bytes key, double value) {
    pair(field, key, 1 + sizeof value, Head());
    number(4, value);
  }
  // The same with an array, whose elements `write(Protobuf&)` writes as fields 1.
  template <class Write>
  void array_pair(uint32_t field, Bytes key, Write&& write) {
    message(field, [&](Protobuf& pair) {
      pair.bytes(1, key);
      pair.message(2, [&](Protobuf& any) { any.message(5, write); });
    });
  }

  void raw_fixed64(uint64_t value) {
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> 8 * i & 0xff);
    out_.append(bytes, sizeof bytes);
  }

 private:
  static size_t varint_size(uint64_t value) {
    size_t size = 1;
    for (; value >= 0x80; value >>= 7) ++size;
    return size;
  }
  class Head;
  // A KeyValue up to where its value begins with `any`; that takes `any_size` bytes in all.
  void pair(uint32_t field, Bytes key, size_t any_size, const Head& any) {
    const size_t size =
        1 + varint_size(key.size()) + key.size() + 1 + varint_size(any_size) + any_size;
    Head head(field << 3 | 2);
    head.add(size).add(1 << 3 | 2).add(key.size());
    if (key.size() > Head::kKeyMax) {
      head.append_to(out_);
      out_ += key;
      head = Head();
    } else {
      head.add_bytes(key);
    }
    head.add(2 << 3 | 2).add(any_size).add_bytes(any.bytes());
    head.append_to(out_);
  }
  void raw_varint(uint64_t value) { Head(value).append_to(out_); }

  // Up to eight varints and a key, appended at once.
  class Head {
   public:
    static constexpr size_t kKeyMax = 128;

    Head() = default;
    explicit Head(uint64_t first) { add(first); }
    Head& add_bytes(Bytes bytes) {
      std::memcpy(bytes_ + size_, bytes.data(), bytes.size());
      size_ += bytes.size();
      return *this;
    }
    Bytes bytes() const { return {bytes_, size_}; }
    Head& add(uint64_t value) {
      for (; value >= 0x80; value >>= 7) bytes_[size_++] = static_cast<char>((value & 0x7f) | 0x80);
      bytes_[size_++] = static_cast<char>(value);
      return *this;
    }
    void append_to(std::string& out) const { out.append(bytes_, size_); }

   private:
    char bytes_[8 * 10 + kKeyMax];
    size_t size_ = 0;
  };

  std::string& out_;
};

}  // namespace aigw::observe
