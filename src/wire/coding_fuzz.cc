// Compressed bodies. The last byte decides: any bytes as a body in one of the codings, or the bytes as a text that is
// compressed, flushed here and there, and must be read back, whole and as it comes; then perhaps with a byte changed or
// its end missing. Without the second, checksums and tables of codes would stop nearly every input at the door.
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <string>
#include <vector>

#include "base/limits.h"
#include "fuzz/fuzz.h"
#include "wire/content_coding.h"

namespace {

using aigw::Bytes;
using aigw::fuzz::require;
using aigw::wire::ContentCoding;
namespace limits = aigw::limits;
namespace wire = aigw::wire;

constexpr std::array kCodings = {ContentCoding::gzip, ContentCoding::deflate, ContentCoding::br, ContentCoding::zstd};
constexpr Bytes kTooLarge = "the upstream's compressed body is corrupt: it becomes too large";

struct Outcome {
  std::string out;
  std::string error;  // empty for none
};

Outcome decode(ContentCoding coding, Bytes body, bool whole) {
  Outcome outcome;
  wire::Decoder decoder(coding);
  const auto sink = [&](Bytes piece) {
    require(!piece.empty() && piece.size() <= 16u << 10, "a decoded piece is empty or larger than 16 KiB");
    outcome.out += piece;
  };
  const auto feed = [&](Bytes piece) { return decoder.feed(piece, sink).has_value(); };
  const bool fed = whole ? feed(body) : (aigw::fuzz::in_pieces(body, feed), decoder.feed({}, sink).has_value());
  const aigw::Result<void> end = decoder.finish();
  require(fed || !end, "a failure did not stay");
  if (!end) outcome.error = end.error().message;
  require(outcome.out.size() <= limits::decoded_free + limits::decoded_ratio_max * body.size(),
          "a body became larger than the bound");
  return outcome;
}

// What the body decodes to, whole, after it has been compared with what it does in pieces.
Outcome decode_both(ContentCoding coding, Bytes body) {
  const Outcome whole = decode(coding, body, true);
  const Outcome cut = decode(coding, body, false);
  const size_t common = std::min(whole.out.size(), cut.out.size());
  require(Bytes(whole.out).substr(0, common) == Bytes(cut.out).substr(0, common),
          "decoded bytes depend on how the body is cut");
  // The bound counts what has come, so that a body in pieces may run into it sooner.
  if (cut.error == kTooLarge) return whole;
  require(whole.error == cut.error, "the failure depends on how the body is cut");
  require(!whole.error.empty() || whole.out.size() == cut.out.size(), "the length depends on how the body is cut");
  return whole;
}

// What was written so far of a body in one coding, flushed after each text.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual void write(Bytes text) = 0;
  virtual void end() = 0;
  std::string body;
};

class DeflateEncoder final : public Encoder {
 public:
  DeflateEncoder(ContentCoding coding, int level) {
    deflateInit2(&z_, level % 10, Z_DEFLATED, coding == ContentCoding::gzip ? 15 + 16 : 15, 8, Z_DEFAULT_STRATEGY);
  }
  ~DeflateEncoder() override { deflateEnd(&z_); }
  void write(Bytes text) override { run(text, Z_SYNC_FLUSH); }
  void end() override { run({}, Z_FINISH); }

 private:
  void run(Bytes text, int flush) {
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z_.avail_in = static_cast<uInt>(text.size());
    do {
      char piece[4096];
      z_.next_out = reinterpret_cast<Bytef*>(piece);
      z_.avail_out = sizeof(piece);
      deflate(&z_, flush);
      body.append(piece, sizeof(piece) - z_.avail_out);
    } while (z_.avail_out == 0);
  }
  z_stream z_{};
};

