#include "chat/freeform/request.h"

#include <gtest/gtest.h>

#include <vector>

#include "chat/testing/describe.h"

namespace aigw::chat::freeform {
namespace {

constexpr Bytes kSchema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

TEST(FreeformRequest, a_conversation_without_freeform_tools_stays_as_it_is) {
  const std::vector<Tool> tools = {{.name = "f", .schema = "{}"}};
  const std::vector<Block> said = {ToolCall{.id = "1", .name = "f", .arguments = "{}"}};
  const std::vector<Message> messages = {{.role = Role::assistant, .content = Blocks(said)}};
  const Conversation from{.messages = messages, .tools = tools};
  Arena arena(1 << 16);
  const Conversation to = as_functions(from, arena);
  EXPECT_EQ(to.tools.data(), from.tools.data());
  EXPECT_EQ(to.messages.data(), from.messages.data());
  EXPECT_EQ(names(from), "");
}

TEST(FreeformRequest, a_tool_becomes_a_function_of_one_text) {
  const std::vector<Tool> tools = {
      {.kind = Tool::Kind::freeform,
       .name = "any",
       .description = "d",
       .schema = R"({"type":"text"})"},
      {.name = "f", .schema = "{}"},
      {.kind = Tool::Kind::freeform,
       .name = "patch",
       .description = "Edits.",
       .schema = "{}",
       .grammar = {.syntax = "lark", .definition = "start: \"a\""},
       .cache = CachePoint{}},
      {.kind = Tool::Kind::freeform, .name = "bare", .grammar = {.definition = "x"}}};
  const Conversation from{.tools = tools, .tool_choice = {ToolChoice::Mode::named, "patch"}};
  Arena arena(1 << 16);
  const std::vector<Tool> expected = {
      {.name = "any", .description = "d", .schema = kSchema},
      {.name = "f", .schema = "{}"},
      {.name = "patch",
       .description = "Edits.\n\nThe input follows this grammar (lark):\nstart: \"a\"",
       .schema = kSchema,
       .cache = CachePoint{}},
      {.name = "bare", .description = "The input follows this grammar:\nx", .schema = kSchema}};
  Conversation to = from;
  to.tools = expected;
  EXPECT_EQ(testing::describe(as_functions(from, arena)), testing::describe(to));
  EXPECT_EQ(names(from), "any\npatch\nbare\n");
}

TEST(FreeformRequest, a_call_becomes_one_of_the_function) {
  const std::vector<Block> said = {
      Text{.text = "t"},
      ToolCall{.id = "1", .name = "sh", .arguments = "ls \"a\"\n", .freeform = true},
      ToolCall{.id = "2", .name = "f", .arguments = "{}"}};
  const std::vector<Block> called = {
      Text{.text = "t"},
      ToolCall{.id = "1", .name = "sh", .arguments = R"({"input":"ls \"a\"\n"})"},
      ToolCall{.id = "2", .name = "f", .arguments = "{}"}};
  const std::vector<Message> messages = {
      {.role = Role::user}, {.role = Role::assistant, .content = Blocks(said), .name = "n"}};
  const std::vector<Message> expected = {
      {.role = Role::user}, {.role = Role::assistant, .content = Blocks(called), .name = "n"}};
  const Conversation from{.messages = messages};
  Arena arena(1 << 16);
  Conversation to = from;
  to.messages = expected;
  EXPECT_EQ(testing::describe(as_functions(from, arena)), testing::describe(to));
  EXPECT_EQ(names(from), "sh\n");
}

TEST(FreeformRequest, names_are_whole_and_those_of_declared_functions_are_functions) {
  EXPECT_TRUE(has_name("ab\nc\n", "c"));
  EXPECT_FALSE(has_name("ab\nc\n", "a"));
  EXPECT_FALSE(has_name("ab\nc\n", "b"));
  EXPECT_FALSE(has_name("", ""));
  const std::vector<Tool> tools = {{.name = "sh"}, {.kind = Tool::Kind::freeform, .name = "a\nb"}};
  const std::vector<Block> said = {ToolCall{.name = "sh", .arguments = "ls", .freeform = true}};
  const std::vector<Message> messages = {{.role = Role::assistant, .content = Blocks(said)}};
  EXPECT_EQ(names({.messages = messages, .tools = tools}), "");
}

}  // namespace
}  // namespace aigw::chat::freeform
