#include "wire/content_coding.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

#include "base/limits.h"
#include "base/test_slices.h"
#include "wire/gzip.h"

namespace aigw::wire {
namespace {

constexpr int kGzip = 15 + 16;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

std::string deflated(Bytes plain, int window_bits, int level = Z_DEFAULT_COMPRESSION) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, plain.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - z.avail_out);
  deflateEnd(&z);
  return out;
}

// What `flush` is called for each piece of, and ends with.
std::string brotli(std::initializer_list<Bytes> flushed, bool end = true) {
  BrotliEncoderState* state = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
  std::string out;
  const auto run = [&](BrotliEncoderOperation operation, Bytes in) {
    size_t left_in = in.size();
    const auto* next_in = reinterpret_cast<const uint8_t*>(in.data());
    do {
      size_t left_out = 0;
      EXPECT_TRUE(BrotliEncoderCompressStream(state, operation, &left_in, &next_in, &left_out, nullptr, nullptr));
      size_t size = 0;
      const uint8_t* piece = BrotliEncoderTakeOutput(state, &size);
      out.append(reinterpret_cast<const char*>(piece), size);
    } while (left_in != 0 || BrotliEncoderHasMoreOutput(state));
  };
  for (Bytes piece : flushed) run(BROTLI_OPERATION_FLUSH, piece);
  if (end) run(BROTLI_OPERATION_FINISH, {});
  BrotliEncoderDestroyInstance(state);
  return out;
}

std::string zstd(std::initializer_list<Bytes> flushed, bool end = true, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  if (window_log != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out;
  const auto run = [&](ZSTD_EndDirective directive, Bytes piece) {
    ZSTD_inBuffer in{piece.data(), piece.size(), 0};
    size_t left = 0;
    do {
      char buffer[4096];
      ZSTD_outBuffer to{buffer, sizeof(buffer), 0};
      left = ZSTD_compressStream2(context, &to, &in, directive);
      EXPECT_FALSE(ZSTD_isError(left));
      out.append(buffer, to.pos);
    } while (left != 0);
  };
  for (Bytes piece : flushed) run(ZSTD_e_flush, piece);
  if (end) run(ZSTD_e_end, {});
  ZSTD_freeCCtx(context);
  return out;
}

struct Outcome {
  std::string out;
  std::string error;
  bool operator==(const Outcome&) const = default;
};

Outcome decode_sliced(ContentCoding coding, const Slicing& slicing) {
  Outcome outcome;
  Decoder decoder(coding);
  const auto sink = [&](Bytes piece) {
    EXPECT_LE(piece.size(), 16u << 10);
    EXPECT_FALSE(piece.empty());
    outcome.out += piece;
  };
  bool failed = false;
  slicing.for_each_piece([&](Bytes piece) { failed |= !decoder.feed(piece, sink); });
  if (auto result = decoder.finish(); !result) {
    EXPECT_EQ(result.error().kind, FailureKind::bad_upstream);
    outcome.error = result.error().message;
  }
  EXPECT_TRUE(!failed || !outcome.error.empty()) << "a failure stays";
  return outcome;
}

// What the stream decodes to, which must be the same for every slicing.
Outcome decode_all(ContentCoding coding, Bytes stream) {
  const Outcome expected = decode_sliced(coding, whole(stream));
  for_every_slicing(stream, [&](const Slicing& slicing) {
    const Outcome outcome = decode_sliced(coding, slicing);
    EXPECT_EQ(outcome.error, expected.error) << slicing.name();
    // How much comes out before a failure is the library's affair.
    if (expected.error.empty()) {
      EXPECT_EQ(outcome.out, expected.out) << slicing.name();
    }
  });
  return expected;
}

Outcome inflate_sliced(const Slicing& slicing) { return decode_sliced(ContentCoding::gzip, slicing); }
Outcome inflate_all(Bytes stream) { return decode_all(ContentCoding::gzip, stream); }

const std::string kText =
    R"({"id":"chatcmpl-1","choices":[{"message":{"content":"hello hello hello"}}]})";

TEST(Inflater, DecodesGzipAndZlib) {
  EXPECT_EQ(inflate_all(deflated(kText, kGzip)), (Outcome{kText, ""}));
  EXPECT_EQ(inflate_all(deflated(kText, kZlib)), (Outcome{kText, ""}));
  EXPECT_EQ(inflate_all(deflated("", kGzip)), (Outcome{"", ""}));
}

TEST(Gzip, IsDecodedToWhatItWas) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += std::to_string(i * 7919);
  EXPECT_EQ(inflate_all(gzip(text)), (Outcome{text, ""}));
  EXPECT_LT(gzip(text).size(), text.size());
  EXPECT_EQ(inflate_all(gzip("")), (Outcome{"", ""}));
}

