// What the decoders of the single content codings share.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::wire {

inline constexpr size_t kDecodedPieceMax = 16 << 10;

// Where decoded bytes go, as long as there are not too many of them.
class DecodedOutput {
 public:
  DecodedOutput(const std::function<void(Bytes)>& sink, uint64_t allowed)
      : sink_(sink), allowed_(allowed) {}

  // Hands on a piece that may be empty. False: it is one too many, and was not handed on.
  bool hand_on(Bytes piece) {
    if (piece.size() > allowed_) return false;
    allowed_ -= piece.size();
    taken_ += piece.size();
    if (!piece.empty()) sink_(piece);
    return true;
  }
  uint64_t taken() const { return taken_; }

 private:
  const std::function<void(Bytes)>& sink_;
  uint64_t allowed_;
  uint64_t taken_ = 0;
};

// Known by its address.
inline constexpr char kTooMuch[] = "it becomes too large";
inline constexpr const char* kBytesFollow = "bytes follow its end";
inline constexpr const char* kEndsEarly = "it ends early";

// The state of one coding. After a failure nobody calls it again.
class Decoding {
 public:
  virtual ~Decoding() = default;
  // `in` is not empty. What is wrong, in English, or null.
  virtual const char* feed(Bytes in, DecodedOutput& out) = 0;
  // Whether the body may end here. At least a byte has come.
  virtual bool complete() const = 0;
};

std::unique_ptr<Decoding> make_inflate_decoding();  // gzip and the zlib format
std::unique_ptr<Decoding> make_brotli_decoding();
std::unique_ptr<Decoding> make_zstd_decoding();

}  // namespace aigw::wire
