#include "crypto/jwt.h"

#include <gtest/gtest.h>

namespace aigw::crypto {
namespace {

TEST(Jwt, TheAlphabetForUrls) {
  EXPECT_EQ(to_base64_url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(to_base64_url("a"), "YQ");
  EXPECT_EQ(to_base64_url(""), "");
}

// What is signed with a key is checked by tests/oracle/test_gcp_credentials.py with another implementation.
TEST(Jwt, WhatIsNoRsaKeyInPem) {
  constexpr Bytes kNoKey = "the private key is not an unencrypted RSA key in PEM";
  constexpr Bytes kElliptic =
      "-----BEGIN PRIVATE KEY-----\n"
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\n"
      "OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n"
      "1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n"
      "-----END PRIVATE KEY-----\n";
  for (Bytes key : {Bytes(), Bytes("s3cr3t"), Bytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
                    kElliptic}) {
    const Result<std::string> signature = sign_rs256(Secret(key), "message");
    ASSERT_FALSE(signature) << key;
    EXPECT_EQ(signature.error().message, kNoKey);
  }
}

}  // namespace
}  // namespace aigw::crypto
