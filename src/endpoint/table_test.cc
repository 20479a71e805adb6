#include "endpoint/table.h"

#include <gtest/gtest.h>

#include "endpoint/cells.h"

namespace aigw::endpoint {
namespace {

TEST(Table, FindsEndpointsByTheirExactPath) {
  Table table({});
  ASSERT_NE(table.find("/v1/chat/completions"), nullptr);
  EXPECT_EQ(table.find("/v1/chat/completions")->kind, EndpointKind::chat_completions);
  EXPECT_EQ(table.find("/v1/models")->method, "GET");
  EXPECT_EQ(table.find("/v1/chat/completions/"), nullptr);
  EXPECT_EQ(table.find("/chat/completions"), nullptr);
}

TEST(Table, PrefixesGoBefore) {
  Result<Prefixes> prefixes = parse_prefixes("/ai/", "openai:/openai,anthropic:/claude");
  ASSERT_TRUE(prefixes);
  Table table(*prefixes);
  EXPECT_NE(table.find("/ai/openai/v1/chat/completions"), nullptr);
  EXPECT_EQ(table.find("/v1/chat/completions"), nullptr);
  EXPECT_EQ(table.dialect_of_unknown("/ai/claude/v1/x"), Dialect::anthropic);
  EXPECT_EQ(table.dialect_of_unknown("/ai/claudette"), Dialect::openai);
}

TEST(Table, EachVendorHasItsPrefix) {
  const Table table({});
  EXPECT_EQ(table.find("/v1/embeddings")->kind, EndpointKind::embeddings);
  EXPECT_EQ(table.find("/tokenize")->kind, EndpointKind::tokenize);
  EXPECT_EQ(table.find("/cohere/v2/rerank")->kind, EndpointKind::rerank);
  EXPECT_EQ(table.find("/anthropic/v1/messages/count_tokens")->kind, EndpointKind::count_tokens);
  EXPECT_EQ(table.find("/v1/models")->dialect, Dialect::openai);
  EXPECT_EQ(table.find("/anthropic/v1/models")->dialect, Dialect::anthropic);
  EXPECT_EQ(table.find("/v2/rerank"), nullptr);
}

TEST(Table, AnUnknownPathHasTheDialectOfItsPrefix) {
  const Table table({});
  EXPECT_EQ(table.dialect_of_unknown("/cohere/v1/chat"), Dialect::cohere);
  EXPECT_EQ(table.dialect_of_unknown("/coherent"), Dialect::openai);
  EXPECT_EQ(table.dialect_of_unknown("/v1/models/m:embedContent"), Dialect::gemini);
  EXPECT_EQ(table.dialect_of_unknown("/v1/models/ft:gpt:org::1"), Dialect::openai);
  EXPECT_EQ(table.dialect_of_unknown("/anthropic"), Dialect::anthropic);
}

TEST(Table, EveryKindHasItsName) {
  EXPECT_EQ(name_of(EndpointKind::rerank), "/v2/rerank");
  EXPECT_EQ(name_of(EndpointKind::models), "/v1/models");
}

TEST(Table, GeminiHasTheModelInThePath) {
  Result<Prefixes> prefixes = parse_prefixes("", "gemini:/g");
  ASSERT_TRUE(prefixes);
  const Table own(*prefixes);
  const Table table({});
  const auto read = [](const Table& in, Bytes path) {
    PathParts parts;
    const Endpoint* found = in.find(path, &parts);
    if (found == nullptr) return std::string("none");
    EXPECT_EQ(found->kind, EndpointKind::generate_content);
    return std::string(parts.model) + (parts.stream ? " stream" : "");
  };
  EXPECT_EQ(read(table, "/v1beta/models/gemini-2.5-pro:generateContent"), "gemini-2.5-pro");
  EXPECT_EQ(read(table, "/v1/models/a%2Fb:streamGenerateContent"), "a%2Fb stream");
  EXPECT_EQ(read(table, "/v1beta1/publishers/google/models/m:generateContent"), "m");
  EXPECT_EQ(read(table, "/v1/projects/p/locations/l/publishers/google/models/m:generateContent"),
            "m");
  EXPECT_EQ(read(own, "/g/v1beta/models/anthropic.claude-v1:0:generateContent"),
            "anthropic.claude-v1:0");
  EXPECT_EQ(read(own, "/v1beta/models/m:generateContent"), "none");
  for (Bytes path : {"/v1beta/models/m", "/v1beta/models/m:embedContent", "/v2/models/m:generateContent",
                     "/v1/projects/p/models/m:generateContent",
                     "/v1/projects//locations/l/publishers/google/models/m:generateContent",
                     "/v1/projects/p/locations/l/models/m:generateContent",
                     "/v1/publishers/x/models/m:generateContent", "/v1beta/m:generateContent"}) {
    EXPECT_EQ(read(table, path), "none") << path;
  }
  EXPECT_EQ(table.dialect_of_unknown("/v1beta/models/m:embedContent"), Dialect::gemini);
  EXPECT_EQ(table.dialect_of_unknown("/v1/models/m"), Dialect::openai);
}

TEST(Table, BedrockHasTheModelInThePath) {
  Result<Prefixes> prefixes = parse_prefixes("/base", "bedrock:/aws");
  ASSERT_TRUE(prefixes);
  const Table own(*prefixes);
  const Table table({});
  const auto read = [](const Table& in, Bytes path) {
    PathParts parts;
    const Endpoint* found = in.find(path, &parts);
    if (found == nullptr) return std::string("none");
    EXPECT_EQ(found->kind, EndpointKind::converse);
    return std::string(parts.model) + (parts.stream ? " stream" : "");
  };
  EXPECT_EQ(read(table, "/model/anthropic.claude-v1%3A0/converse"), "anthropic.claude-v1%3A0");
  EXPECT_EQ(read(table, "/model/arn:aws:bedrock:r:1:inference-profile/x/converse-stream"),
            "arn:aws:bedrock:r:1:inference-profile/x stream");
  EXPECT_EQ(read(own, "/base/aws/model/m/converse"), "m");
  EXPECT_EQ(read(own, "/model/m/converse"), "none");
  for (Bytes path : {"/model/m", "/model/m/invoke", "/model/m/converse/", "/models/m/converse", "/model/converse"}) {
    EXPECT_EQ(read(table, path), "none") << path;
  }
  EXPECT_EQ(table.dialect_of_unknown("/model/m/invoke"), Dialect::converse);
  EXPECT_EQ(table.dialect_of_unknown("/models"), Dialect::openai);
}

TEST(Table, AnAzureBeforeResponsesIsTranslated) {
  config::Backend backend;
  backend.schema = config::SchemaName::azure_openai;
  backend.version = "2024-10-21";
  EXPECT_EQ(lane_to(EndpointKind::responses, backend), Lane::hub);
  EXPECT_EQ(lane_to(EndpointKind::chat_completions, backend), Lane::splice);
  backend.version = "2025-04-01-preview";
  EXPECT_EQ(lane_to(EndpointKind::responses, backend), Lane::splice);
  EXPECT_EQ(lane_to(EndpointKind::input_tokens, backend), Lane::splice);
}

TEST(Table, AnUnknownPrefixKeyIsAnError) {
  EXPECT_FALSE(parse_prefixes("/", "mistral:/m"));
  EXPECT_TRUE(parse_prefixes("", ""));
}

}  // namespace
}  // namespace aigw::endpoint
