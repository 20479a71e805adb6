#include "base/check.h"

#include <gtest/gtest.h>

#include <string>

namespace aigw {
namespace {

TEST(Check, WhatHoldsCostsNothing) { EXPECT_NO_THROW(AIGW_CHECK(1 + 1 == 2)); }

TEST(Check, WhatDoesNotHoldIsThrownAndSaysWhatAndWhere) {
  try {
    AIGW_CHECK(1 + 1 == 3);
    FAIL() << "went on";
  } catch (const BrokenInvariant& broken) {
    const std::string what = broken.what();
    EXPECT_NE(what.find("1 + 1 == 3"), std::string::npos) << what;
    EXPECT_NE(what.find("check_test.cc:"), std::string::npos) << what;
  }
}

}  // namespace
}  // namespace aigw
