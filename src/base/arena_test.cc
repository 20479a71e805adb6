#include "base/arena.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/limits.h"

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

// The arena of an exchange, and that of a body which goes through the hub.
TEST(Arena, TakesTheLimitsOfTheProductExactly) {
  constexpr uint64_t kBody = 1000;
  for (const uint64_t max : {uint64_t{limits::exchange_arena_max}, limits::hub_arena_max(kBody)}) {
    Arena arena(max);
    arena.allocate(max);
    EXPECT_THROW(arena.allocate(1), std::bad_alloc);
    Arena smaller(max);
    EXPECT_THROW(smaller.allocate(max + 1), std::bad_alloc);
  }
}

TEST(Arena, TypedPiecesAreAlignedAndCounted) {
  Arena arena(1 << 16);
  arena.allocate(1);
  uint64_t* number = arena.make<uint64_t>(7u);
  EXPECT_EQ(*number, 7u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(number) % alignof(uint64_t), 0u);
  const std::array<uint64_t, 2> items = {1, 2};
  const std::span<uint64_t> copy = arena.copy_array(std::span<const uint64_t>(items));
  EXPECT_EQ(copy[1], 2u);
  EXPECT_NE(copy.data(), items.data());
  EXPECT_EQ(arena.used(), 25u);
  EXPECT_THROW(arena.allocate_array<uint64_t>(SIZE_MAX / 4), std::bad_alloc);
}

TEST(Arena, ResetGivesTheWholeLimitBack) {
  Arena arena(4000);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(arena.used(), 0u);
    std::memset(arena.allocate(4000), 'x', 4000);
    EXPECT_THROW(arena.allocate(1), std::bad_alloc);
    arena.reset();
  }
}

TEST(ArenaVector, GrowsAndTakesItsOwnItems) {
  Arena arena(1 << 16);
  ArenaVector<uint32_t> numbers(arena);
  EXPECT_TRUE(numbers.empty());
  numbers.push_back(1);
  for (int i = 0; i < 100; ++i) numbers.push_back(numbers.items()[0] + numbers.back());
  ASSERT_EQ(numbers.size(), 101u);
  EXPECT_EQ(numbers.items()[100], 101u);
}

}  // namespace
}  // namespace aigw
