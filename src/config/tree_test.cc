#include "config/tree.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace aigw::config {
namespace {

// A tree in one line, with the place of every node and key: what a golden file would hold.
std::string shown(const Node& node, bool places) {
  const std::string at =
      places ? "@" + std::to_string(node.place.line) + ":" + std::to_string(node.place.column) : "";
  switch (node.kind) {
    case Node::Kind::null: return "null" + at;
    case Node::Kind::boolean: return (node.boolean ? "true" : "false") + at;
    case Node::Kind::number: return node.text + at;
    case Node::Kind::string: return "'" + node.text + "'" + at;
    case Node::Kind::sequence:
    case Node::Kind::map: break;
  }
  const bool map = node.kind == Node::Kind::map;
  std::string out = map ? "{" : "[";
  for (const Node& child : node.children) {
    if (out.size() > 1) out += ' ';
    if (map) out += child.key + "=";
    out += shown(child, places);
  }
  return out + (map ? "}" : "]") + at;
}

std::string read(Bytes text, bool places = false) {
  const Tree tree = parse_tree(text);
  std::string out;
  for (const Problem& problem : tree.problems) {
    out += std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + ": " +
           problem.message + "\n";
  }
  return tree.well_formed ? out + shown(tree.root, places) : out;
}

TEST(Yaml, KnowsThePlaceOfEveryNode) {
  EXPECT_EQ(read("a: 1\nb:\n  - x\n  - {c: true}\nd:\n", true),
            "{a=1@1:4 b=['x'@3:5 {c=true@4:9}@4:5]@3:3 d=null@5:1}@1:1");
}

TEST(Json, KnowsThePlaceOfEveryNode) {
  EXPECT_EQ(read("{\"a\": 1,\n \"b\": [\"x\",\n  {\"c\": true}],\r\n \"d\": null}", true),
            "{a=1@1:7 b=['x'@2:8 {c=true@3:9}@3:3]@2:7 d=null@4:7}@1:1");
}

TEST(Yaml, ScalarsFollowTheCoreSchema) {
  EXPECT_EQ(read("[null, ~, Null, true, False, yes, on, 12, -3, +4, 0x1F, 0o17, 1.5, .5, 1., 1e3, "
                 ".inf, .nan, 1_000, 08, 2024-01-01, 1:30, 1.2.3, e3, ., -]"),
            "[null null null true false 'yes' 'on' 12 -3 +4 0x1F 0o17 1.5 .5 1. 1e3 "
            ".inf .nan '1_000' 08 '2024-01-01' '1:30' '1.2.3' 'e3' '.' '-']");
  EXPECT_EQ(read("['1', \"true\", !!str 12, !!int 3, 'null', \"\", !!str ]"),
            "['1' 'true' '12' 3 'null' '' '']");
  EXPECT_EQ(read("a: |\n  x\n  y\n"), "{a='x\ny\n'}");
}

TEST(Yaml, TagsThatDoNotFitAreErrors) {
  EXPECT_EQ(read("a: !!int x"),
            "1:4: the tag does not fit the value, or is not of YAML's core schema\n{a='x'}");
  EXPECT_EQ(read("a: !mine [x]"), "1:4: the tag is not of YAML's core schema\n{a=['x']}");
}

TEST(Yaml, KeysWrittenTwiceAreErrors) {
  EXPECT_EQ(read("a: 1\nb: {c: 1, c: 2}\na: 3\n"),
            "2:11: the key \"c\" is already on line 2\n"
            "3:1: the key \"a\" is already on line 1\n"
            "{a=1 b={c=1 c=2} a=3}");
}

TEST(Json, KeysWrittenTwiceAreErrors) {
  EXPECT_EQ(read("{\"a\": 1,\n \"a\": 2}"),
            "2:2: the key \"a\" is already on line 1\n{a=1 a=2}");
  EXPECT_EQ(read("{\"a\": 1, \"\\u0061\": 2}"),
            "1:10: the key \"a\" is already on line 1\n{a=1 a=2}");
}

TEST(Yaml, AliasesAreCopies) {
  EXPECT_EQ(read("a: &x {k: [1]}\nb: *x\nc: &y s\nd: [*y, *x]\n"),
            "{a={k=[1]} b={k=[1]} c='s' d=['s' {k=[1]}]}");
  EXPECT_EQ(read("a: &x [*x]"), "1:8: an alias stands inside of what it refers to\n");
  EXPECT_EQ(read("a: *secretive"), "1:4: not valid YAML: the referenced anchor is not defined\n");
  EXPECT_EQ(read("<<: {a: 1}"), "1:1: merge keys are not part of YAML 1.2\n{<<={a=1}}");
}

TEST(Yaml, AliasesCannotExplode) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) text += ", " + before;
    text += "]\n";
  }
  EXPECT_EQ(read(text), "5:40: anchors and aliases stand for too much\n");

  std::string wide = "a: &a " + std::string(1 << 20, 'x') + "\nb: [*a";
  for (int i = 0; i < 64; ++i) wide += ", *a";
  EXPECT_EQ(read(wide + "]"), "2:257: anchors and aliases stand for too much\n");
}

