#include "mock/tokens.h"

#include <gtest/gtest.h>

#include <string>

namespace aigw::mock {
namespace {

std::string marked(std::string_view text) {
  std::string all;
  for (std::string_view piece : token_pieces(text)) all.append("|").append(piece);
  return all;
}

TEST(Tokens, AreWordsAndPunctuationWithTheWhiteSpaceBefore) {
  EXPECT_EQ(marked("Hello, world!"), "|Hello|,| world|!");
  EXPECT_EQ(marked("it's snake_case 42"), "|it's| snake_case| 42");
  EXPECT_EQ(marked("Grüße 你好"), "|Grüße| 你好");
}

TEST(Tokens, NothingIsLostAndNothingIsATokenOfWhiteSpace) {
  EXPECT_EQ(marked("  a \n"), "|  a \n");
  EXPECT_EQ(count_tokens(" \t\n"), 0u);
  EXPECT_EQ(count_tokens(""), 0u);
}

}  // namespace
}  // namespace aigw::mock
