#include "chat/conversation.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/limits.h"
#include "chat/drops.h"
#include "chat/test_text.h"

namespace aigw::chat {
namespace {

static_assert(std::is_trivially_copyable_v<Conversation>);
static_assert(std::is_trivially_copyable_v<Message>);
static_assert(std::is_trivially_copyable_v<Tool>);
static_assert(std::is_trivially_copyable_v<Answer>);
static_assert(std::is_trivially_copyable_v<Event>);

TEST(Conversation, SystemMessagesFollowTheSystemPrompt) {
  Arena arena(1 << 16);
  const std::array<Block, 1> front = {Text{.text = "a"}};
  const std::array<Block, 2> later = {Text{.text = "b"}, CachePoint{}};
  const std::array<Block, 1> hello = {Text{.text = "hello"}};
  const std::array<Message, 4> messages = {Message{.role = Role::user, .content = Blocks(hello)},
                                           Message{.role = Role::system, .content = Blocks(later)},
                                           Message{.role = Role::system},
                                           Message{.role = Role::system, .content = Blocks(front)}};
  Conversation c;
  c.system = Blocks(front);
  EXPECT_EQ(all_system(c, arena).begin(), c.system.begin());
  c.messages = messages;
  std::string all;
  for (const Block& block : all_system(c, arena)) all += test_text(block);
  EXPECT_EQ(all, "text(text='a')text(text='b')cache_point()text(text='a')");
}

TEST(Conversation, HoldsLooksIntoToolResults) {
  const std::array<Block, 1> image = {Image{}};
  const std::array<Block, 2> blocks = {Text{}, ToolResult{.content = Blocks(image)}};
  EXPECT_TRUE(holds<Image>(Blocks(blocks)));
  EXPECT_TRUE(holds<ToolResult>(Blocks(blocks)));
  EXPECT_FALSE(holds<Audio>(Blocks(blocks)));
}

TEST(Drops, CountsEachPathAndAll) {
  Arena arena(1 << 16);
  Drops drops(arena);
  EXPECT_EQ(drops.count(), 0u);
  for (const char* name : {"n", "user", "n"}) drops.add(std::string(name));
  drops.add("metadata.", "k");
  ASSERT_EQ(drops.kept().size(), 3u);
  EXPECT_EQ(drops.kept()[0].path, "n");
  EXPECT_EQ(drops.kept()[0].count, 2u);
  EXPECT_EQ(drops.kept()[2].path, "metadata.k");
  EXPECT_EQ(drops.count(), 4u);
}

TEST(Drops, KeepsSoManyNamesAndCountsOn) {
  Arena arena(1 << 16);
  Drops drops(arena);
  for (size_t i = 0; i < limits::drops_kept_max; ++i) drops.add("x", std::to_string(i));
  ASSERT_EQ(drops.kept().size(), limits::drops_kept_max);
  EXPECT_EQ(drops.kept().back().path, "x31");
  drops.add("x", "32");
  EXPECT_EQ(drops.kept().size(), limits::drops_kept_max);
  EXPECT_EQ(drops.kept().back().path, "x31");
  EXPECT_EQ(drops.count(), limits::drops_kept_max + 1);
}

TEST(Drops, CannotIsUnprocessable) {
  const Failure failure = cannot("Bedrock Converse", "n above 1");
  EXPECT_EQ(failure.kind, FailureKind::unprocessable);
  EXPECT_EQ(failure.message, "Bedrock Converse cannot take n above 1");
}

}  // namespace
}  // namespace aigw::chat
