#include "policy/redact.h"

#include <gtest/gtest.h>

#include <vector>

namespace aigw::policy {
namespace {

TEST(Redact, HeadersThatCarryCredentials) {
  for (Bytes name : {"authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie",
                     "set-cookie", "x-amz-security-token", "x-aigw-api-key", "x-aigw-anything",
                     "x-mine-access-key-id", "x-mine-secret-access-key", "x-mine-session-token",
                     "x-ai-eg-internal-req-id"}) {
    EXPECT_TRUE(is_secret_header(name)) << name;
  }
  for (Bytes name : {"content-type", ":path", "x-request-id", "x-amz-date", "anthropic-version", "x-ai-eg-model"}) {
    EXPECT_FALSE(is_secret_header(name)) << name;
  }
}

TEST(Redact, KeysInAPath) {
  EXPECT_EQ(redacted_path("/v1/models"), "/v1/models");
  EXPECT_EQ(redacted_path("/v1?a=b&key=s3cr3t&alt=sse"), "/v1?a=b&key=[REDACTED]&alt=sse");
  EXPECT_EQ(redacted_path("/v1?access_token=s3cr3t"), "/v1?access_token=[REDACTED]");
  EXPECT_EQ(redacted_path("/v1?key"), "/v1?key");
  EXPECT_EQ(redacted_path("/v1?&keys=1&"), "/v1?&keys=1&");
}

TEST(Redact, ALineOfHeaders) {
  const std::vector<http::HeaderView> headers{{":path", "/v1?key=s3cr3t"}, {"authorization", "Bearer s3cr3t"},
                                              {"x-set", "s3cr3t"}, {"accept", "*/*"}};
  const std::vector<Bytes> more{"x-set"};
  EXPECT_EQ(describe_headers(headers, more),
            ":path: /v1?key=[REDACTED], authorization: [REDACTED], x-set: [REDACTED], accept: */*");
}

}  // namespace
}  // namespace aigw::policy