TEST(Inflater, DecodesSeveralMembers) {
  const std::string stream =
      deflated("one ", kGzip) + deflated("", kGzip) + deflated("three", kGzip);
  EXPECT_EQ(inflate_all(stream), (Outcome{"one three", ""}));
}

TEST(Inflater, NoByteAtAllIsAnEmptyBody) { EXPECT_EQ(inflate_all(""), (Outcome{"", ""})); }

TEST(Inflater, ATruncatedStreamFails) {
  for (int window_bits : {kGzip, kZlib}) {
    const std::string stream = deflated(kText, window_bits);
    for (size_t size = 1; size < stream.size(); ++size) {
      const Outcome outcome = inflate_sliced(whole(Bytes(stream).substr(0, size)));
      EXPECT_EQ(outcome.error, "the upstream's compressed body is corrupt: it ends early") << size;
    }
  }
  const std::string two = deflated("one", kGzip) + deflated("two", kGzip);
  EXPECT_NE(inflate_sliced(whole(Bytes(two).substr(0, two.size() - 1))).error, "");
}

TEST(Inflater, CorruptStreamsFail) {
  EXPECT_NE(inflate_all("plain text").error, "");
  EXPECT_NE(inflate_all(deflated(kText, kRaw)).error, "");
  std::string checksum = deflated(kText, kGzip);
  checksum[checksum.size() - 6] ^= 1;
  EXPECT_EQ(inflate_all(checksum).error,
            "the upstream's compressed body is corrupt: incorrect data check");
  EXPECT_EQ(inflate_all(deflated(kText, kGzip) + "garbage").error,
            "the upstream's compressed body is corrupt: bytes follow its end");
  EXPECT_NE(inflate_all(deflated("a", kGzip) + "\x1f" + "x").error, "");
  EXPECT_EQ(inflate_all(deflated("a", kZlib) + deflated("b", kZlib)).error,
            "the upstream's compressed body is corrupt: bytes follow its end");
}

TEST(Inflater, HandsOnLargeOutputInPieces) {
  std::string plain;
  for (int i = 0; i < 40000; ++i) plain += std::to_string(i * 7919);
  EXPECT_GT(plain.size(), 150u << 10);
  const std::string zeros(1 << 20, '\0');
  for (const std::string& text :
       {plain, zeros, std::string(16 << 10, 'x'), std::string(32 << 10, 'y')}) {
    for (int level : {0, 1, 9}) {
      const std::string stream = deflated(text, kGzip, level);
      EXPECT_EQ(inflate_sliced(whole(stream)), (Outcome{text, ""}));
      EXPECT_EQ(inflate_sliced(Slicing(stream, {1, 2, stream.size() / 2})), (Outcome{text, ""}));
    }
  }
}

