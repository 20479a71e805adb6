#include "json/cursor.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "base/test_slices.h"
#include "json/scanner.h"

namespace aigw::json {
namespace {

class Cursor : public testing::Test {
 protected:
  Value read(Bytes document) {
    Result<Value> result = parser_.parse(document, arena_);
    EXPECT_TRUE(result) << document << ": " << result.error().message;
    return result ? *result : Value();
  }

  std::string error(Bytes document) {
    const Result<Value> result = parser_.parse(document, arena_);
    return result ? "" : result.error().message;
  }

  Arena arena_{256u << 20};
  Parser parser_;
};

TEST_F(Cursor, KeepsOrderTextsAndRawJson) {
  const std::string document =
      R"({"b": "x\ty" , "a":{ "k" : [1, 2.50e+1 ,true] }, "n":null, "":"é"})";
  const Value root = read(" \n" + document + "\t");
  ASSERT_EQ(root.members().size(), 4u);
  EXPECT_EQ(root.members()[0].name(), "b");
  EXPECT_EQ(root["b"].text(), "x\ty");
  EXPECT_EQ(root["b"].raw(), R"("x\ty")");
  EXPECT_EQ(root["a"].raw(), R"({ "k" : [1, 2.50e+1 ,true] })");
  const Value& list = root["a"]["k"];
  ASSERT_EQ(list.elements().size(), 3u);
  EXPECT_EQ(list.elements()[1].raw(), "2.50e+1");
  EXPECT_EQ(list.elements()[1].kind(), Kind::number);
  EXPECT_TRUE(list.elements()[2].is_true());
  EXPECT_EQ(root["n"].kind(), Kind::null);
  EXPECT_TRUE(root["n"].exists());
  EXPECT_FALSE(root["n"].exists_and_not_null());
  EXPECT_EQ(root[""].text(), "é");
  EXPECT_EQ(root.raw(), document);
}

TEST_F(Cursor, WhatAValueIsNotIsEmpty) {
  const Value root = read(R"({"s":"t","e":[],"o":{}})");
  EXPECT_FALSE(root["missing"].exists());
  EXPECT_FALSE(root["missing"]["deeper"].exists());
  EXPECT_EQ(root["missing"].raw(), "");
  EXPECT_TRUE(root["s"].members().empty());
  EXPECT_TRUE(root["s"].elements().empty());
  EXPECT_TRUE(root.elements().empty());
  EXPECT_EQ(root["o"].text(), "");
  EXPECT_EQ(root["e"].raw(), "[]");
  EXPECT_EQ(root["o"].raw(), "{}");
}

TEST_F(Cursor, TheLastOfSeveralMembersIsFound) {
  const Value root = read(R"({"a":1,"a":2})");
  EXPECT_EQ(root["a"].raw(), "2");
  EXPECT_EQ(root.members().size(), 2u);
}

TEST_F(Cursor, UnescapesNamesAndTexts) {
  const Value root = read(R"({"\u0061\"":"\ud83d\ude00\\\/","lone":"\ud800"})");
  EXPECT_EQ(root["a\""].text(), "😀\\/");
  EXPECT_EQ(root["lone"].text(), "\xef\xbf\xbd");
  EXPECT_EQ(root["lone"].raw(), R"("\ud800")");
  EXPECT_EQ(root["lone"].escaped_text(), "") << "text() has it repaired";
}

TEST_F(Cursor, PathsNameEveryStep) {
  const Value root = read(R"({"messages":[{"role":"a"},{"content":[{"type":"t"}]}]})");
  const Value& type = root["messages"].elements()[1]["content"].elements()[0]["type"];
  EXPECT_EQ(path_of(root, type), "messages[1].content[0].type");
  EXPECT_EQ(path_of(root, root["messages"].elements()[0]), "messages[0]");
  EXPECT_EQ(path_of(root, root), "");
  EXPECT_EQ(path_of(root, root["absent"]), "");
}

TEST_F(Cursor, SlicesAreJoined) {
  const Bytes document = R"({"a":["\u00e9",{"b":"longer text"}],"c":-0.5})";
  for_every_slicing(document, [&](const Slicing& slicing) {
    std::vector<std::string> pieces;
    slicing.for_each_piece([&](Bytes piece) { pieces.emplace_back(piece); });
    const std::vector<Bytes> slices(pieces.begin(), pieces.end());
    arena_.reset();
    const Result<Value> root = parser_.parse(Slices(slices), arena_);
    pieces.clear();  // the tree must not need them
    ASSERT_TRUE(root) << slicing.name();
    EXPECT_EQ(root->raw(), document) << slicing.name();
    EXPECT_EQ((*root)["a"].elements()[0].text(), "é");
  });
}

// Every document over a small alphabet of tokens: the tree's grammar is the scanner's, which is
// written without simdjson. Only the root differs: a scalar is a document to the scanner.
TEST_F(Cursor, AcceptsWhatTheScannerAccepts) {
  const std::vector<Bytes> tokens = {"{",      "}", "[",   "]",    ",", ":",
                                     R"("k")", "1", "tru", "null", " "};
  std::string document;
  size_t accepted = 0;
  const auto enumerate = [&](const auto& self, size_t depth) -> void {
    if (const size_t at = document.find_first_not_of(' ');
        at != std::string::npos && (document[at] == '{' || document[at] == '[')) {
      WatchList none({});
      Scanner scanner(none);
      const bool expected = scanner.feed(document).has_value() && scanner.finish().has_value();
      arena_.reset();
      const bool got = parser_.parse(document, arena_).has_value();
      ASSERT_EQ(got, expected) << document;
      accepted += got;
    }
    if (depth == 6) return;
    for (Bytes token : tokens) {
      const size_t size = document.size();
      document += token;
      self(self, depth + 1);
      document.resize(size);
    }
  };
  enumerate(enumerate, 0);
  EXPECT_GT(accepted, 100u);
}

TEST_F(Cursor, RefusesWhatIsNotJson) {
  for (Bytes bad : {"",           " ",           "1",          "\"s\"",          "null",
                    "{",          "[",           "[1",         "{\"a\":1",       "[1,]",
                    "{\"a\":1,}", "[01]",        "[1.]",       "[.5]",           "[-]",
                    "[1e]",       "[+1]",        "[nul]",      "[truefalse]",    "[\"a]",
                    "[\"\\x\"]",  "[\"\\u12\"]", "[\"a\nb\"]", "[1]]",           "[1] 2",
                    "{\"a\" 1}",  "{1:2}",       "[\"\xff\"]", "\xef\xbb\xbf[]", "{\"\\q\":1}",
                    "[1}",        "{]",          "[1 2]",      "[NaN]",          "['a']",
                    "[1]\x01",    "{\"a\":\"b\":1}", "{\"a\":\"b\" \n:1,\"c\":2}", "[\"a\":1]",
                    "[{\"a\":\"b\":[]}]"}) {
    EXPECT_NE(error(bad), "") << bad;
  }
  EXPECT_EQ(error("[1,2,x]"), "malformed JSON near byte 5");
}

TEST_F(Cursor, AFailureIsOfTheKindAskedFor) {
  const Result<Value> result = parser_.parse(Bytes("{"), arena_, FailureKind::bad_upstream);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::bad_upstream);
}

TEST_F(Cursor, NestingHasALimit) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  read(nested(limits::json_depth_max));
  EXPECT_EQ(error(nested(limits::json_depth_max + 1)).substr(0, 29),
            "the JSON is nested too deeply");
}

TEST_F(Cursor, TheNumberOfValuesHasALimit) {
  std::string document = "[0";
  for (size_t i = 2; i < limits::json_values_max; ++i) document += ",0";
  read(document + "]");
  arena_.reset();
  EXPECT_EQ(error(document + ",0]").substr(0, 28), "the JSON has too many values");
}

TEST_F(Cursor, OneParserReadsManySizes) {
  for (size_t size : {10u, 5000u, 20u, 100000u, 0u}) {
    arena_.reset();
    const std::string text(size, 'x');
    EXPECT_EQ(read("[\"" + text + "\"]").elements()[0].text(), text);
  }
}

}  // namespace
}  // namespace aigw::json
