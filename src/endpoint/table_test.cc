#include "endpoint/table.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(table.dialect_of_unknown("/anthropic"), Dialect::anthropic);
}

TEST(Table, EveryKindHasItsName) {
  EXPECT_EQ(name_of(EndpointKind::rerank), "/v2/rerank");
  EXPECT_EQ(name_of(EndpointKind::models), "/v1/models");
}

TEST(Table, AnUnknownPrefixKeyIsAnError) {
  EXPECT_FALSE(parse_prefixes("/", "gemini:/g"));
  EXPECT_TRUE(parse_prefixes("", ""));
}

}  // namespace
}  // namespace aigw::endpoint
