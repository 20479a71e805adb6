#include <brotli/decode.h>

#include <array>
#include <new>

#include "wire/decoding.h"

namespace aigw::wire {
namespace {

// RFC 7932. Its window is 16 MiB at most; the larger ones of the format's extension stay off.
class BrotliDecoding final : public Decoding {
 public:
  BrotliDecoding() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) throw std::bad_alloc();
  }
  ~BrotliDecoding() override { BrotliDecoderDestroyInstance(state_); }
  BrotliDecoding(const BrotliDecoding&) = delete;
  BrotliDecoding& operator=(const BrotliDecoding&) = delete;

  const char* feed(Bytes in, DecodedOutput& out) override {
    if (complete_) return kBytesFollow;
    const auto* next_in = reinterpret_cast<const uint8_t*>(in.data());
    size_t left_in = in.size();
    BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
      uint8_t* next_out = piece_.data();
      size_t left_out = piece_.size();
      result = BrotliDecoderDecompressStream(state_, &left_in, &next_in, &left_out, &next_out, nullptr);
      const size_t size = piece_.size() - left_out;
      if (!out.hand_on({reinterpret_cast<const char*>(piece_.data()), size})) return kTooMuch;
    }
    if (result == BROTLI_DECODER_RESULT_ERROR) return why();
    complete_ = result == BROTLI_DECODER_RESULT_SUCCESS;
    return left_in != 0 ? kBytesFollow : nullptr;
  }
  bool complete() const override { return complete_; }

 private:
  const char* why() const {
    const BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(state_);
    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES) {
      throw std::bad_alloc();
    }
    return "it is not br";  // which of the library's errors it is depends on how the body is cut
  }

  BrotliDecoderState* state_;
  bool complete_ = false;
  std::array<uint8_t, kDecodedPieceMax> piece_;  // not initialised: only what the library writes is read
};

}  // namespace

std::unique_ptr<Decoding> make_brotli_decoding() { return std::make_unique<BrotliDecoding>(); }

}  // namespace aigw::wire
