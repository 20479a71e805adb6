#include "base/secret.h"

#include <gtest/gtest.h>

#include <concepts>
#include <cstring>
#include <new>
#include <sstream>
#include <string>

namespace aigw {
namespace {

// What would print a secret does not compile.
template <class T>
concept Streamed = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Joined = requires(std::string text, const T& value) { text + value; };
template <class T>
concept Appended = requires(std::string text, const T& value) { text += value; };
static_assert(Streamed<std::string> && Joined<std::string> && Appended<std::string>);
static_assert(!Streamed<Secret> && !Joined<Secret> && !Appended<Secret>);
static_assert(!std::convertible_to<Secret, std::string> && !std::convertible_to<Secret, Bytes>);
static_assert(!std::convertible_to<std::string, Secret>);
static_assert(!Streamed<SecretBuilder> && !std::convertible_to<SecretBuilder, Bytes>);

TEST(Secret, HoldsItsText) {
  const Secret secret(Bytes("sk-1"));
  EXPECT_EQ(secret.reveal(), "sk-1");
  EXPECT_EQ(secret.size(), 4u);
  EXPECT_TRUE(Secret().empty());
  EXPECT_EQ(Secret().reveal(), "");
}

TEST(Secret, CopiesAndMoves) {
  Secret first(Bytes("sk-1"));
  Secret copy = first;
  EXPECT_EQ(copy.reveal(), "sk-1");
  EXPECT_NE(copy.reveal().data(), first.reveal().data());
  Secret moved = std::move(first);
  EXPECT_EQ(moved.reveal(), "sk-1");
  copy = Secret(Bytes("other"));
  EXPECT_EQ(copy.reveal(), "other");
  EXPECT_FALSE(copy == moved);
  moved = Secret(Bytes("othex"));
  EXPECT_FALSE(copy == moved);
  moved = copy;
  EXPECT_TRUE(copy == moved);
}

// The bytes of a builder whose memory the test keeps are gone after it.
TEST(Secret, ErasesWhatItIsToldTo) {
  char text[] = "sk-marked";
  erase_bytes(text, 9);
  const char nothing[10] = {};
  EXPECT_EQ(std::memcmp(text, nothing, 9), 0);
}

TEST(SecretBuilder, TakesWhatFits) {
  SecretBuilder builder(8);
  builder.append("Bearer ").append("x");
  EXPECT_EQ(builder.reveal(), "Bearer x");
  EXPECT_FALSE(builder.full());
  builder.append("y");
  EXPECT_TRUE(builder.full());
  EXPECT_EQ(builder.reveal(), "Bearer x");
}

}  // namespace
}  // namespace aigw