TEST(Inflater, WhatIsDecodableComesOutAtOnce) {
  // A provider that flushes after each event must not be held up.
  z_stream z{};
  ASSERT_EQ(deflateInit2(&z, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string stream(200, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(kText.data()));
  z.avail_in = static_cast<uInt>(kText.size());
  z.next_out = reinterpret_cast<Bytef*>(stream.data());
  z.avail_out = static_cast<uInt>(stream.size());
  ASSERT_EQ(deflate(&z, Z_SYNC_FLUSH), Z_OK);
  stream.resize(stream.size() - z.avail_out);
  deflateEnd(&z);
  Decoder decoder(ContentCoding::gzip);
  std::string out;
  EXPECT_TRUE(decoder.feed(stream, [&](Bytes piece) { out += piece; }));
  EXPECT_EQ(out, kText);
  EXPECT_FALSE(decoder.finish());
}

TEST(Brotli, Decodes) {
  const auto all = [](Bytes stream) { return decode_all(ContentCoding::br, stream); };
  EXPECT_EQ(all(brotli({kText})), (Outcome{kText, ""}));
  EXPECT_EQ(all(brotli({})), (Outcome{"", ""}));
  EXPECT_EQ(all(""), (Outcome{"", ""}));
  EXPECT_EQ(all(brotli({"one"}) + "x").error, "the upstream's compressed body is corrupt: bytes follow its end");
  EXPECT_NE(all("plain text").error, "");
  EXPECT_EQ(all(R"({"model":"m-1"})").error, "the upstream's compressed body is corrupt: it is not br");
  const std::string stream = brotli({kText, kText});
  for (size_t size = 1; size < stream.size(); ++size) {
    EXPECT_EQ(decode_sliced(ContentCoding::br, whole(Bytes(stream).substr(0, size))).error,
              "the upstream's compressed body is corrupt: it ends early");
  }
}

TEST(Zstd, Decodes) {
  const auto all = [](Bytes stream) { return decode_all(ContentCoding::zstd, stream); };
  EXPECT_EQ(all(zstd({kText})), (Outcome{kText, ""}));
  EXPECT_EQ(all(zstd({})), (Outcome{"", ""}));
  EXPECT_EQ(all(""), (Outcome{"", ""}));
  EXPECT_EQ(all(zstd({"one "}) + zstd({}) + zstd({"three"})), (Outcome{"one three", ""})) << "frames in a row";
  const std::string skippable("\x50\x2a\x4d\x18\x03\0\0\0abc", 11);
  EXPECT_EQ(all(skippable + zstd({"a"})), (Outcome{"a", ""}));
  EXPECT_NE(all("plain text").error, "");
  EXPECT_NE(all(zstd({"one"}) + "garbage").error, "");
  std::string checksum = zstd({kText});
  checksum.back() ^= 1;
  EXPECT_EQ(all(checksum).error, "the upstream's compressed body is corrupt: Restored data doesn't match checksum");
  const std::string stream = zstd({kText, kText});
  for (size_t size = 1; size < stream.size(); ++size) {
    EXPECT_EQ(decode_sliced(ContentCoding::zstd, whole(Bytes(stream).substr(0, size))).error,
              "the upstream's compressed body is corrupt: it ends early");
  }
}

TEST(Zstd, TakesTheWindowsOfTheWebOnly) {
  const std::string text(100, 'x');
  const std::string widest = zstd({text}, true, limits::zstd_window_log_max);
  EXPECT_EQ(decode_sliced(ContentCoding::zstd, whole(widest)), (Outcome{text, ""}));
  const std::string wider = zstd({text}, true, limits::zstd_window_log_max + 1);
  EXPECT_EQ(decode_sliced(ContentCoding::zstd, whole(wider)).error,
            "the upstream's compressed body is corrupt: Frame requires too much memory for decoding");
}

// A frame that says how long it becomes, and is there as a whole, is held to the same as one in pieces.
TEST(Zstd, HoldsAWholeFrameToItsWindow) {
  const std::string text(256, 'x');
  const auto stored = [&](int window_log) {
    return std::string("\x28\xb5\x2f\xfd\x40", 5) + static_cast<char>((window_log - 10) << 3) +
           std::string("\0\0\1\x08\0", 5) + text;
  };
  const auto all = [](Bytes stream) { return decode_all(ContentCoding::zstd, stream); };
  EXPECT_EQ(all(stored(23) + stored(23)), (Outcome{text + text, ""}));
  const Outcome too_much{"", "the upstream's compressed body is corrupt: Frame requires too much memory for decoding"};
  EXPECT_EQ(all(stored(24)), too_much);
  EXPECT_EQ(all(stored(23) + stored(24)).error, too_much.error);
}

TEST(Decoder, HandsOnLargeOutputInPieces) {
  std::string plain;
  for (int i = 0; i < 40000; ++i) plain += std::to_string(i * 7919);
  for (const std::string& text : {plain, std::string(1 << 20, '\0'), std::string(16 << 10, 'x')}) {
    EXPECT_EQ(decode_sliced(ContentCoding::br, whole(brotli({text}))), (Outcome{text, ""}));
    const std::string stream = zstd({text});
    EXPECT_EQ(decode_sliced(ContentCoding::zstd, Slicing(stream, {1, 2, stream.size() / 2})), (Outcome{text, ""}));
  }
}

TEST(Decoder, WhatIsDecodableComesOutAtOnce) {
  const auto flushed = [](ContentCoding coding, Bytes stream) {
    Decoder decoder(coding);
    std::string out;
    EXPECT_TRUE(decoder.feed(stream, [&](Bytes piece) { out += piece; }));
    EXPECT_FALSE(decoder.finish());
    return out;
  };
  EXPECT_EQ(flushed(ContentCoding::br, brotli({kText, "more"}, false)), kText + "more");
  EXPECT_EQ(flushed(ContentCoding::zstd, zstd({kText, "more"}, false)), kText + "more");
}

// A body that stands for much more than it is stops at the bound, and needs no more memory than a piece.
TEST(Decoder, ABombIsStopped) {
  const std::string zeros(limits::decoded_free + (32 << 20), '\0');
  const std::pair<ContentCoding, std::string> bombs[] = {{ContentCoding::gzip, deflated(zeros, kGzip, 9)},
                                                         {ContentCoding::br, brotli({zeros})},
                                                         {ContentCoding::zstd, zstd({zeros})}};
  for (const auto& [coding, bomb] : bombs) {
    Decoder decoder(coding);
    uint64_t size = 0;
    const auto count = [&](Bytes piece) { size += piece.size(); };
    const Result<void> fed = decoder.feed(bomb, count);
    ASSERT_FALSE(fed) << bomb.size();
    EXPECT_EQ(fed.error().message, "the upstream's compressed body is corrupt: it becomes too large");
    EXPECT_LE(size, limits::decoded_free + limits::decoded_ratio_max * bomb.size());
    EXPECT_GE(size, limits::decoded_free);
    EXPECT_FALSE(decoder.feed("x", count));
  }
}

// Zeros as one frame, behind a skippable one that makes both together `size` bytes.
std::string zeros_in(uint64_t size, uint64_t zeros) {
  const std::string frame = zstd({std::string(zeros, '\0')});
  const uint64_t skipped = size - frame.size() - 8;
  std::string body("\x50\x2a\x4d\x18", 4);
  for (int shift = 0; shift < 32; shift += 8) body += static_cast<char>(skipped >> shift);
  return body + std::string(skipped, 's') + frame;
}

TEST(Decoder, ABodyMayBecomeSoMuchAndNoMore) {
  constexpr uint64_t kSize = 20'000;
  constexpr uint64_t kMost = limits::decoded_free + limits::decoded_ratio_max * kSize;
  const auto decoded = [](const std::string& body) {
    Decoder decoder(ContentCoding::zstd);
    uint64_t size = 0;
    if (!decoder.feed(body, [&](Bytes piece) { size += piece.size(); }) || !decoder.finish()) size = 0;
    return size;
  };
  ASSERT_EQ(zeros_in(kSize, kMost + 1).size(), kSize);
  EXPECT_EQ(decoded(zeros_in(kSize, kMost)), kMost);
  EXPECT_EQ(decoded(zeros_in(kSize, kMost + 1)), 0u);
}

TEST(ContentCoding, ReadsTheHeader) {
  EXPECT_EQ(content_coding(""), ContentCoding::identity);
  EXPECT_EQ(content_coding("identity"), ContentCoding::identity);
  EXPECT_EQ(content_coding(" GZip\t"), ContentCoding::gzip);
  EXPECT_EQ(content_coding("x-gzip"), ContentCoding::gzip);
  EXPECT_EQ(content_coding("deflate"), ContentCoding::deflate);
  EXPECT_EQ(content_coding("BR"), ContentCoding::br);
  EXPECT_EQ(content_coding("zstd"), ContentCoding::zstd);
  for (Bytes header : {"compress", "gzip, gzip", "gzi", "gzipp", "b"}) {
    EXPECT_EQ(content_coding(header), std::nullopt) << header;
  }
}

}  // namespace
}  // namespace aigw::wire
