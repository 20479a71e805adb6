#include "policy/client_headers.h"

#include <gtest/gtest.h>

namespace aigw::policy {
namespace {

TEST(ClientHeaders, InternalOnesAreKnown) {
  EXPECT_TRUE(is_internal_header("x-ai-eg-model"));
  EXPECT_TRUE(is_internal_header("x-ai-eg-anything"));
  EXPECT_TRUE(is_internal_header("x-envoy-original-path"));
  EXPECT_TRUE(is_internal_header("x-gateway-destination-endpoint"));
  EXPECT_FALSE(is_internal_header("x-request-id"));
  EXPECT_FALSE(is_internal_header("x-envoy-attempt-count"));
}

TEST(ClientHeaders, CredentialsAreKnown) {
  for (const char* name : {"authorization", "x-api-key", "api-key", "x-goog-api-key", "x-amz-date",
                           "x-amz-security-token", "x-aigw-api-key", "proxy-authorization"}) {
    EXPECT_TRUE(is_credential_header(name)) << name;
  }
  EXPECT_FALSE(is_credential_header("accept"));
  EXPECT_FALSE(is_credential_header("x-request-id"));
  EXPECT_FALSE(is_credential_header(""));
}

}  // namespace
}  // namespace aigw::policy