TEST(Tree, TheNumberOfValuesIsBounded) {
  EXPECT_TRUE(parse_json("[1, 2]", 3).well_formed);
  EXPECT_TRUE(parse_yaml("[1, 2]", 3).well_formed);
  EXPECT_EQ(parse_json("[1, 2]", 2).problems.at(0).message, "not valid JSON: too many values");
  EXPECT_EQ(parse_yaml("[1, 2]", 2).problems.at(0).message, "too many values");
}

TEST(Tree, NestingIsBounded) {
  const std::string deep(limits::config_depth_max, '[');
  const std::string end(limits::config_depth_max, ']');
  EXPECT_EQ(read("a: " + deep + end), "1:67: nested too deeply\n");
  EXPECT_TRUE(parse_tree(deep + end).well_formed);
  EXPECT_FALSE(parse_tree(std::string(100'000, '[')).well_formed);
  EXPECT_EQ(read("{\"a\": " + deep + "}"), "1:70: not valid JSON: nested too deeply\n");
  std::string alias = "a: &a " + deep.substr(40) + end.substr(40) + "\nb: ";
  alias += deep.substr(20) + "*a" + end.substr(20);
  EXPECT_EQ(read(alias), "2:48: nested too deeply\n");
}

TEST(Tree, ATextThatIsNoTextIsRefused) {
  EXPECT_EQ(read("a: b\nc: \xff"), "2:4: the text is not UTF-8\n");
  EXPECT_EQ(read("a: \xed\xa0\x80"), "1:4: the text is not UTF-8\n");
  EXPECT_EQ(read(Bytes("a: b\0", 5)), "1:5: the control character U+0000 is not allowed\n");
  EXPECT_EQ(read("a: 1\n\x04 b: 2"), "2:1: the control character U+0004 is not allowed\n");
  EXPECT_EQ(read("\"\\0\""), "1:1: a string may not hold a NUL\n");
  EXPECT_EQ(read("{\"a\": \"\\u0000\"}"), "1:14: not valid JSON: a string may not hold a NUL\n");
}

TEST(Tree, TheSizeOfATextIsBounded) {
  const std::string most = "{" + std::string(limits::config_document_max - 2, ' ') + "}";
  EXPECT_EQ(read(most), "{}");
  EXPECT_EQ(read(most + " "), "0:0: the document is larger than 67108864 bytes\n");
}

TEST(Tree, AllOfADocumentsValuesAreBounded) {
  std::string most = "[";  // which is one of them
  for (size_t i = 1; i < limits::config_nodes_max; ++i) most += "1,";
  most.back() = ']';
  EXPECT_TRUE(parse_json(most).well_formed);
  most.back() = ',';
  EXPECT_EQ(parse_json(most + "1]").problems.at(0).message, "not valid JSON: too many values");
}

// `&a` and `*a` stand for 1000 values each.
TEST(Tree, WhatAliasesStandForIsBounded) {
  std::string text = "a: &a [";
  for (int i = 0; i < 998; ++i) text += "1,";
  text += "1]\nb: [";
  for (size_t i = 1; i < limits::config_alias_nodes_max / 1000; ++i) text += "*a ,";
  const Tree most = parse_yaml(text + "]");
  EXPECT_TRUE(most.well_formed && most.problems.empty());
  const Tree more = parse_yaml("one: &one 1\n" + text + "]");
  ASSERT_FALSE(more.problems.empty());
  EXPECT_EQ(more.problems[0].message, "anchors and aliases stand for too much");
}

TEST(Tree, ReadsWhatIsUnusual) {
  EXPECT_EQ(read(""), "null");
  EXPECT_EQ(read("# nothing\n"), "null");
  EXPECT_EQ(read("\xef\xbb\xbf{\"a\": 1}"), "{a=1}");
  EXPECT_EQ(read("\xef\xbb\xbf" "a: 1\r\nb: 2\r\n"), "{a=1 b=2}");
  EXPECT_EQ(read("a: \xf0\x9f\x98\x80"), "{a='\xf0\x9f\x98\x80'}");
  EXPECT_EQ(read("---\na: 1\n...\n"), "{a=1}");
  EXPECT_EQ(read("a: 1\n---\nb: 2\n"), "2:1: the text holds more than one document\n");
  EXPECT_EQ(read("1: x\ntrue: y\n~: z\n"), "{1='x' true='y' ='z'}");
  EXPECT_EQ(read("? [a]\n: b\n"), "1:3: a key has to be text\n{='b'}");
}

TEST(Tree, FlowStyleYamlIsNoJson) {
  EXPECT_EQ(read("{a: 1, 'b': [x,]} # so"), "{a=1 b=['x']}");
  EXPECT_EQ(read("{\"a\": 1, }"), "{a=1}");
}

TEST(Json, Strings) {
  EXPECT_EQ(read(R"({"a": "\"\\\/\b\f\n\r\t\u00e9\u20ac\uD83D\ude00"})"),
            "{a='\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'}");
}

TEST(Json, Numbers) {
  EXPECT_EQ(read("{\"a\": [0, -0, 12, -1.5e+3, 1E2, 0.25]}"), "{a=[0 -0 12 -1.5e+3 1E2 0.25]}");
}

TEST(Json, ErrorsSayWhere) {
  const auto problem = [](Bytes text) {
    const Tree tree = parse_json(text);
    EXPECT_FALSE(tree.well_formed) << text;
    if (tree.problems.size() != 1) return std::string("?");
    return std::to_string(tree.problems[0].place.line) + ":" +
           std::to_string(tree.problems[0].place.column) + ": " + tree.problems[0].message;
  };
  EXPECT_EQ(problem("{\"a\": }"), "1:7: not valid JSON: a value is expected");
  EXPECT_EQ(problem("{\"a\": 1,\n}"), "2:1: not valid JSON: a key in double quotes is expected");
  EXPECT_EQ(problem("{\"a\" 1}"), "1:6: not valid JSON: a colon is expected after the key");
  EXPECT_EQ(problem("{\"a\": 1 \"b\": 2}"), "1:9: not valid JSON: a comma or } is expected");
  EXPECT_EQ(problem("[1 2]"), "1:4: not valid JSON: a comma or ] is expected");
  EXPECT_EQ(problem("[01]"), "1:3: not valid JSON: a comma or ] is expected");
  EXPECT_EQ(problem("[1.]"), "1:2: not valid JSON: a value is expected");
  EXPECT_EQ(problem("[-]"), "1:2: not valid JSON: a value is expected");
  EXPECT_EQ(problem("[nul]"), "1:2: not valid JSON: a value is expected");
  EXPECT_EQ(problem("{} x"), "1:4: not valid JSON: text after the end of the JSON value");
  EXPECT_EQ(problem("[\"a"), "1:2: not valid JSON: the string has no end");
  EXPECT_EQ(problem("[\"a\nb\"]"),
            "1:4: not valid JSON: a line end or tab in a string has to be escaped");
  EXPECT_EQ(problem("[\"\\x\"]"), "1:4: not valid JSON: not an escape that JSON has");
  EXPECT_EQ(problem("[\"\\u12g4\"]"),
            "1:7: not valid JSON: four hexadecimal digits are expected after \\u");
  EXPECT_EQ(problem("[\"\\ud800x\"]"), "1:9: not valid JSON: half of a surrogate pair");
  EXPECT_EQ(problem("[\"\\udc00\"]"), "1:9: not valid JSON: half of a surrogate pair");
  EXPECT_EQ(problem(""), "1:1: not valid JSON: the text ends where a value is expected");
}

}  // namespace
}  // namespace aigw::config
