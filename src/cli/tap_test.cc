#include "cli/tap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aigw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Tap, ShowsWhoAskedWhomAndWhatCameOfIt) {
  const TapPage page = tap_page(R"({"next":7,"lost":2,"events":[
    {"time":"2026-01-02T03:04:05.678Z","event":"attempt","request_id":"id-1","model":"gpt","backend":"b","attempt":1},
    {"time":"2026-01-02T03:04:06.678Z","event":"request","request_id":"id-1","model":"gpt","backend":"b",
     "status":200,"attempts":2,"duration_ms":1234.5,"time_to_first_token_ms":200.0,"input_tokens":10,
     "output_tokens":5,"cost.llm":15,"session.id":"s"}]})");
  EXPECT_EQ(page.next, "7");
  EXPECT_EQ(page.lost, 2u);
  EXPECT_EQ(page.requests, 1u);
  EXPECT_THAT(page.lines, HasSubstr("03:04:05 ...    gpt "));
  EXPECT_THAT(page.lines, HasSubstr("03:04:06 200    gpt "));
  for (const char* part : {"10/5", "200ms", "1234ms", "llm=15", " id-1\n"}) {
    EXPECT_THAT(page.lines, HasSubstr(part));
  }
}

TEST(Tap, WhatAClientNamesIsNoOrderToTheTerminal) {
  const TapPage page =
      tap_page(R"({"next":1,"lost":0,"events":[{"event":"request","model":"a\u001b[2Jb","status":0}]})");
  EXPECT_THAT(page.lines, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page.lines, HasSubstr("a?[2Jb"));
}

TEST(Tap, WhatIsLongIsCutBetweenCharacters) {
  const std::string fits(24, 'm');
  const auto shown = [](const std::string& model) {
    const std::string event = R"({"event":"request","model":")" + model + R"(","backend":"|"})";
    return tap_page(R"({"next":1,"lost":0,"events":[)" + event + "]}").lines;
  };
  EXPECT_THAT(shown(fits), HasSubstr(" " + fits + " | "));
  EXPECT_THAT(shown(fits + "m"), HasSubstr(" " + fits.substr(1) + "~ | "));
  std::string wide;
  for (int i = 0; i < 24; ++i) wide += "é";
  EXPECT_THAT(shown(wide), HasSubstr(" " + wide + " | "));
  EXPECT_THAT(shown(wide + "é"), HasSubstr(" " + wide.substr(2) + "~ | "));
  EXPECT_THAT(shown("a\u009b2Jb"), HasSubstr(" a?2Jb "));
}

TEST(Tap, AnotherAnswerIsNone) {
  for (const char* text : {"", "[]", "there is nothing here", "{\"next\":1}"}) {
    EXPECT_EQ(tap_page(text).next, "") << text;
  }
}

}  // namespace
}  // namespace aigw::cli
