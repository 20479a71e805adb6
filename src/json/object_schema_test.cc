#include "json/object_schema.h"

#include <gtest/gtest.h>

namespace aigw::json {
namespace {

std::string made(Bytes schema) {
  std::string out = "<";
  const bool is_object = append_object_schema(out, schema);
  return is_object ? out.substr(1) : out + "no object";
}

TEST(ObjectSchema, ATypeIsLeftAlone) {
  EXPECT_EQ(made(R"({"type": "object"})"), R"({"type": "object"})");
  EXPECT_EQ(made(R"({"a":1,"ty\u0070e":["object","null"]})"),
            R"({"a":1,"ty\u0070e":["object","null"]})");
}

TEST(ObjectSchema, AMissingTypeIsAdded) {
  EXPECT_EQ(made(""), R"({"type":"object"})");
  EXPECT_EQ(made(" {\n} "), R"({"type":"object"} )");
  EXPECT_EQ(made(R"({ "properties":{"type":{"type":"string"}}})"),
            R"({"type":"object","properties":{"type":{"type":"string"}}})");
}

TEST(ObjectSchema, WhatIsNoObject) {
  for (Bytes schema : {"[]", "null", "true", "{", "{}{}", " "})
    EXPECT_EQ(made(schema), "<no object");
}

}  // namespace
}  // namespace aigw::json
