#include "crypto/sha256.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/hex.h"

namespace aigw::crypto {
namespace {

std::string hex_sha256(Bytes message) { return hex(as_bytes(sha256(message))); }

// The examples of FIPS 180-4 (NIST's "SHA-256 examples") and the empty message.
TEST(Sha256Test, KnownDigests) {
  EXPECT_EQ(hex_sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex_sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, SlicesDoNotMatter) {
  std::string message;
  for (int i = 0; i < 200; ++i) message += static_cast<char>(i);
  const Digest whole = sha256(message);
  for (size_t cut = 0; cut <= message.size(); ++cut) {
    Sha256 hash;
    hash.update(Bytes(message).substr(0, cut));
    hash.update(Bytes(message).substr(cut));
    EXPECT_EQ(hash.finish(), whole) << cut;
  }
  std::vector<Bytes> slices;
  for (size_t i = 0; i < message.size(); ++i) slices.push_back(Bytes(message).substr(i, 1));
  EXPECT_EQ(sha256(Slices(slices)), whole);
}

TEST(Sha256Test, IsReusableAndCopyable) {
  Sha256 hash;
  hash.update("a");
  Sha256 copy = hash;
  hash.update("bc");
  copy.update("bc");
  EXPECT_EQ(hash.finish(), copy.finish());
  EXPECT_EQ(hash.finish(), sha256(""));
}

}  // namespace
}  // namespace aigw::crypto
