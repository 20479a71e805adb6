#include "base/budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

#include "base/limits.h"

namespace aigw {
namespace {

TEST(Budget, IsFullAtItsBoundAndNotBefore) {
  uint64_t used = 0;
  const Budget budget(&used, 10);
  Charge first(budget), second(budget);
  EXPECT_TRUE(first.take(4));
  EXPECT_TRUE(second.take(6));
  EXPECT_FALSE(first.take(1));
  EXPECT_TRUE(first.take(0));
  EXPECT_EQ(used, 10u);
  second.release();
  EXPECT_FALSE(first.take(7));
  EXPECT_FALSE(first.take(std::numeric_limits<uint64_t>::max()));
  EXPECT_TRUE(first.take(6));
  EXPECT_EQ(used, 10u);
}

TEST(Budget, TakesTheDefaultExactly) {
  uint64_t used = 0;
  const Budget budget(&used, limits::buffered_max);
  Charge most(budget), last(budget);
  EXPECT_TRUE(most.take(limits::buffered_max - 1));
  EXPECT_FALSE(last.take(2));
  EXPECT_TRUE(last.take(1));
  EXPECT_FALSE(Charge(budget).take(1));
}

TEST(Budget, ComesBackWithItsHolder) {
  uint64_t used = 0;
  const Budget budget(&used, 10);
  {
    Charge charge(budget);
    EXPECT_TRUE(charge.take(7));
  }
  EXPECT_EQ(used, 0u);
}

TEST(Budget, IsOneForAllWhoShareTheCount) {
  uint64_t used = 0;
  const Budget one(&used, 10), other(&used, 20);
  EXPECT_TRUE(other.take(15));
  EXPECT_FALSE(one.take(1));
  EXPECT_TRUE(other.take(5));
}

TEST(Budget, IsWholeAfterManyThreads) {
  uint64_t used = 0;
  const Budget budget(&used, 100);
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20000; ++n) {
        Charge charge(budget);
        if (charge.take(60)) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(used, 0u);
  EXPECT_GT(taken, 0);
}

TEST(Budget, WithoutABoundTakesAll) {
  Charge charge{Budget()};
  EXPECT_TRUE(charge.take(std::numeric_limits<uint64_t>::max()));
}

}  // namespace
}  // namespace aigw
