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

TEST(Table, AnUnknownPrefixKeyIsAnError) {
  EXPECT_FALSE(parse_prefixes("/", "gemini:/g"));
  EXPECT_TRUE(parse_prefixes("", ""));
}

}  // namespace
}  // namespace aigw::endpoint
