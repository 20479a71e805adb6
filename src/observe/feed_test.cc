#include "observe/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/limits.h"

namespace aigw::observe {
namespace {

using testing::ElementsAre;

class FeedTest : public testing::Test {
 protected:
  std::vector<std::string> read(uint64_t& position, uint64_t* lost = nullptr) {
    std::vector<std::string> events;
    const uint64_t missed = feed_.read(position, [&](Bytes event) { events.emplace_back(event); });
    if (lost != nullptr) *lost = missed;
    return events;
  }

  std::unique_ptr<char[]> memory_{new char[Feed::bytes_for(4)]()};
  Feed feed_{memory_.get(), 4};
};

TEST_F(FeedTest, EventsComeOnceAndInOrder) {
  uint64_t position = 0;
  EXPECT_TRUE(read(position).empty());
  feed_.publish("a");
  feed_.publish("b");
  EXPECT_THAT(read(position), ElementsAre("a", "b"));
  feed_.publish("c");
  EXPECT_THAT(read(position), ElementsAre("c"));
  EXPECT_TRUE(read(position).empty());
}

TEST_F(FeedTest, WhoIsTooSlowLearnsHowMuchItLost) {
  uint64_t position = 0, lost = 0;
  for (const char* event : {"a", "b", "c", "d", "e", "f"}) feed_.publish(event);
  EXPECT_THAT(read(position, &lost), ElementsAre("c", "d", "e", "f"));
  EXPECT_EQ(lost, 2u);
}

TEST_F(FeedTest, AnotherBuildReadsOn) {
  uint64_t position = 0;
  feed_.publish("a");
  Feed next(memory_.get(), 99);
  next.publish("b");
  EXPECT_THAT(read(position), ElementsAre("a", "b"));
}

TEST_F(FeedTest, APositionOfTheFutureIsNow) {
  uint64_t position = 1000;
  feed_.publish("a");
  EXPECT_TRUE(read(position).empty());
  EXPECT_EQ(position, 1u);
}

TEST_F(FeedTest, AnEventThatIsTooLongIsNotWritten) {
  uint64_t position = 0;
  const std::string longest(limits::event_max, 'x');
  feed_.publish(longest + 'x');
  feed_.publish("a");
  feed_.publish(longest);
  EXPECT_THAT(read(position), ElementsAre("a", longest));
}

TEST_F(FeedTest, IsWantedForAWhile) {
  EXPECT_FALSE(feed_.is_wanted(1));
  feed_.want_until(5);
  EXPECT_TRUE(feed_.is_wanted(4));
  EXPECT_FALSE(feed_.is_wanted(5));
}

// A reader beside writers sees whole events only.
TEST(Feed, EventsAreNeverTorn) {
  constexpr uint32_t kRing = 64;
  const std::unique_ptr<char[]> memory(new char[Feed::bytes_for(kRing)]());
  Feed feed(memory.get(), kRing);
  std::vector<std::thread> writers;
  std::atomic<int> busy{2};
  for (const char letter : {'a', 'b'}) {
    writers.emplace_back([&feed, letter, &busy] {
      const std::string event(1000, letter);
      for (int i = 0; i < 20000; ++i) feed.publish(event);
      --busy;
    });
  }
  uint64_t position = 0, seen = 0;
  const auto check = [&](Bytes event) {
    ++seen;
    ASSERT_EQ(event, std::string(1000, event[0]));
  };
  while (busy > 0) feed.read(position, check);
  for (std::thread& writer : writers) writer.join();
  feed.read(position, check);
  EXPECT_GT(seen, 0u);
}

TEST(Event, IsWrittenAsJsonAndAsWords) {
  Labels labels;
  labels.add("model", "a \"b\"").add("#status", "200").add("id", "x-1").add("error", "");
  EXPECT_EQ(event_as_json(labels.bytes()),
            R"({"model":"a \"b\"","status":200,"id":"x-1","error":""})");
  EXPECT_EQ(event_as_text(labels.bytes()), R"(model="a \"b\"" status=200 id=x-1 error="")");
}

}  // namespace
}  // namespace aigw::observe
