#include "policy/cel/pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace aigw::policy::cel {
namespace {

bool matches(Bytes pattern, Bytes text) {
  const Result<Pattern> compiled = Pattern::compile(pattern);
  EXPECT_TRUE(compiled) << pattern << ": " << (compiled ? "" : compiled.error().message);
  return compiled && compiled->is_in(text);
}

struct Row {
  const char* pattern;
  const char* text;
  bool is_in;
};

TEST(Pattern, SaysWhetherATextHasAMatch) {
  const Row rows[] = {
      {"", "", true},
      {"", "x", true},
      {"b", "abc", true},
      {"^b", "abc", false},
      {"^a.c$", "abc", true},
      {"^a.c$", "a\nc", false},
      {"^a[^x]c$", "a\nc", true},
      {"c$", "abc", true},
      {"b$", "abc", false},
      {"^(gpt|o[0-9])-", "o3-mini", true},
      {"^(gpt|o[0-9])-", "x-gpt-4", false},
      {"a*b", "b", true},
      {"^a+b$", "b", false},
      {"^a+b$", "aaab", true},
      {"^ab?c$", "ac", true},
      {"^a{2,3}$", "a", false},
      {"^a{2,3}$", "aaa", true},
      {"^a{2,3}$", "aaaa", false},
      {"^a{2}$", "aa", true},
      {"^a{2,}$", "aaaaa", true},
      {"^a{,2}$", "a{,2}", true},  // not a number of times
      {"^(a|b)*c$", "ababc", true},
      {"^((a*)*)*$", "aaab", false},
      {"\\d\\w\\s", "1_ ", true},
      {"^\\D$", "1", false},
      {"\\.", "a", false},
      {"^.$", "\xC3\xA9", true},  // one character
      {"^[\xC3\xA0-\xC3\xAF]$", "\xC3\xA9", true},
      {"\\bmini\\b", "o3-mini", true},
      {"\\bmini\\b", "o3-minimal", false},
      {"\\Bni", "mini", true},
      {"(?i)GPT-4[a-c]", "gpt-4B", true},
      {"[]]", "]", true},
      {"[a-]", "-", true},
      {"a|", "", true},
      {"^(?:x|y)+$", "xyx", true},
      {"a.*?b", "axxb", true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(matches(row.pattern, row.text), row.is_in) << row.pattern << " in " << row.text;
  }
}

TEST(Pattern, HasSoManyStepsAndNoMore) {
  const std::string most(limits::cel_pattern_steps_max, 'a');
  EXPECT_TRUE(matches(most, most));
  EXPECT_FALSE(Pattern::compile(most + "a"));
}

TEST(Pattern, WhatIsNoneIsRefused) {
  for (Bytes pattern : {"(", ")", "[", "[a", "*", "a**", "a{3,2}", "a{2000}", "\\", "\\p{L}", "(?P<n>a)", "[b-a]",
                        "[[:alpha:]]", "((((a{100}){100}){100}){100})"}) {
    EXPECT_FALSE(Pattern::compile(pattern)) << pattern;
  }
  EXPECT_FALSE(Pattern::compile(std::string(100'000, '(')));
  for (Bytes times : {"{18446744073709551615}", "{18446744073709551615,}", "{0,18446744073709551615}",
                      "{9223372036854775808}"}) {
    EXPECT_FALSE(Pattern::compile("a" + std::string(times))) << times;
  }
}

TEST(Pattern, TakesTimeInProportion) {
  // A backtracking matcher would need 2^28 steps for this.
  std::string pattern;
  for (int i = 0; i < 28; ++i) pattern += "a?";
  pattern += std::string(28, 'a');
  EXPECT_TRUE(matches("^" + pattern + "$", std::string(28, 'a')));
  EXPECT_FALSE(matches("^" + pattern + "$", std::string(27, 'a')));
}

}  // namespace
}  // namespace aigw::policy::cel
