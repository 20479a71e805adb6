#include "host/anthropic/anthropic.h"

#include <gtest/gtest.h>

namespace aigw::host::anthropic {
namespace {

constexpr CredentialHeader kApiKey{"x-api-key", ""};

TEST(AnthropicTest, Path) {
  EXPECT_EQ(path("", "/messages"), "/v1/messages");
  EXPECT_EQ(path("v1", "/messages"), "/v1/messages");
  EXPECT_EQ(path("api/anthropic/v1", "/messages/count_tokens"),
            "/api/anthropic/v1/messages/count_tokens");
}

TEST(AnthropicTest, VersionForABackend) {
  EXPECT_EQ(version_for("", ""), kVersion2023);
  EXPECT_EQ(version_for("", kVersion2026), kVersion2026);
  EXPECT_EQ(version_for(kVersion2023, kVersion2026), kVersion2023);
  EXPECT_EQ(version_for(kVersion2026, kVersion2023), kVersion2026);
  EXPECT_EQ(version_for("", "not a date"), "not a date");
}

TEST(AnthropicTest, CredentialGoesWhereTheVersionTakesIt) {
  const auto header = [](Bytes version) {
    return credential_header(config::AuthKind::anthropic_api_key, version);
  };
  EXPECT_EQ(header(kVersion2023), kApiKey);
  EXPECT_EQ(header("2023-01-01"), kApiKey);
  EXPECT_EQ(header("2026-10-20"), kApiKey);
  EXPECT_EQ(header(kVersion2026), kBearer);
  EXPECT_EQ(header("2027-01-01"), kBearer);
  EXPECT_EQ(header("vertex-2023-10-16"), kApiKey);
  EXPECT_EQ(header("9999"), kApiKey);
  EXPECT_EQ(credential_header(config::AuthKind::api_key, kVersion2023), kBearer);
}

TEST(AnthropicTest, Sampling) {
  EXPECT_TRUE(takes_sampling(kVersion2023));
  EXPECT_TRUE(takes_sampling(""));
  EXPECT_FALSE(takes_sampling(kVersion2026));
}

}  // namespace
}  // namespace aigw::host::anthropic
