// Content codings of bodies (RFC 9110 §8.4.1).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::wire {

enum class ContentCoding : uint8_t { identity, gzip, deflate, br, zstd };
inline constexpr size_t kContentCodings = 5;

// The coding that a Content-Encoding header names, compared without case; "x-gzip" is gzip, "" is
// identity. Nothing for other codings and for a list of several.
std::optional<ContentCoding> content_coding(Bytes header);

class Decoding;

// Decodes a body as it comes: what can be decoded is handed on before the next byte is read, so that
// a stream which is flushed event by event is not held up.
//
// gzip may have several members in a row, zstd several frames. The zlib format ("deflate") and gzip
// are told apart by their first bytes, whichever was named. zstd's window is bounded as RFC 9659 has
// it. A body that grows beyond limits::decoded_free and limits::decoded_ratio_max fails: a small
// body can stand for gigabytes.
class Decoder {
 public:
  // Not identity.
  explicit Decoder(ContentCoding coding);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  // Hands on what `in` decodes to, in pieces of at most 16 KiB that live for the call of the sink.
  // Fails with bad_upstream where the stream is corrupt; what was handed on before stands, and every
  // later call fails the same way.
  Result<void> feed(Bytes in, const std::function<void(Bytes)>& sink);

  // The body has ended: fails with bad_upstream where the stream is cut off. No byte at all is an
  // empty body.
  Result<void> finish();

 private:
  std::unique_ptr<Decoding> decoding_;
  const char* failed_ = nullptr;
  uint64_t taken_ = 0;
  uint64_t given_ = 0;
};

}  // namespace aigw::wire
