#include <array>
#include <new>

#define ZLIB_CONST
#include <zlib.h>

#include "base/check.h"
#include "wire/decoding.h"

namespace aigw::wire {
namespace {

constexpr size_t kInputMax = size_t{1} << 30;  // zlib counts input in unsigned int

// 15 is the largest window; 32 more makes zlib tell gzip and its own format apart by their headers.
constexpr int kWindowBits = 15 + 32;

class InflateDecoding final : public Decoding {
 public:
  InflateDecoding() {
    const int status = inflateInit2(&z_, kWindowBits);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    AIGW_CHECK(status == Z_OK);
  }
  ~InflateDecoding() override { inflateEnd(&z_); }
  InflateDecoding(const InflateDecoding&) = delete;
  InflateDecoding& operator=(const InflateDecoding&) = delete;

  const char* feed(Bytes in, DecodedOutput& out) override {
    while (!in.empty()) {
      const Bytes part = in.substr(0, kInputMax);
      if (const char* wrong = feed_part(part, out)) return wrong;
      in.remove_prefix(part.size());
    }
    return nullptr;
  }
  bool complete() const override { return complete_; }

 private:
  const char* feed_part(Bytes in, DecodedOutput& out);
  const char* inflate_some(DecodedOutput& out);

  z_stream z_{};
  bool started_ = false;   // a byte has come
  bool complete_ = false;  // the last member has ended
  bool gzip_ = false;
  std::array<char, kDecodedPieceMax> piece_;  // not initialised: only what zlib writes is read
};

const char* InflateDecoding::feed_part(Bytes in, DecodedOutput& out) {
  if (!started_) gzip_ = in[0] == '\x1f';
  started_ = true;
  z_.next_in = reinterpret_cast<const Bytef*>(in.data());
  z_.avail_in = static_cast<uInt>(in.size());
  while (z_.avail_in != 0) {
    if (complete_) {
      // A gzip body is a series of members (RFC 1952 §2.2); the zlib format ends once.
      if (!gzip_ || *z_.next_in != 0x1f) return kBytesFollow;
      AIGW_CHECK(inflateReset(&z_) == Z_OK);
      complete_ = false;
    }
    if (const char* wrong = inflate_some(out)) return wrong;
  }
  return nullptr;
}

// Inflates until the input is used up and nothing is held back, or the member ends.
const char* InflateDecoding::inflate_some(DecodedOutput& out) {
  do {
    z_.next_out = reinterpret_cast<Bytef*>(piece_.data());
    z_.avail_out = kDecodedPieceMax;
    const int status = inflate(&z_, Z_NO_FLUSH);
    if (!out.hand_on({piece_.data(), kDecodedPieceMax - z_.avail_out})) return kTooMuch;
    if (status == Z_STREAM_END) {
      complete_ = true;
      return nullptr;
    }
    // Z_BUF_ERROR says that nothing could be done, which is how a full last piece turns out to be
    // the last.
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK && status != Z_BUF_ERROR) {
      return z_.msg != nullptr ? z_.msg : "it needs a dictionary";
    }
  } while (z_.avail_out == 0);
  return nullptr;
}

}  // namespace

std::unique_ptr<Decoding> make_inflate_decoding() { return std::make_unique<InflateDecoding>(); }

}  // namespace aigw::wire
