#include "wire/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "base/test_slices.h"

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

struct Outcome {
  std::string out;
  std::string error;
  bool operator==(const Outcome&) const = default;
};

Outcome inflate_sliced(const Slicing& slicing) {
  Outcome outcome;
  Inflater inflater;
  const auto sink = [&](Bytes piece) {
    EXPECT_LE(piece.size(), 16u << 10);
    EXPECT_FALSE(piece.empty());
    outcome.out += piece;
  };
  bool failed = false;
  slicing.for_each_piece([&](Bytes piece) { failed |= !inflater.feed(piece, sink); });
  if (auto result = inflater.finish(); !result) {
    EXPECT_EQ(result.error().kind, FailureKind::bad_upstream);
    outcome.error = result.error().message;
  }
  EXPECT_TRUE(!failed || !outcome.error.empty()) << "a failure stays";
  return outcome;
}

// What the stream decodes to, which must be the same for every slicing.
Outcome inflate_all(Bytes stream) {
  const Outcome expected = inflate_sliced(whole(stream));
  for_every_slicing(stream, [&](const Slicing& slicing) {
    const Outcome outcome = inflate_sliced(slicing);
    EXPECT_EQ(outcome.error, expected.error) << slicing.name();
    // How much comes out before a failure is zlib's affair.
    if (expected.error.empty()) {
      EXPECT_EQ(outcome.out, expected.out) << slicing.name();
    }
  });
  return expected;
}

const std::string kText =
    R"({"id":"chatcmpl-1","choices":[{"message":{"content":"hello hello hello"}}]})";

TEST(Inflater, DecodesGzipAndZlib) {
  EXPECT_EQ(inflate_all(deflated(kText, kGzip)), (Outcome{kText, ""}));
  EXPECT_EQ(inflate_all(deflated(kText, kZlib)), (Outcome{kText, ""}));
  EXPECT_EQ(inflate_all(deflated("", kGzip)), (Outcome{"", ""}));
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
  Inflater inflater;
  std::string out;
  EXPECT_TRUE(inflater.feed(stream, [&](Bytes piece) { out += piece; }));
  EXPECT_EQ(out, kText);
  EXPECT_FALSE(inflater.finish());
}

TEST(ContentCoding, ReadsTheHeader) {
  EXPECT_EQ(content_coding(""), ContentCoding::identity);
  EXPECT_EQ(content_coding("identity"), ContentCoding::identity);
  EXPECT_EQ(content_coding(" GZip\t"), ContentCoding::gzip);
  EXPECT_EQ(content_coding("x-gzip"), ContentCoding::gzip);
  EXPECT_EQ(content_coding("deflate"), ContentCoding::deflate);
  for (Bytes header : {"br", "zstd", "gzip, gzip", "gzi", "gzipp"}) {
    EXPECT_EQ(content_coding(header), std::nullopt) << header;
  }
}

}  // namespace
}  // namespace aigw::wire
