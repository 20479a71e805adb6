#include <gtest/gtest.h>

#include "policy/edit/rule.h"

namespace aigw::policy::edit {
namespace {

Rule rule(Bytes path, Bytes value) {
  Result<std::vector<Step>> steps = parse_path(path);
  EXPECT_TRUE(steps) << path;
  Rule made{steps ? *steps : std::vector<Step>{}, {}};
  if (value.empty()) return made;
  Result<std::string> json = parse_value(value);
  EXPECT_TRUE(json) << value;
  made.value = json ? *json : "";
  return made;
}

// The body after one rule; "failed" where it did not fit.
std::string set(std::string body, Bytes path, Bytes value) {
  const std::string before = body;
  if (apply({rule(path, value)}, body) == 0) return body;
  EXPECT_EQ(body, before);
  return "failed";
}
std::string removed(std::string body, Bytes path) { return set(std::move(body), path, ""); }

TEST(BodyEdit, SetsAMemberAndKeepsTheOthersBytes) {
  EXPECT_EQ(set(R"({ "a" : 1.0 , "b":"x" })", "a", "2"), R"({ "a" : 2 , "b":"x" })");
  EXPECT_EQ(set(R"({"a":{"deep":[1]},"b":2})", "a", "text"), R"({"a":"text","b":2})");
  EXPECT_EQ(set(R"({ "b":2 })", "a", "[1]"), R"({ "b":2,"a":[1] })");
  EXPECT_EQ(set("{ }", "a", "true"), R"({ "a":true})");
  EXPECT_EQ(set(R"({"\u0061":1})", "a", "2"), R"({"\u0061":2})");
  EXPECT_EQ(set(R"({"a":1,"a":2})", "a", "3"), R"({"a":3,"a":3})");
  EXPECT_EQ(set(R"({"b":"}\"{"})", "a", "1"), R"({"b":"}\"{","a":1})");
}

TEST(BodyEdit, SetsBelow) {
  EXPECT_EQ(set(R"({"m":{"x":1}})", "m.y", "2"), R"({"m":{"x":1,"y":2}})");
  EXPECT_EQ(set(R"({})", "m.y.z", "2"), R"({"m":{"y":{"z":2}}})");
  EXPECT_EQ(set(R"({"m":null})", "m.y", "2"), R"({"m":{"y":2}})");
  EXPECT_EQ(set(R"({"a.b":1})", "a\\.b", "2"), R"({"a.b":2})");
  EXPECT_EQ(set(R"({"l":[1,2]})", "l.1", "5"), R"({"l":[1,5]})");
  EXPECT_EQ(set(R"({"l":[1,2]})", "l.2", "5"), R"({"l":[1,2,5]})");
  EXPECT_EQ(set(R"({"l":[]})", "l.-1", "5"), R"({"l":[5]})");
  EXPECT_EQ(set(R"({})", "l.-1", "5"), R"({"l":[5]})");
  EXPECT_EQ(set(R"({"l":[{"a":1}]})", "l.0.a", "5"), R"({"l":[{"a":5}]})");
  EXPECT_EQ(set(R"({"o":{"0":1}})", "o.0", "5"), R"({"o":{"0":5}})");
  EXPECT_EQ(set(R"({})", "o.:0", "5"), R"({"o":{"0":5}})");
}

TEST(BodyEdit, WhatDoesNotFitIsLeft) {
  EXPECT_EQ(set(R"({"a":"text"})", "a.b", "1"), "failed");
  EXPECT_EQ(set(R"({"l":[1]})", "l.5", "1"), "failed");
  EXPECT_EQ(set(R"({"l":[1]})", "l.name", "1"), "failed");
  EXPECT_EQ(set("[1]", "name", "1"), "failed");
  EXPECT_EQ(set("", "name", "1"), "failed");
  EXPECT_EQ(set(R"({"a":)", "a", "1"), "failed");
}

TEST(BodyEdit, EachRuleStandsAlone) {
  std::string body = R"({"a":1,"b":"x"})";
  EXPECT_EQ(apply({rule("a", ""), rule("b.c", "1"), rule("d", "2")}, body), 1u);
  EXPECT_EQ(body, R"({"b":"x","d":2})");
}

TEST(BodyEdit, RemovesWithTheRightComma) {
  EXPECT_EQ(removed(R"({"a":1,"b":2,"c":3})", "a"), R"({"b":2,"c":3})");
  EXPECT_EQ(removed(R"({"a":1,"b":2,"c":3})", "b"), R"({"a":1,"c":3})");
  EXPECT_EQ(removed(R"({"a":1, "b":2 , "c":3 })", "c"), R"({"a":1, "b":2 })");
  EXPECT_EQ(removed(R"({"a":1})", "a"), "{}");
  EXPECT_EQ(removed(R"({"a":1,"b":2,"a":3})", "a"), R"({"b":2})");
  EXPECT_EQ(removed(R"({"a":1,"a":2,"b":3})", "a"), R"({"b":3})");
  EXPECT_EQ(removed(R"({"b":1,"a":1,"a":2})", "a"), R"({"b":1})");
  EXPECT_EQ(removed(R"({"a":1,"a":2})", "a"), "{}");
  EXPECT_EQ(removed(R"({"b":1})", "a"), R"({"b":1})");
  EXPECT_EQ(removed(R"({"m":{"a":1,"b":2}})", "m.a"), R"({"m":{"b":2}})");
  EXPECT_EQ(removed(R"({"l":[1,2,3]})", "l.1"), R"({"l":[1,3]})");
  EXPECT_EQ(removed(R"({"l":[1,2,3]})", "l.-1"), R"({"l":[1,2]})");
  EXPECT_EQ(removed(R"({"b":"x"})", "b.c"), R"({"b":"x"})");
}

TEST(BodyEdit, ValuesAreJsonOrText) {
  for (Bytes json : {"1", "-1.5e3", "true", "false", "null", "\"x\"", "{}", "[1, 2]", " {\"a\": 1} "}) {
    const Result<std::string> value = parse_value(json);
    ASSERT_TRUE(value) << json;
    EXPECT_NE(value->front(), ' ');
  }
  EXPECT_EQ(*parse_value("text"), R"("text")");
  EXPECT_EQ(*parse_value(" a\"b "), R"(" a\"b ")");
  EXPECT_EQ(*parse_value(""), R"("")");
  EXPECT_EQ(*parse_value("gpt-4"), R"("gpt-4")");
  for (Bytes broken : {"{a}", "[1,]", "\"a\"b\"", "1-2", "+5", "01", "2024-01-31", "{\"a\":1}}", "\"\\q\""}) {
    EXPECT_FALSE(parse_value(broken)) << broken;
  }
}

TEST(BodyEdit, PathsThatAreNoneAreRefused) {
  for (Bytes path : {"", ".", "a.", ".a", "a..b", "a.*", "a?", "l.#", "a|b", "@this", "a\\", ":"}) {
    EXPECT_FALSE(parse_path(path)) << path;
  }
  EXPECT_TRUE(parse_path("a\\*b"));
}

}  // namespace
}  // namespace aigw::policy::edit
