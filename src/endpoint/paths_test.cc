#include "endpoint/paths.h"

#include <gtest/gtest.h>

namespace aigw::endpoint {
namespace {

using config::SchemaName;

std::string path(EndpointKind kind, SchemaName schema, const char* prefix, const char* version) {
  config::Backend backend;
  backend.schema = schema;
  backend.prefix = prefix;
  backend.version = version;
  return *path_of(kind, backend, "a/b");
}

TEST(Paths, OpenAiHasThePrefixInThePlaceOfTheVersion) {
  EXPECT_EQ(path(EndpointKind::embeddings, SchemaName::openai, "v1", ""), "/v1/embeddings");
  EXPECT_EQ(path(EndpointKind::speech, SchemaName::openai, "", ""), "/audio/speech");
  EXPECT_EQ(path(EndpointKind::input_tokens, SchemaName::openai, "x/v2", ""),
            "/x/v2/responses/input_tokens");
}

TEST(Paths, TokenizeStandsBesideTheVersion) {
  EXPECT_EQ(path(EndpointKind::tokenize, SchemaName::openai, "v1", ""), "/tokenize");
  EXPECT_EQ(path(EndpointKind::tokenize, SchemaName::openai, "", ""), "/tokenize");
  EXPECT_EQ(path(EndpointKind::tokenize, SchemaName::openai, "x/v1", ""), "/x/tokenize");
  EXPECT_EQ(path(EndpointKind::tokenize, SchemaName::openai, "xv1", ""), "/xv1/tokenize");
}

TEST(Paths, AzureNamesTheDeploymentOrNothing) {
  EXPECT_EQ(path(EndpointKind::embeddings, SchemaName::azure_openai, "", "2025"),
            "/openai/deployments/a%2Fb/embeddings?api-version=2025");
  EXPECT_EQ(path(EndpointKind::input_tokens, SchemaName::azure_openai, "", "2025"),
            "/openai/responses/input_tokens?api-version=2025");
}

TEST(Paths, CohereHasItsVersionFirst) {
  EXPECT_EQ(path(EndpointKind::rerank, SchemaName::cohere, "", ""), "/v2/rerank");
  EXPECT_EQ(path(EndpointKind::rerank, SchemaName::cohere, "", "v1"), "/v1/rerank");
}

}  // namespace
}  // namespace aigw::endpoint