class BrotliEncoder final : public Encoder {
 public:
  explicit BrotliEncoder(int level) : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, static_cast<uint32_t>(level % 6));
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, static_cast<uint32_t>(10 + level % 8));
  }
  ~BrotliEncoder() override { BrotliEncoderDestroyInstance(state_); }
  void write(Bytes text) override { run(text, BROTLI_OPERATION_FLUSH); }
  void end() override { run({}, BROTLI_OPERATION_FINISH); }

 private:
  void run(Bytes text, BrotliEncoderOperation operation) {
    size_t left = text.size(), none = 0;
    const auto* next = reinterpret_cast<const uint8_t*>(text.data());
    do {
      BrotliEncoderCompressStream(state_, operation, &left, &next, &none, nullptr, nullptr);
      size_t size = 0;
      const uint8_t* piece = BrotliEncoderTakeOutput(state_, &size);
      body.append(reinterpret_cast<const char*>(piece), size);
    } while (left != 0 || BrotliEncoderHasMoreOutput(state_));
  }
  BrotliEncoderState* state_;
};

class ZstdEncoder final : public Encoder {
 public:
  explicit ZstdEncoder(int level) : context_(ZSTD_createCCtx()) {
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level % 5 - 2);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_windowLog, 10 + level % 8);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, level % 2);
  }
  ~ZstdEncoder() override { ZSTD_freeCCtx(context_); }
  void write(Bytes text) override { run(text, ZSTD_e_flush); }
  void end() override { run({}, ZSTD_e_end); }

 private:
  void run(Bytes text, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    size_t left = 0;
    do {
      char piece[4096];
      ZSTD_outBuffer out{piece, sizeof(piece), 0};
      left = ZSTD_compressStream2(context_, &out, &in, directive);
      body.append(piece, out.pos);
    } while (left != 0);
  }
  ZSTD_CCtx* context_;
};

std::unique_ptr<Encoder> make_encoder(ContentCoding coding, int level) {
  if (coding == ContentCoding::br) return std::make_unique<BrotliEncoder>(level);
  if (coding == ContentCoding::zstd) return std::make_unique<ZstdEncoder>(level);
  return std::make_unique<DeflateEncoder>(coding, level);
}

// Writes `text` in pieces, and reads what has been flushed so far after each.
std::string write_and_read(ContentCoding coding, int level, Bytes text) {
  const std::unique_ptr<Encoder> encoder = make_encoder(coding, level);
  wire::Decoder decoder(coding);
  std::string read;
  size_t fed = 0, written = 0;
  const auto catch_up = [&] {
    const Bytes fresh = Bytes(encoder->body).substr(fed);
    require(decoder.feed(fresh, [&](Bytes piece) { read += piece; }).has_value(), "what was written cannot be read");
    fed = encoder->body.size();
    require(read == text.substr(0, written), "what was flushed does not come out");
  };
  aigw::fuzz::Cuts cuts(text);
  while (written < text.size()) {
    const Bytes piece = text.substr(written, cuts.next() * 16);
    encoder->write(piece);
    written += piece.size();
    catch_up();
  }
  encoder->end();
  catch_up();
  require(decoder.finish().has_value(), "what was written does not end");
  return std::move(encoder->body);
}

void fuzz_written(ContentCoding coding, aigw::fuzz::Input& input) {
  const int level = input.byte();
  const size_t damage = input.below(4), place = input.byte() << 8 | input.byte();
  // Texts of more than a piece, out of a short input.
  std::string text;
  for (size_t times = 1 + input.byte(); times > 0 && text.size() < 17u << 10; --times) text += input.rest();
  std::string body = write_and_read(coding, level, text);
  const Outcome outcome = decode_both(coding, body);
  require(outcome.error.empty() && outcome.out == text, "what is read is not what was written");
  if (damage == 1) {
    decode_both(coding, Bytes(body).substr(0, place % body.size()));
  } else if (damage == 2) {
    body[place % body.size()] ^= static_cast<char>(1 + level % 255);
    decode_both(coding, body);
  } else if (damage == 3) {
    decode_both(coding, body + body);  // several members or frames, or bytes behind the end
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  aigw::fuzz::Input input(data, size);
  const bool written = input.byte() % 2 == 1;
  const ContentCoding coding = kCodings[input.below(kCodings.size())];
  if (written) {
    fuzz_written(coding, input);
  } else {
    decode_both(coding, input.rest());
  }
  return 0;
}
