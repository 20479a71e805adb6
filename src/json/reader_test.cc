#include "json/reader.h"

#include <gtest/gtest.h>

#include <string>

namespace aigw::json {
namespace {

class Reading : public testing::Test {
 protected:
  const Value& read(Bytes document) {
    root_ = Parser().parse(document, arena_).value();
    return root_;
  }

  // What reading `value` by `take` complains about.
  template <class Take>
  std::string complaint(Take&& take) {
    Reader reader(root_);
    take(reader);
    return reader.ok() ? "" : reader.result().error().message;
  }

  Arena arena_{1 << 20};
  Value root_;
};

TEST_F(Reading, TakesWhatIsThere) {
  const Value& root = read(R"({"s":"","n":0.70,"c":1e2,"t":true,"o":{"k":1},"a":[1,2],"z":null})");
  Reader reader(root);
  EXPECT_EQ(reader.optional_string(root["s"]), Bytes(""));
  EXPECT_EQ(reader.optional_string(root["z"]), std::nullopt);
  EXPECT_EQ(reader.number(root["n"]), "0.70");
  EXPECT_EQ(reader.count(root["c"]), 100u);
  EXPECT_EQ(reader.boolean(root["t"]), true);
  EXPECT_EQ(reader.object_text(root["o"]), R"({"k":1})");
  EXPECT_EQ(reader.elements(root["a"]).size(), 2u);
  EXPECT_EQ(reader.members(root["o"]).size(), 1u);
  EXPECT_EQ(reader.required_string(root, "s"), "");
  EXPECT_EQ(reader.required_elements(root, "a").size(), 2u);
  for (const char* name : {"z", "absent"}) {
    EXPECT_EQ(reader.string(root[name]), "");
    EXPECT_EQ(reader.number(root[name]), "");
    EXPECT_EQ(reader.count(root[name]), std::nullopt);
    EXPECT_EQ(reader.boolean(root[name]), std::nullopt);
    EXPECT_EQ(reader.object_text(root[name]), "");
    EXPECT_TRUE(reader.elements(root[name]).empty());
    EXPECT_TRUE(reader.members(root[name]).empty());
  }
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.result());
}

TEST_F(Reading, SaysWhereAndWhat) {
  const Value& root = read(R"({"m":[{"x":1.5,"y":"t"}]})");
  const Value& m = root["m"].elements()[0];
  EXPECT_EQ(complaint([&](Reader& r) { r.string(m["x"]); }), "m[0].x: must be a string");
  EXPECT_EQ(complaint([&](Reader& r) { r.number(m["y"]); }), "m[0].y: must be a number");
  EXPECT_EQ(complaint([&](Reader& r) { r.count(m["x"]); }), "m[0].x: must be a whole number");
  EXPECT_EQ(complaint([&](Reader& r) { r.boolean(m["x"]); }), "m[0].x: must be true or false");
  EXPECT_EQ(complaint([&](Reader& r) { r.object_text(m["x"]); }), "m[0].x: must be an object");
  EXPECT_EQ(complaint([&](Reader& r) { r.members(root["m"]); }), "m: must be an object");
  EXPECT_EQ(complaint([&](Reader& r) { r.elements(m); }), "m[0]: must be an array");
  EXPECT_EQ(complaint([&](Reader& r) { r.required_string(m, "z"); }), "m[0].z: required");
  EXPECT_EQ(complaint([&](Reader& r) { r.required_elements(root, "z"); }), "z: required");
  EXPECT_EQ(complaint([&](Reader& r) { r.fail(root, "is odd"); }), "is odd");
}

TEST_F(Reading, TheFirstFailureStays) {
  const Value& root = read(R"({"a":1,"b":2})");
  Reader reader(root, FailureKind::bad_upstream);
  reader.string(root["b"]);
  reader.string(root["a"]);
  reader.missing(root, "c");
  EXPECT_EQ(reader.result().error().message, "b: must be a string");
  EXPECT_EQ(reader.result().error().kind, FailureKind::bad_upstream);
}

}  // namespace
}  // namespace aigw::json
