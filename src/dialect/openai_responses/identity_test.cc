// decode(encode(conversation)) is the conversation, for all small ones of this dialect.

#include <gtest/gtest.h>

#include "chat/testing/small_conversations.h"
#include "dialect/openai_responses/codec_test_support.h"

namespace aigw::dialect::openai_responses {
namespace {

using chat::Block;
using chat::Conversation;
using chat::Source;
using chat::testing::Phrase;

void expect_same_again(const Conversation& conversation, const std::string& what) {
  Bench bench;
  const std::string body = bench.encode(conversation);
  ASSERT_EQ(bench.described(body), chat::testing::describe(conversation)) << what << body;
  ASSERT_EQ(bench.dropped(), "") << body;
}

// What the assistant says in a row is one message, so no two of its messages are adjacent; no
// message of the assistant is empty, since it would be no item.
chat::testing::SmallAlphabet alphabet() {
  static const std::vector<Block> seen = {
      chat::Text{"s"}, chat::Image{{Source::Kind::base64, "iVBO", "image/png"}}};
  static const std::vector<Block> said = {chat::Text{"ok"}};
  return {
      .system = {{chat::Text{"S"}}, {chat::Text{"S"}, chat::Text{"T"}}, {chat::Text{""}}},
      .user = {{chat::Text{"a \"b\"\n"}},
               {chat::Text{""}},
               {chat::Image{{Source::Kind::base64, "iVBO", "image/png"}, "low"}},
               {chat::Image{{Source::Kind::url, "https://h/i.png"}}},
               {chat::Image{{Source::Kind::file_id, "f1"}}},
               {chat::File{.source = {Source::Kind::base64, "JVBE", "application/pdf"},
                           .name = "n"}},
               {chat::File{.source = {Source::Kind::base64, "JVBE"}}},
               {chat::File{.source = {Source::Kind::url, "https://h/d.pdf"}}},
               {chat::File{.source = {Source::Kind::file_id, "f1"}}},
               {chat::Audio{{Source::Kind::base64, "UklG", "audio/wav"}}}},
      .assistant = {{chat::Text{"x"}},
                    {chat::Text{""}},
                    {chat::Text{"y", R"([{"type":"url_citation"}])"}},
                    {chat::Text{"no", {}, true}},
                    {chat::Reasoning{.text = "t", .signature = "openai:rs_1:E"}},
                    {chat::Reasoning{.text = "t", .signature = "openai:rs_1:"}},
                    {chat::Reasoning{.redacted = "openai:rs_2:E"}},
                    {chat::Reasoning{.text = "t", .signature = "EqQB"}},
                    {chat::Reasoning{.signature = "EqQB"}},
                    {chat::Reasoning{.redacted = "R=="}},
                    {chat::ToolCall{"c1", "f", R"({"a": [1]})"}},
                    {chat::ToolCall{.id = "c2", .name = "g", .signature = "S"}},
                    {chat::ToolCall{.id = "c3", .name = "sh", .arguments = "{ls", .freeform = true}},
                    {chat::Opaque{"web_search_call", R"({"type":"web_search_call"})"}}},
      .results = {{chat::ToolResult{.call_id = "c1", .content = std::span<const Block>(said)}},
                  {chat::ToolResult{.call_id = "c1"},
                   chat::ToolResult{.call_id = "c2", .content = std::span<const Block>(seen),
                                    .freeform = true}}},
      .empty_messages = false,
      .system_between = true,
      .same_role_adjacent = false,
  };
}

size_t expect_identity(const chat::testing::SmallAlphabet& letters) {
  size_t count = 0;
  chat::testing::for_each_small_conversation(
      letters, {.language = kLanguage, .model = "m"}, [&](const Conversation& conversation) {
        ++count;
        if (!::testing::Test::HasFatalFailure()) expect_same_again(conversation, "");
      });
  return count;
}

TEST(Identity, OfAllMessagesWithTwoPhrases) {
  chat::testing::SmallAlphabet letters = alphabet();
  letters.messages_max = 1;
  EXPECT_GT(expect_identity(letters), 1000u);
}

TEST(Identity, OfAllConversationsWithThreeMessages) {
  chat::testing::SmallAlphabet letters = alphabet();
  letters.phrases_max = 1;
  letters.messages_max = 3;
  letters.user.resize(5);
  letters.assistant.resize(10);
  EXPECT_GT(expect_identity(letters), 2000u);
}

TEST(Identity, OfMessagesOfTheUserInARow) {
  const std::vector<Block> said = {chat::Text{"ok"}};
  const std::vector<Block> results = {
      chat::ToolResult{.call_id = "c1", .content = std::span<const Block>(said)}};
  const chat::Message text{chat::Role::user, std::span<const Block>(said), {}};
  const chat::Message result{chat::Role::user, std::span<const Block>(results), {}};
  const chat::Message empty{chat::Role::user, {}, {}};
  for (const chat::Message& one : {text, result, empty}) {
    for (const chat::Message& other : {text, empty}) {
      const chat::Message messages[] = {one, other, one};
      ASSERT_NO_FATAL_FAILURE(
          expect_same_again({.language = kLanguage, .messages = messages}, ""));
    }
  }
}

constexpr chat::Tool kTools[] = {
    {.name = "f", .description = "", .schema = R"({"type": "object"})", .strict = false},
    {.name = "g"},
    {.kind = chat::Tool::Kind::freeform, .name = "sh", .description = "d", .schema = "{}"},
    {.kind = chat::Tool::Kind::opaque, .name = "w", .schema = R"({"type":"w"})"}};
constexpr chat::Extra kExtras[] = {{"truncation", R"("auto")"}, {"store", "true"}};

constexpr chat::testing::Setting kSettings[] = {
    {"stream", [](Conversation& c) { c.stream = true; }},
    {"tools", [](Conversation& c) { c.tools = kTools; }},
    {"auto", [](Conversation& c) { c.tool_choice = {.mode = chat::ToolChoice::Mode::automatic}; }},
    {"required",
     [](Conversation& c) { c.tool_choice = {.mode = chat::ToolChoice::Mode::required}; }},
    {"none", [](Conversation& c) { c.tool_choice = {.mode = chat::ToolChoice::Mode::none}; }},
    {"named",
     [](Conversation& c) { c.tool_choice = {.mode = chat::ToolChoice::Mode::named, .name = "f"}; }},
    {"named freeform",
     [](Conversation& c) {
       c.tool_choice = {.mode = chat::ToolChoice::Mode::named, .name = "sh"};
     }},
    {"opaque choice",
     [](Conversation& c) {
       c.tool_choice = {.mode = chat::ToolChoice::Mode::opaque, .raw =
           R"({"type":"allowed_tools"})"};
     }},
    {"parallel", [](Conversation& c) { c.parallel_tool_calls = false; }},
    {"max_tokens", [](Conversation& c) { c.sampling.max_tokens = 1; }},
    {"temperature", [](Conversation& c) { c.sampling.temperature = "0.70"; }},
    {"top_p", [](Conversation& c) { c.sampling.top_p = "1e-1"; }},
    {"logprobs", [](Conversation& c) { c.sampling.logprobs = true, c.sampling.top_logprobs = 3; }},
    {"effort", [](Conversation& c) { c.reasoning.effort = "max"; }},
    {"summary", [](Conversation& c) { c.reasoning.include_thoughts = true; }},
    {"text", [](Conversation& c) { c.output = {.kind = chat::OutputFormat::Kind::text}; }},
    {"json", [](Conversation& c) { c.output = {.kind = chat::OutputFormat::Kind::json_object}; }},
    {"schema",
     [](Conversation& c) {
       c.output = {.kind = chat::OutputFormat::Kind::json_schema, .name = "n", .description = "d",
                   .schema = R"({"type": "object"})", .strict = true};
     }},
    {"tier", [](Conversation& c) { c.service_tier = "standard_only"; }},
    {"verbosity", [](Conversation& c) { c.verbosity = "low"; }},
    {"user", [](Conversation& c) { c.user = "u", c.metadata = R"({"k": "v"})"; }},
    {"extras", [](Conversation& c) { c.extras = kExtras; }},
};

TEST(Identity, OfEverySettingBesideEveryOther) {
  chat::testing::for_each_setting(
      kSettings, {.language = kLanguage, .model = "m"},
      [](const Conversation& conversation, Bytes one, Bytes other) {
        if (::testing::Test::HasFatalFailure()) return;
        expect_same_again(conversation, std::string(one) + ", " + std::string(other) + ": ");
      });
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
