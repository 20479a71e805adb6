#include <brotli/decode.h>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include "drivers/core/carrier.h"
#include "wire/gzip.h"

namespace aigw::tests {
namespace {

constexpr int kGzipWindow = 15 + 16;

Bytef* bytes_of(const std::string& text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

std::string from_gzip(const std::string& bytes) {
  z_stream stream{};
  inflateInit2(&stream, kGzipWindow);
  stream.next_in = bytes_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK) {
    std::string piece(16384, '\0');
    stream.next_out = bytes_of(piece);
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, 0, piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END ? out : "(not gzip)";
}

const uint8_t* octets(const std::string& text) { return reinterpret_cast<const uint8_t*>(text.data()); }

std::string to_brotli(const std::string& text) {
  std::string out(BrotliEncoderMaxCompressedSize(text.size()) + 16, '\0');
  size_t size = out.size();
  BrotliEncoderCompress(BROTLI_DEFAULT_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, text.size(), octets(text),
                        &size, reinterpret_cast<uint8_t*>(out.data()));
  out.resize(size);
  return out;
}

// The drivers' bodies are small.
constexpr size_t kDecompressedMax = size_t{1} << 20;

std::string from_brotli(const std::string& bytes) {
  std::string out(kDecompressedMax, '\0');
  size_t size = out.size();
  const BrotliDecoderResult result =
      BrotliDecoderDecompress(bytes.size(), octets(bytes), &size, reinterpret_cast<uint8_t*>(out.data()));
  out.resize(size);
  return result == BROTLI_DECODER_RESULT_SUCCESS ? out : "(not br)";
}

std::string to_zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), ZSTD_CLEVEL_DEFAULT));
  return out;
}

std::string from_zstd(const std::string& bytes) {
  std::string out(kDecompressedMax, '\0');
  const size_t size = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size)) return "(not zstd)";
  out.resize(size);
  return out;
}

}  // namespace

std::string compress(const std::string& coding, const std::string& text) {
  if (coding == "gzip") return wire::gzip(text);
  if (coding == "br") return to_brotli(text);
  return coding == "zstd" ? to_zstd(text) : text;
}

std::string decompress(const std::string& coding, const std::string& bytes) {
  if (coding == "gzip") return from_gzip(bytes);
  if (coding == "br") return from_brotli(bytes);
  return coding == "zstd" ? from_zstd(bytes) : bytes;
}

}  // namespace aigw::tests
