#include "host/aws/sigv4.h"

#include <gtest/gtest.h>

#include <vector>

namespace aigw::host::aws {
namespace {

// The expected signatures here are those of botocore 1.44 for the same requests.

constexpr Bytes kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr Bytes kHost = "bedrock-runtime.us-east-1.amazonaws.com";

RequestToSign converse() {
  return {"POST",
          kHost,
          "/model/anthropic.claude-3-5-haiku-20241022-v1:0/converse",
          crypto::sha256("{\"messages\":[]}"),
          {}};
}

constexpr Bytes kConverseSignature =
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251231/us-east-1/bedrock/aws4_request, "
    "SignedHeaders=host;x-amz-date, "
    "Signature=f1902ed91b1c180fe0538244868caeb50ee7674c29a06ae039917d41d3e2ab75";

Credentials credentials(std::string id, Bytes secret, Bytes token = {}) {
  return {std::move(id), Secret(secret), Secret(token)};
}

TEST(SigV4Test, Converse) {
  SigningKey key;
  Signature out = sign(credentials("AKIDEXAMPLE", kSecret), "us-east-1", converse(), 1767225599, key);
  EXPECT_EQ(out.date, "20251231T235959Z");
  EXPECT_EQ(out.authorization, kConverseSignature);
}

TEST(SigV4Test, SessionTokenAndArn) {
  RequestToSign request = converse();
  request.path =
      "/model/arn:aws:bedrock:us-east-1:123456789012:inference-profile%2Fus.x/converse-stream";
  SigningKey key;
  Signature out =
      sign(credentials("ASIAEXAMPLE", kSecret, "IQoJb3JpZ2lu=="), "us-east-1", request, 1772323199, key);
  EXPECT_EQ(out.date, "20260228T235959Z");
  EXPECT_EQ(out.authorization,
            "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20260228/us-east-1/bedrock/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-amz-security-token, "
            "Signature=9ca02d9217edbfbf897329034992419cee38da8f5d76d62b1eeb68e4b88561c2");
}

TEST(SigV4Test, PathQueryAndHeadersAreMadeCanonical) {
  const std::vector<http::HeaderView> headers = {{"x-z", "1"}, {"content-type", "  a   b "}};
  SigningKey key;
  Signature out =
      sign(credentials("AKIDEXAMPLE", kSecret), "eu-west-1",
           {"GET", "localhost:8443", "/a/./b/..//c/?b=2&a&b=1", crypto::sha256(""), headers},
           951782400, key);
  EXPECT_EQ(out.date, "20000229T000000Z");
  EXPECT_EQ(out.authorization,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20000229/eu-west-1/bedrock/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date;x-z, "
            "Signature=6000738b90a3f36a40c04fcd08bedfcaedf018b44c0dde1f3436d982749e2147");
}

// A key that was derived for anything else gives the same signature as none.
TEST(SigV4Test, SigningKeyIsDerivedAnewWhenItDoesNotFit) {
  SigningKey key;
  const auto sign_other = [&](Bytes secret, Bytes region, int64_t seconds) {
    (void)sign(credentials("AKIDEXAMPLE", secret), region, converse(), seconds, key);
    return sign(credentials("AKIDEXAMPLE", kSecret), "us-east-1", converse(), 1767225599, key)
        .authorization;
  };
  EXPECT_EQ(sign_other(kSecret, "us-east-1", 1767225599), kConverseSignature);
  EXPECT_EQ(sign_other("another", "us-east-1", 1767225599), kConverseSignature);
  EXPECT_EQ(sign_other(kSecret, "eu-west-1", 1767225599), kConverseSignature);
  EXPECT_EQ(sign_other(kSecret, "us-east-1", 1767225600), kConverseSignature);
}

TEST(SigV4Test, SigningKeyIsKeptForTheDay) {
  SigningKey key;
  (void)sign(credentials("AKIDEXAMPLE", kSecret), "us-east-1", converse(), 1767225599, key);
  // The key itself is what is read: one that is wrong shows in the signature.
  key.key[0] ^= 1;
  EXPECT_NE(
      sign(credentials("AKIDEXAMPLE", kSecret), "us-east-1", converse(), 1767225599, key).authorization,
      kConverseSignature);
}

}  // namespace
}  // namespace aigw::host::aws
