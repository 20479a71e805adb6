#include "host/azure/azure.h"

#include <gtest/gtest.h>

namespace aigw::host::azure {
namespace {

TEST(AzureTest, Path) {
  EXPECT_EQ(path("gpt-4o", "2024-12-01-preview", "/chat/completions"),
            "/openai/deployments/gpt-4o/chat/completions?api-version=2024-12-01-preview");
  EXPECT_EQ(path("my gpt/4?", "a&b=c+d#", "/embeddings"),
            "/openai/deployments/my%20gpt%2F4%3F/embeddings?api-version=a%26b%3Dc%2Bd%23");
}

TEST(AzureTest, ResponsesCameWithAVersion) {
  for (Bytes version : {"2025-03-01-preview", "2025-04-01-preview", "preview", "latest", ""}) {
    EXPECT_TRUE(serves_responses(version)) << version;
  }
  for (Bytes version : {"2024-10-21", "2025-01-01-preview", "2025-02-28"}) EXPECT_FALSE(serves_responses(version));
}

TEST(AzureTest, CredentialHeader) {
  EXPECT_EQ(credential_header(config::AuthKind::azure_api_key), (CredentialHeader{"api-key", ""}));
  EXPECT_EQ(credential_header(config::AuthKind::azure_token), kBearer);
  EXPECT_EQ(credential_header(config::AuthKind::api_key), kBearer);
}

}  // namespace
}  // namespace aigw::host::azure
