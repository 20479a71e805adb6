#include "base/time_text.h"

#include <gtest/gtest.h>

#include <string>

namespace aigw {
namespace {

std::string text_of(uint64_t unix_milliseconds) {
  const auto text = time_text(unix_milliseconds);
  return {text.data(), text.size()};
}

TEST(TimeText, IsOfRfc3339) {
  EXPECT_EQ(text_of(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(text_of(1'709'210'096'007), "2024-02-29T12:34:56.007Z");
  EXPECT_EQ(text_of(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
}

TEST(TimeText, IsReadAgain) {
  // Every day for four hundred years, at changing times of the day.
  for (int64_t seconds = 0; seconds < 146'097 * 86'400LL; seconds += 86'413) {
    ASSERT_EQ(parse_time(text_of(static_cast<uint64_t>(seconds) * 1000)), seconds);
  }
}

}  // namespace
}  // namespace aigw
