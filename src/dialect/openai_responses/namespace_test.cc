#include "dialect/openai_responses/namespace.h"

#include <gtest/gtest.h>

#include "json/cursor.h"

namespace aigw::dialect::openai_responses {
namespace {

TEST(Namespace, NamesComeApartAsTheyWerePutTogether) {
  Arena arena(1 << 16);
  json::Parser parser;
  const Result<json::Value> root = parser.parse(
      Bytes(R"({"tools":[{"type":"namespace","name":"crm"},{"type":"function","name":"crm__f"},)"
            R"({"type":"namespace","name":"mcp__a"},{"type":"namespace"},{"type":"namespace","name":"a\nb"}]})"),
      arena);
  ASSERT_TRUE(root);
  const std::string namespaces = request_namespaces(*root);
  EXPECT_EQ(namespaces, "crm\nmcp__a\n");
  for (const SpacedName& one :
       {SpacedName{"crm", "find"}, {"mcp__a", "b__c"}, {"", "find"}, {"", "crm__"}, {"", "cr"}}) {
    const SpacedName read = spaced_name(flat_name(one.space, one.name, arena), namespaces);
    EXPECT_EQ(read.space, one.space);
    EXPECT_EQ(read.name, one.name);
  }
  EXPECT_EQ(spaced_name("crm__find", "").name, "crm__find");
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
