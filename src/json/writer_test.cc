#include "json/writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "base/check.h"
#include "json/cursor.h"

namespace aigw::json {
namespace {

TEST(Writer, WritesEveryKindInOrder) {
  std::string out = "data: ";
  Writer w(out);
  w.begin_object();
  w.member("b", "t");
  w.member_number("i", std::numeric_limits<int64_t>::min());
  w.member_number("u", std::numeric_limits<uint64_t>::max());
  w.member_boolean("t", true);
  w.member_null("n");
  w.member_raw("r", "{\"k\": 1}");
  w.member_array("a");
  w.number(0);
  w.begin_array();
  w.end_array();
  w.begin_object();
  w.end_object();
  w.string("");
  w.end_array();
  w.member_object("o");
  w.member_unless_empty("x", "");
  w.member_unless_empty("y", "z");
  w.member_raw_unless_empty("x", "");
  w.member_raw_unless_empty("q", "0.70");
  w.end_object();
  w.key("s");
  w.begin_string();
  w.string_part("data:image/png;base64,");
  w.string_part("QQ==\n");
  w.end_string();
  w.end_object();
  w.finish();
  EXPECT_EQ(out,
            R"(data: {"b":"t","i":-9223372036854775808,"u":18446744073709551615,"t":true,"n":null,)"
            R"("r":{"k": 1},"a":[0,[],{},""],"o":{"y":"z","q":0.70},)"
            R"("s":"data:image/png;base64,QQ==\n"})");
}

TEST(Writer, EscapesOnlyWhatJsonAsksFor) {
  std::string out;
  Writer w(out);
  w.begin_object();
  w.member("<k&\">", "<a href='x'>&\u2028\\\"\x01\x7f/");
  w.end_object();
  EXPECT_EQ(out, "{\"<k&\\\">\":\"<a href='x'>&\u2028\\\\\\\"\\u0001\x7f/\"}");
}

// Whatever bytes a string is made of, what is written can be read, and well-formed text is the
// same.
TEST(Writer, WhatIsWrittenCanBeRead) {
  Parser parser;
  Arena arena(1 << 20);
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; second += 5) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second), 'x'};
      std::string out;
      Writer w(out);
      w.begin_array();
      w.string(text);
      w.end_array();
      arena.reset();
      const Result<Value> root = parser.parse(Bytes(out), arena);
      ASSERT_TRUE(root) << out;
      if (first < 0x80 && second < 0x80) {
        EXPECT_EQ(root->elements()[0].text(), text);
      }
    }
  }
}

TEST(Writer, AnUnclosedDocumentIsOurBug) {
  std::string out;
  Writer w(out);
  w.begin_object();
  EXPECT_THROW(w.finish(), BrokenInvariant);
}

}  // namespace
}  // namespace aigw::json
