// Content codings of bodies (RFC 9110 §8.4.1).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::wire {

enum class ContentCoding : uint8_t { identity, gzip, deflate };

// The coding that a Content-Encoding header names, compared without case; "x-gzip" is gzip, "" is
// identity. Nothing for other codings and for a list of several.
std::optional<ContentCoding> content_coding(Bytes header);

// Decodes a body in gzip, also of several members in a row, or in the zlib format ("deflate"); it
// tells the two apart by their first bytes. How much may come out is for the caller's sink to
// bound.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  // Hands on what `in` decodes to, in pieces of at most 16 KiB that live for the call of the sink.
  // Fails with bad_upstream where the stream is corrupt; what was handed on before stands.
  Result<void> feed(Bytes in, const std::function<void(Bytes)>& sink);

  // The body has ended: fails with bad_upstream where the stream is cut off. No byte at all is an
  // empty body.
  Result<void> finish();

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace aigw::wire
