#include "mock/sample.h"

#include <gtest/gtest.h>

namespace aigw::mock {
namespace {

std::string made(const char* schema, std::string_view prompt = "", size_t turn = 0) {
  return sample(Json::parse(schema), prompt, turn).dump();
}

TEST(Sample, StringsAreNamesOutOfThePrompt) {
  const char* schema = R"({"type":"object","properties":{"city":{"type":"string"}}})";
  EXPECT_EQ(made(schema, "What is the weather in Paris and Tokyo?"), R"({"city":"Paris"})");
  EXPECT_EQ(made(schema, "What is the weather in Paris and Tokyo?", 1), R"({"city":"Tokyo"})");
  EXPECT_EQ(made(schema, "look up cats."), R"({"city":"cats"})");
  EXPECT_EQ(made(schema, ""), R"({"city":"example"})");
}

TEST(Sample, FitsTheUsualSchemas) {
  EXPECT_EQ(made(R"({"type":"integer"})", "add 3 and 45", 1), "45");
  EXPECT_EQ(made(R"({"type":"number"})", "none"), "1");
  EXPECT_EQ(made(R"({"type":["null","boolean"]})"), "true");
  EXPECT_EQ(made(R"({"enum":["c","f"]})"), R"("c")");
  EXPECT_EQ(made(R"({"type":"array","items":{"const":7}})"), "[7]");
  EXPECT_EQ(made(R"({"anyOf":[{"type":"null"},{"type":"string"}]})"), "null");
}

TEST(Sample, OnlyRequiredMembersWhereRequiredIsGiven) {
  EXPECT_EQ(made(R"({"type":"object","required":["a"],"properties":{"a":{"type":"null"},)"
                 R"("b":{"type":"null"}}})"),
            R"({"a":null})");
}

TEST(Sample, FollowsReferencesAndEndsWhereTheyGoInCircles) {
  EXPECT_EQ(made(R"({"$defs":{"T":{"type":"boolean"}},"type":"object",)"
                 R"("properties":{"t":{"$ref":"#/$defs/T"}}})"),
            R"({"t":true})");
  EXPECT_EQ(made(R"({"$defs":{"T":{"$ref":"#/$defs/T"}},"$ref":"#/$defs/T"})"), "null");
  EXPECT_EQ(made(R"({"$ref":"#/nowhere"})"), "null");
  EXPECT_EQ(made(R"({"$ref":"elsewhere"})"), "null");
}

}  // namespace
}  // namespace aigw::mock
