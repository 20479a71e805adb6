#include "observe/block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "observe/labels.h"

namespace aigw::observe {
namespace {

struct Memory {
  explicit Memory(size_t size = 16u << 20) : bytes(size), data(new char[size]()) {}
  size_t bytes;
  std::unique_ptr<char[]> data;
};

Labels numbered(int number) {
  Labels labels;
  labels.add("number", std::to_string(number));
  return labels;
}

TEST(Block, ASeriesIsFoundAgain) {
  Memory memory;
  Block block(memory.data.get(), memory.bytes, 4);
  const Labels labels = numbered(1);
  const Series* series = block.find({"family", labels.bytes()});
  ASSERT_NE(series, nullptr);
  EXPECT_EQ(block.find({"family", labels.bytes()}), series);
  EXPECT_EQ(Block::family_of(*series), "family");
  EXPECT_EQ(label(Block::labels_of(*series), "number"), "1");
  EXPECT_NE(block.find({"family", numbered(2).bytes()}), series);
  EXPECT_NE(block.find({"other", labels.bytes()}), series);
  EXPECT_EQ(block.series_count(), 3u);
}

TEST(Block, WhatWorkersAddIsOneSum) {
  Memory memory;
  Block block(memory.data.get(), memory.bytes, 4);
  const Series* series = block.find({"family", {}, 3});
  for (uint32_t worker = 0; worker < 9; ++worker) block.add(*series, worker, 1, worker);
  EXPECT_EQ(block.read(*series, 0), 0u);
  EXPECT_EQ(block.read(*series, 1), 36u);
  EXPECT_EQ(block.read(*series, 2), 0u);
}

TEST(Block, AnotherBuildGoesOnWithIt) {
  Memory memory;
  const Labels labels = numbered(1);
  {
    Block old_build(memory.data.get(), memory.bytes, 2);
    old_build.add(*old_build.find({"family", labels.bytes()}), 1, 0, 5);
  }
  Block new_build(memory.data.get(), memory.bytes, 7);
  const Series* series = new_build.find({"family", labels.bytes()});
  EXPECT_EQ(new_build.series_count(), 1u);
  new_build.add(*series, 6, 0, 2);
  EXPECT_EQ(new_build.read(*series, 0), 7u);
}

TEST(Block, OtherBucketsAreAnotherSeries) {
  Memory memory;
  Block block(memory.data.get(), memory.bytes, 1);
  const Series* two = block.find({"family", {}, 2});
  EXPECT_NE(block.find({"family", {}, 3}), two);
}

TEST(Block, WhatClientsNameHasItsRoomAndNoMore) {
  Memory memory;
  Block block(memory.data.get(), memory.bytes, 1);
  const uint64_t room = limits::metric_series_max - limits::metric_series_reserved;
  for (uint64_t i = 0; i < room; ++i) {
    ASSERT_NE(block.find({"family", numbered(static_cast<int>(i)).bytes(), 1, false, true}),
              nullptr);
  }
  EXPECT_EQ(block.find({"family", numbered(-1).bytes(), 1, false, true}), nullptr);
  EXPECT_EQ(block.overflows(), 1u);
  EXPECT_NE(block.find({"family", numbered(3).bytes(), 1, false, true}), nullptr);
  EXPECT_NE(block.find({"family", numbered(-1).bytes()}), nullptr);
}

TEST(Block, TheLastRoomIsForWhatNoClientNames) {
  Memory memory;
  Block block(memory.data.get(), memory.bytes, 1);
  for (uint64_t i = 0; i < limits::metric_series_max; ++i) {
    ASSERT_NE(block.find({"family", numbered(static_cast<int>(i)).bytes()}), nullptr) << i;
  }
  EXPECT_EQ(block.overflows(), 0u);
  EXPECT_EQ(block.find({"family", numbered(-1).bytes()}), nullptr);
  EXPECT_EQ(block.overflows(), 1u);
}

TEST(Labels, AValueIsCutAtTheLimit) {
  const std::string fits(limits::label_value_max, 'v');
  EXPECT_EQ(label(Labels().add("a", fits).bytes(), "a"), fits);
  EXPECT_EQ(label(Labels().add("a", fits + "w").bytes(), "a"), fits);
}

TEST(Labels, ANameIsCutAtTheLimit) {
  const std::string fits(limits::label_name_max, 'n');
  EXPECT_EQ(label(Labels().add(fits, "v").bytes(), fits), "v");
  EXPECT_EQ(label(Labels().add(fits + "o", "v").add("a", "w").bytes(), fits), "v");
  EXPECT_EQ(label(Labels().add(fits + "o", "v").add("a", "w").bytes(), "a"), "w");
}

// A series of one shard, whose values end where the memory does, and one whose last value would be behind it.
TEST(Block, AllOfTheMemoryIsForSeriesAndNotOneByteMore) {
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  const std::unique_ptr<void, Free> memory(std::calloc(1, limits::metric_memory_max));
  Block block(memory.get(), limits::metric_memory_max, 1);
  const Series* first = block.find({"f", "", 8});
  const uint64_t used = first->values_offset + 8 * sizeof(uint64_t);  // both are whole units
  const auto left = static_cast<uint32_t>((limits::metric_memory_max - used) / sizeof(uint64_t) - 8);  // behind a head
  EXPECT_EQ(block.find({"g", "", left + 1}), nullptr);
  EXPECT_EQ(block.overflows(), 1u);
  const Series* last = block.find({"g", "", left});
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->values_offset + left * sizeof(uint64_t), limits::metric_memory_max);
  EXPECT_EQ(block.find({"h", "", 1}), nullptr);
}

TEST(Block, MemoryThatIsFullTakesNoMore) {
  Memory memory(70u << 10);
  Block block(memory.data.get(), memory.bytes, 1);
  int made = 0;
  while (block.find({"family", numbered(made).bytes()}) != nullptr) ++made;
  EXPECT_GT(made, 1);
  EXPECT_LT(made, 100);
  EXPECT_EQ(block.read(*block.find({"family", numbered(0).bytes()}), 0), 0u);
}

// Threads that meet a series for the first time all get the same one, and nothing is lost.
TEST(Block, ThreadsAgree) {
  Memory memory;
  Block block(memory.data.get(), memory.bytes, 4);
  constexpr int kSeries = 200, kRounds = 20;
  std::vector<std::thread> threads;
  for (uint32_t worker = 0; worker < 4; ++worker) {
    threads.emplace_back([&block, worker] {
      for (int round = 0; round < kRounds; ++round) {
        for (int i = 0; i < kSeries; ++i) {
          const Labels labels = numbered(i);
          block.add(*block.find({"family", labels.bytes()}), worker, 0, 1);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  size_t seen = 0;
  block.for_each([&](const Series& series) {
    ++seen;
    EXPECT_EQ(block.read(series, 0), 4u * kRounds);
  });
  EXPECT_EQ(seen, static_cast<size_t>(kSeries));
}

TEST(Block, TheLastExemplarOfABucketIsKept) {
  Memory memory;
  Block block(memory.data.get(), memory.bytes, 1);
  const Series* series = block.find({"family", {}, 3, true});
  Block::ReadExemplar read;
  EXPECT_FALSE(block.read_exemplar(*series, 1, read));
  Labels labels;
  labels.add("request_id", "first");
  block.put_exemplar(*series, 1, 7, labels.bytes(), 1000);
  labels.cut(0);
  labels.add("request_id", "second");
  block.put_exemplar(*series, 1, 8, labels.bytes(), 2000);
  ASSERT_TRUE(block.read_exemplar(*series, 1, read));
  EXPECT_EQ(label(read.labels, "request_id"), "second");
  EXPECT_EQ(read.value, 8u);
  EXPECT_EQ(read.unix_milliseconds, 2000u);
  EXPECT_FALSE(block.read_exemplar(*series, 0, read));
}

TEST(Block, ABusyBucketWantsAnExemplarNowAndThen) {
  Memory memory;
  Block block(memory.data.get(), memory.bytes, 1);
  const Series* series = block.find({"family", {}, 3, true});
  EXPECT_TRUE(block.wants_exemplar(*series, 1, 0)) << "it has none";
  block.put_exemplar(*series, 1, 7, Labels().add("request_id", "first").bytes(), 1000);
  EXPECT_FALSE(block.wants_exemplar(*series, 1, 1000));
  EXPECT_FALSE(block.wants_exemplar(*series, 1, 1000 + Exemplar::kPeriod - 1));
  EXPECT_TRUE(block.wants_exemplar(*series, 1, 1000 + Exemplar::kPeriod));
  EXPECT_TRUE(block.wants_exemplar(*series, 1, 999)) << "the clock was set back";
  EXPECT_TRUE(block.wants_exemplar(*series, 2, 1000)) << "another bucket";
  EXPECT_FALSE(block.wants_exemplar(*block.find({"without", {}, 3}), 1, 0));
}

}  // namespace
}  // namespace aigw::observe
