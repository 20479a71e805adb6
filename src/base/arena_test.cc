#include "base/arena.h"

#include <gtest/gtest.h>

#include <string>

namespace aigw {
namespace {

TEST(Arena, CopiesOutliveTheirSource) {
  Arena arena(100);
  Bytes kept;
  {
    std::string source = "gpt-4o";
    kept = arena.copy(source);
  }
  EXPECT_EQ(kept, "gpt-4o");
  EXPECT_EQ(arena.used(), 6u);
}

TEST(Arena, TakesItsLimitExactlyAndNotOneByteMore) {
  Arena arena(8);
  arena.allocate(8);
  EXPECT_THROW(arena.allocate(1), std::bad_alloc);
}

}  // namespace
}  // namespace aigw
