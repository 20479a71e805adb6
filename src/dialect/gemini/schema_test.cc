#include "dialect/gemini/schema.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "dialect/gemini/test_support.h"

namespace aigw::dialect::gemini {
namespace {

// The Schema, then what was dropped; or the refusal.
std::string to_gemini(Bytes schema) {
  Room room;
  std::string out;
  const Result<void> result = append_gemini_schema(schema, room.arena, room.drops, out);
  if (!result) return result.error().message;
  return room.dropped().empty() ? out : out + " without " + room.dropped();
}

std::string to_json(Bytes schema) {
  Room room;
  std::string out;
  append_json_schema(room.parse(schema), out);
  return out;
}

constexpr Bytes kRefusal = "Gemini cannot take a JSON schema with ";

TEST(Schema, MembersInAlphabeticalOrder) {
  EXPECT_EQ(to_gemini(R"({"type":"object","required":["a"],"properties":{"b":{"type":"integer",
                          "minimum":1},"a":{"enum":["x"],"type":"string","maxLength":3}}})"),
            R"({"properties":{"b":{"minimum":1,"type":"integer"},)"
            R"("a":{"enum":["x"],"maxLength":3,"type":"string"}},"required":["a"],"type":"object"})");
}

TEST(Schema, UnknownMembersAreDropped) {
  EXPECT_EQ(to_gemini(R"({"$schema":"s","type":"object","additionalProperties":false,"$defs":{}})"),
            R"({"type":"object"} without a schema's $schema; a schema's additionalProperties)");
}

TEST(Schema, NullIsNullable) {
  EXPECT_EQ(to_gemini(R"({"type":["string","null"]})"), R"({"nullable":true,"type":"string"})");
  EXPECT_EQ(to_gemini(R"({"anyOf":[{"type":"string"},{"type":"null"}]})"),
            R"({"anyOf":[{"type":"string"}],"nullable":true})");
}

TEST(Schema, ReferencesAreResolved) {
  EXPECT_EQ(to_gemini(R"({"$defs":{"p":{"type":"string"},"q":{"$ref":"#/$defs/p"}},"type":"array",
                          "items":{"$ref":"#/$defs/q"}})"),
            R"({"items":{"type":"string"},"type":"array"})");
  EXPECT_EQ(to_gemini(R"({"allOf":[{"type":"string"}],"description":"d"})"), R"({"type":"string"})");
}

TEST(Schema, WhatCannotBeSaidIsRefused) {
  const auto refusal = [](Bytes what) { return std::string(kRefusal) + std::string(what); };
  EXPECT_EQ(to_gemini(R"({"$defs":{"a":{"items":{"$ref":"#/$defs/a"}}},"$ref":"#/$defs/a"})"),
            refusal("circular references"));
  EXPECT_EQ(to_gemini(R"({"$ref":"#/$defs/none"})"), refusal("a reference to nothing"));
  EXPECT_EQ(to_gemini(R"({"$ref":"https://x"})"), refusal("a reference to nothing"));
  EXPECT_EQ(to_gemini(R"({"allOf":[{},{}]})"), refusal("an allOf that has not one element"));
  EXPECT_EQ(to_gemini(R"({"type":["string","integer"]})"), refusal("several types"));
  EXPECT_EQ(to_gemini(R"({"type":["null"]})"), refusal("no type but null"));
  EXPECT_EQ(to_gemini(R"({"items":true})"), refusal("a schema that is no object"));
  EXPECT_EQ(to_gemini("7x"), refusal("a schema that is no object"));
}

TEST(Schema, DepthIsBounded) {
  const auto nested = [](size_t levels) {
    std::string deep;
    for (size_t i = 1; i < levels; ++i) deep += R"({"items":)";
    return deep + "{}" + std::string(levels - 1, '}');
  };
  const std::string deepest = nested(limits::gemini_schema_depth_max);
  EXPECT_EQ(to_gemini(deepest), deepest);
  EXPECT_EQ(to_gemini(nested(limits::gemini_schema_depth_max + 1)), std::string(kRefusal) + "more than 100 levels");
}

// Each definition holds the one before twice: small to write and huge to resolve.
TEST(Schema, WhatItGrowsToIsBounded) {
  std::string schema = R"({"$defs":{"d0":{"type":"string"})";
  for (int i = 1; i < 40; ++i) {
    const std::string before = R"({"$ref":"#/$defs/d)" + std::to_string(i - 1) + R"("})";
    schema += R"(,"d)" + std::to_string(i) + R"(":{"anyOf":[)" + before + "," + before + "]}";
  }
  schema += R"(},"$ref":"#/$defs/d39"})";
  EXPECT_EQ(to_gemini(schema), std::string(kRefusal) + "too much in it");
}

// What stands before a schema within the schema counts, to the byte.
TEST(Schema, MayBecomeSoLargeAndNoLarger) {
  const auto with = [](size_t description) {
    return to_gemini(R"({"description":")" + std::string(description, 'd') + R"(","items":{"type":"string"}})");
  };
  const size_t before = with(0).find(R"({"type":)");
  const std::string most = with(limits::schema_expanded_max - before);
  EXPECT_EQ(most.find(R"({"type":"string"})"), limits::schema_expanded_max) << most.substr(0, 80);
  EXPECT_EQ(with(limits::schema_expanded_max - before + 1), std::string(kRefusal) + "too much in it");
}

TEST(Schema, AsJsonSchema) {
  EXPECT_EQ(to_json(R"({"type":"OBJECT","propertyOrdering":["a"],"properties":{"a":{"type":"STRING",
                        "nullable":true,"max_length":"9"},"type":{"type":"ARRAY","minItems":"1",
                        "items":{"any_of":[{"type":"NUMBER"}],"nullable":true}}}})"),
            R"({"type":"object","properties":{"a":{"type":["string","null"],"maxLength":9},)"
            R"("type":{"type":"array","minItems":1,)"
            R"("items":{"anyOf":[{"type":"number"},{"type":"null"}]}}}})");
  EXPECT_EQ(to_json(R"({"type":"TYPE_UNSPECIFIED","example":1,"description":null})"), "{}");
}

}  // namespace
}  // namespace aigw::dialect::gemini
