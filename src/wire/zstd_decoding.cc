#include <zstd.h>
#include <zstd_errors.h>

#include <array>
#include <new>

#include "base/check.h"
#include "base/limits.h"
#include "wire/decoding.h"

namespace aigw::wire {
namespace {

// RFC 8878: frames in a row, some of which may be skippable.
class ZstdDecoding final : public Decoding {
 public:
  ZstdDecoding() : context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    AIGW_CHECK(!ZSTD_isError(ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, limits::zstd_window_log_max)));
  }
  ~ZstdDecoding() override { ZSTD_freeDCtx(context_); }
  ZstdDecoding(const ZstdDecoding&) = delete;
  ZstdDecoding& operator=(const ZstdDecoding&) = delete;

  const char* feed(Bytes bytes, DecodedOutput& out) override {
    ZSTD_inBuffer in{bytes.data(), 0, 0};
    size_t written = 0;
    do {
      // A frame that is there as a whole, the library would decode at once, with other failures and whatever its
      // window: what a body is may not depend on how it comes, so that a frame's first byte comes alone.
      in.size = frame_begins_ ? in.pos + 1 : bytes.size();
      ZSTD_outBuffer to{piece_.data(), piece_.size(), 0};
      const size_t left = ZSTD_decompressStream(context_, &to, &in);
      if (ZSTD_isError(left)) return why(left);
      written = to.pos;
      if (!out.hand_on({piece_.data(), written})) return kTooMuch;
      complete_ = left == 0;
      frame_begins_ = complete_;
      // A frame that has ended holds nothing back.
    } while (in.pos < bytes.size() || (written == piece_.size() && !complete_));
    return nullptr;
  }
  bool complete() const override { return complete_; }

 private:
  static const char* why(size_t code) {
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    return ZSTD_getErrorName(code);
  }

  ZSTD_DCtx* context_;
  bool complete_ = false;
  bool frame_begins_ = true;  // the next byte is a frame's first
  std::array<char, kDecodedPieceMax> piece_;  // not initialised: only what the library writes is read
};

}  // namespace

std::unique_ptr<Decoding> make_zstd_decoding() { return std::make_unique<ZstdDecoding>(); }

}  // namespace aigw::wire
