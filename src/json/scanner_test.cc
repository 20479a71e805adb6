#include "json/scanner.h"

#include <gtest/gtest.h>

#include <string>

#include "base/check.h"
#include "base/test_slices.h"

namespace aigw::json {
namespace {

// The error of scanning `document`, or "".
std::string error_of(Bytes document) {
  const WatchList watches({"a", "a.b"});
  std::string error;
  Scanner scanner(watches);
  whole(document).for_each_piece([&](Bytes piece) {
    if (auto result = scanner.feed(piece); !result) error = result.error().message;
  });
  if (auto result = scanner.finish(); !result) {
    EXPECT_EQ(result.error().kind, FailureKind::malformed_request);
    EXPECT_TRUE(error.empty() || error == result.error().message);
    error = result.error().message;
  }
  return error;
}

void scan(Scanner& scanner, Bytes document) {
  ASSERT_EQ(error_of(document), "");
  scanner.reset();
  whole(document).for_each_piece([&](Bytes piece) { EXPECT_TRUE(scanner.feed(piece)); });
  EXPECT_TRUE(scanner.finish());
}

// What stands in the document where the scanner found the watch's value.
Bytes value_in(Bytes document, const Found& found) {
  return document.substr(found.begin, found.end - found.begin);
}

TEST(Scanner, FindsMembersWithTheirOffsets) {
  const WatchList watches({"model", "stream", "stream_options", "stream_options.include_usage",
                           "messages", "temperature", "absent"});
  Scanner scanner(watches);
  const Bytes document =
      R"( {"model" : "gpt-4o", "messages":[{"model":"no"},[],[{}]],)"
      R"("x":{"stream":1}, "stream":true,"stream_options":{"include_usage":null},)"
      R"("temperature":-1.5e+3})"
      "\r\n\t ";
  scan(scanner, document);
  EXPECT_EQ(scanner.found(0).kind, Kind::string);
  EXPECT_EQ(scanner.text(0), "gpt-4o");
  EXPECT_EQ(value_in(document, scanner.found(0)), "\"gpt-4o\"");
  EXPECT_EQ(scanner.found(0).count, 1u);
  EXPECT_EQ(scanner.found(1).kind, Kind::boolean_true);
  EXPECT_EQ(scanner.text(1), "true");
  EXPECT_EQ(value_in(document, scanner.found(2)), R"({"include_usage":null})");
  EXPECT_FALSE(scanner.found(2).empty);
  EXPECT_EQ(scanner.text(2), "");
  EXPECT_EQ(scanner.found(3).kind, Kind::null);
  EXPECT_EQ(value_in(document, scanner.found(4)), R"([{"model":"no"},[],[{}]])");
  EXPECT_EQ(scanner.found(4).kind, Kind::array);
  EXPECT_EQ(scanner.text(5), "-1.5e+3");
  EXPECT_EQ(value_in(document, scanner.found(5)), "-1.5e+3");
  EXPECT_EQ(scanner.found(6).kind, Kind::absent);
  EXPECT_EQ(scanner.found(6).count, 0u);
  EXPECT_EQ(scanner.root_kind(), Kind::object);
  EXPECT_EQ(scanner.root_begin(), 1u);
  EXPECT_EQ(scanner.root_end(), document.size() - 4);
  EXPECT_EQ(scanner.offset(), document.size());
}

TEST(Scanner, KnowsEmptyContainers) {
  const WatchList watches({"a", "b", "c"});
  Scanner scanner(watches);
  scan(scanner, R"({"a":{ },"b":[],"c":[ 0]})");
  EXPECT_TRUE(scanner.found(0).empty);
  EXPECT_TRUE(scanner.found(1).empty);
  EXPECT_FALSE(scanner.found(2).empty);
  EXPECT_FALSE(scanner.root_empty());
  scan(scanner, " {} ");
  EXPECT_TRUE(scanner.root_empty());
  EXPECT_EQ(scanner.found(0).kind, Kind::absent);
}

TEST(Scanner, MatchesNamesAfterUnescaping) {
  const WatchList watches({"model", "a\"b"});
  Scanner scanner(watches);
  scan(scanner,
       R"({"mod\u0065l":"1","\u006d\u006F\u0064\u0065\u006c":"2","mod\\u0065l":"3","a\"b":4})");
  EXPECT_EQ(scanner.found(0).count, 2u);
  EXPECT_EQ(scanner.text(0), "2");
  EXPECT_EQ(scanner.text(1), "4");
}

TEST(Scanner, ALongNameMatchesNothingAndALongWatchedNameIsFoundFullyEscaped) {
  const std::string name(WatchList::kNameMax, 'n');
  const WatchList watches({name, "n"});
  std::string escaped;
  for (size_t i = 0; i < name.size(); ++i) escaped += "\\u006e";
  Scanner scanner(watches);
  scan(scanner, "{\"" + escaped + "\":1,\"" + escaped + "n\":2,\"" + name + "n\":3}");
  EXPECT_EQ(scanner.found(0).count, 1u);
  EXPECT_EQ(scanner.text(0), "1");
  EXPECT_EQ(scanner.found(1).count, 0u);
}

TEST(Scanner, CountsRepeatedMembersAndKeepsTheLast) {
  const WatchList watches({"a", "a.b", "a.c", "d"});
  Scanner scanner(watches);
  scan(scanner, R"({"d":"first","a":{"b":1,"b":22,"c":3},"d":"2","a":{"c":[]},"d":"third"})");
  EXPECT_EQ(scanner.found(0).count, 2u);
  EXPECT_EQ(scanner.found(1).kind, Kind::absent) << "the last a has no b";
  EXPECT_EQ(scanner.text(1), "");
  EXPECT_EQ(scanner.found(2).kind, Kind::array);
  EXPECT_EQ(scanner.found(2).count, 1u);
  EXPECT_EQ(scanner.found(3).count, 3u);
  EXPECT_EQ(scanner.text(3), "third");
}

TEST(Scanner, APathDoesNotLeadThroughArraysOrScalars) {
  const WatchList watches({"a.b"});
  Scanner scanner(watches);
  scan(scanner, R"([{"a":{"b":1}}])");
  EXPECT_EQ(scanner.found(0).kind, Kind::absent);
  scan(scanner, R"({"a":[{"b":1}]})");
  EXPECT_EQ(scanner.found(0).kind, Kind::absent);
  scan(scanner, R"({"a":"b","b":1,"c":{"a":{"b":1}}})");
  EXPECT_EQ(scanner.found(0).kind, Kind::absent);
  scan(scanner, R"({"a":{"x":{"b":0},"b":1}})");
  EXPECT_EQ(scanner.text(0), "1");
}

TEST(Scanner, SaysWhetherAValueIsComplete) {
  const WatchList watches({"a", "n"});
  Scanner scanner(watches);
  ASSERT_TRUE(scanner.feed(R"({"a":"xy)"));
  EXPECT_EQ(scanner.found(0).end, 0u);
  ASSERT_TRUE(scanner.feed(R"(z","n":1)"));
  EXPECT_EQ(scanner.text(0), "xyz");
  EXPECT_EQ(scanner.found(0).end, 10u);
  EXPECT_EQ(scanner.found(1).end, 0u);
  ASSERT_TRUE(scanner.feed("2}"));
  EXPECT_EQ(scanner.text(1), "12");
  EXPECT_EQ(scanner.root_end(), 18u);
}

TEST(Scanner, TakesAnyRootValue) {
  const WatchList watches({"a"});
  Scanner scanner(watches);
  for (Bytes document : {"0", "-0.5E-7", "\"x\"", "true", "false", "null", "[1]"}) {
    scan(scanner, document);
    EXPECT_EQ(scanner.root_begin(), 0u);
    EXPECT_EQ(scanner.root_end(), document.size());
  }
}

TEST(Scanner, NamesTheByteAndWhatWasExpected) {
  const struct {
    Bytes document, error;
  } cases[] = {
      {"", "invalid JSON at byte 0: expected a value, but the document ends"},
      {"\xef\xbb\xbf{}", "invalid JSON at byte 0: expected a value"},
      {R"({"messages":"x" "y"})", "invalid JSON at byte 16: expected ',' or '}'"},
      {R"({"long_name"     1})", "invalid JSON at byte 17: expected ':' after a member name"},
      {R"({"a":1,})", "invalid JSON at byte 7: expected a member name"},
      {"{1:2}", "invalid JSON at byte 1: expected a member name or '}'"},
      {"[1,]", "invalid JSON at byte 3: expected a value"},
      {"[}", "invalid JSON at byte 1: expected a value or ']'"},
      {"[1}", "invalid JSON at byte 2: expected ',' or ']'"},
      {"{} x", "invalid JSON at byte 3: expected the end of the document"},
      {"[trux]", "invalid JSON at byte 4: expected true, false or null"},
      {"[01]", "invalid JSON at byte 2: expected ',' or ']'"},
      {"[-]", "invalid JSON at byte 2: expected a digit"},
      {"[1.]", "invalid JSON at byte 3: expected a digit"},
      {"[1e+]", "invalid JSON at byte 4: expected a digit"},
      {"01", "invalid JSON at byte 1: expected the end of the document"},
      {"1.", "invalid JSON at byte 2: expected a digit, but the document ends"},
      {"[1", "invalid JSON at byte 2: expected ',' or ']', but the document ends"},
      {"[\"a\nb\"]", "invalid JSON at byte 3: a control character in a string must be escaped"},
      {R"(["\x"])", "invalid JSON at byte 3: expected one of \"\\/bfnrtu after a backslash"},
      {R"(["\u00g0"])", "invalid JSON at byte 6: expected a hexadecimal digit"},
      {R"({"a":"b)",
       "invalid JSON at byte 7: expected the closing quote of a string, but the document ends"},
      {R"({"a)",
       "invalid JSON at byte 3: expected the closing quote of a string, but the document ends"},
      {"tru", "invalid JSON at byte 3: expected true, false or null, but the document ends"},
      {R"(["\ud800"])", ""},
      {"[\"\xff\"]", ""},
      {"[\"\x7f\"]", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(error_of(c.document), c.error) << c.document;
}

TEST(Scanner, StaysFailedUntilReset) {
  const WatchList watches({"a"});
  Scanner scanner(watches);
  EXPECT_EQ(scanner.feed("[1 2").error().message, "invalid JSON at byte 3: expected ',' or ']'");
  EXPECT_EQ(scanner.feed("]").error().message, "invalid JSON at byte 3: expected ',' or ']'");
  EXPECT_EQ(scanner.finish().error().message, "invalid JSON at byte 3: expected ',' or ']'");
  EXPECT_EQ(scanner.offset(), 5u);
  scan(scanner, R"({"a":5})");
  EXPECT_EQ(scanner.text(0), "5");
}

TEST(Scanner, TakesTheDepthLimitExactly) {
  const size_t depth = limits::json_depth_max;
  EXPECT_EQ(error_of(std::string(depth, '[') + std::string(depth, ']')), "");
  EXPECT_EQ(error_of(std::string(depth + 1, '[') + std::string(depth + 1, ']')),
            "invalid JSON at byte 512: nested deeper than 512 levels");
  std::string objects, closing;
  for (size_t i = 0; i < depth; ++i) objects += i % 2 == 0 ? R"({"a":)" : "[";
  for (size_t i = depth; i > 0; --i) closing += i % 2 == 0 ? "]" : "}";
  EXPECT_EQ(error_of(objects + "1" + closing), "");
  EXPECT_EQ(
      error_of(objects + "{}" + closing),
      "invalid JSON at byte " + std::to_string(objects.size()) + ": nested deeper than 512 levels");
}

TEST(Scanner, CapturesUpToTheLimitExactly) {
  const WatchList watches({"before", "a", "n", "after"});
  Scanner scanner(watches);
  const std::string fits(limits::json_capture_max, 'x');
  const auto document = [](const std::string& text, const std::string& number) {
    return R"({"before":"b","a":")" + text + R"(","n":)" + number + R"(,"after":"c"})";
  };
  scan(scanner, document(fits, std::string(limits::json_capture_max, '1')));
  EXPECT_EQ(scanner.text(1), fits);
  EXPECT_EQ(scanner.text(2).size(), limits::json_capture_max);
  EXPECT_FALSE(scanner.found(1).truncated);
  scan(scanner, document(fits + "x", std::string(limits::json_capture_max + 1, '1')));
  for (size_t watch : {1, 2}) {
    EXPECT_EQ(scanner.text(watch), "");
    EXPECT_TRUE(scanner.found(watch).truncated);
    EXPECT_GT(scanner.found(watch).end - scanner.found(watch).begin, limits::json_capture_max);
  }
  EXPECT_EQ(scanner.text(0), "b");
  EXPECT_EQ(scanner.text(3), "c");
}

TEST(Scanner, KeepsTheLastOfManyRepeatedCaptures) {
  const WatchList watches({"a", "b", "c"});
  Scanner scanner(watches);
  std::string document = R"({"c":"stays")";
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    document += R"(,"a":")" + std::string(1000, 'a') + n + R"(","b":")" + n + "\"";
  }
  document += "}";
  scan(scanner, document);
  EXPECT_EQ(scanner.text(0), std::string(1000, 'a') + "499");
  EXPECT_EQ(scanner.text(1), "499");
  EXPECT_EQ(scanner.text(2), "stays");
  EXPECT_EQ(scanner.found(0).count, 500u);
}

TEST(Scanner, IsSmallEnoughForTheStack) { EXPECT_LT(sizeof(Scanner), 2048u); }

TEST(WatchList, RefusesPathsThatBreakItsBounds) {
  EXPECT_THROW(WatchList({"a", "a"}), BrokenInvariant);
  EXPECT_THROW(WatchList({""}), BrokenInvariant);
  EXPECT_THROW(WatchList({"a..b"}), BrokenInvariant);
  EXPECT_THROW(WatchList({std::string(WatchList::kNameMax + 1, 'x')}), BrokenInvariant);
  EXPECT_THROW(WatchList({"1.2.3.4.5.6.7.8"}), BrokenInvariant);
}

TEST(WatchList, TakesAsManyLevelsAsItSays) {
  const WatchList watches({"1.2.3.4.5.6.7", "1.2.3"});
  Scanner scanner(watches);
  scan(scanner, R"({"1":{"2":{"3":{"4":{"5":{"6":{"7":{"8":0}}}},"x":1}}}})");
  EXPECT_EQ(scanner.found(0).kind, Kind::object);
  EXPECT_EQ(scanner.found(1).kind, Kind::object);
  EXPECT_EQ(scanner.found(0).end - scanner.found(0).begin, 7u);
}

}  // namespace
}  // namespace aigw::json
