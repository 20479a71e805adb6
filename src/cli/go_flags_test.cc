#include "cli/go_flags.h"

#include <gtest/gtest.h>

namespace aigw::cli {
namespace {

struct Values {
  std::string text = "preset";
  bool truth = false;
  int64_t number = 7;
  GoFlags flags() {
    GoFlags flags;
    flags.add("text", text, "a text");
    flags.add("truth", truth, "a truth");
    flags.add("number", number, "a number");
    return flags;
  }
};

TEST(GoFlags, EveryFormOfAFlag) {
  Values values;
  const auto parsed =
      values.flags().parse({"-text", "a", "--number=12", "-truth", "rest", "-text", "b"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(values.text, "a");
  EXPECT_EQ(values.number, 12);
  EXPECT_TRUE(values.truth);
  EXPECT_EQ(parsed->given, (std::vector<std::string>{"text", "number", "truth"}));
  EXPECT_EQ(parsed->rest, (std::vector<std::string>{"rest", "-text", "b"}));
}

TEST(GoFlags, ValuesThatLookLikeFlags) {
  Values values;
  ASSERT_TRUE(values.flags().parse({"-text", "-x", "-number", "-3", "-truth=F", "-text=", "--"}));
  EXPECT_EQ(values.text, "");
  EXPECT_EQ(values.number, -3);
  EXPECT_FALSE(values.truth);
}

TEST(GoFlags, WhatIsWrongIsSaid) {
  const std::pair<std::vector<std::string>, const char*> wrong[] = {
      {{"-other"}, "flag provided but not defined: -other"},
      {{"-text"}, "flag needs an argument: -text"},
      {{"-number", "1x"}, "invalid value \"1x\" for flag -number"},
      {{"-truth=perhaps"}, "invalid value \"perhaps\" for flag -truth"},
      {{"---text"}, "bad flag syntax: ---text"},
      {{"-=x"}, "bad flag syntax: -=x"}};
  for (const auto& [arguments, said] : wrong) {
    Values values;
    const auto parsed = values.flags().parse(arguments);
    ASSERT_FALSE(parsed) << said;
    EXPECT_EQ(parsed.error().message, said);
  }
}

TEST(GoFlags, HelpAndDefaults) {
  Values values;
  EXPECT_TRUE(values.flags().parse({"-help"})->help);
  const std::string usage = values.flags().usage("it");
  EXPECT_NE(usage.find("-text\n    \ta text (default \"preset\")"), std::string::npos) << usage;
  EXPECT_NE(usage.find("-number\n    \ta number (default 7)"), std::string::npos) << usage;
}

}  // namespace
}  // namespace aigw::cli
