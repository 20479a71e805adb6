// decode(encode(conversation)) is the conversation, for all small ones of this dialect.

#include <gtest/gtest.h>

#include "chat/testing/small_conversations.h"
#include "dialect/openai_chat/codec_test_support.h"

namespace aigw::dialect::openai_chat {
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

chat::testing::SmallAlphabet alphabet() {
  static const std::vector<Block> seen = {
      chat::Text{"s"}, chat::CachePoint{},
      chat::Image{{Source::Kind::base64, "iVBO", "image/png"}}};
  static const std::vector<Block> said = {chat::Text{"ok"}};
  return {
      .system = {{chat::Text{"S"}}, {chat::Text{"S"}, chat::CachePoint{"5m"}, chat::Text{"T"}}},
      .user = {{chat::Text{"a \"b\"\n"}},
               {chat::Text{""}},
               {chat::Text{"c"}, chat::CachePoint{"1h"}},
               {chat::Image{{Source::Kind::base64, "iVBO", "image/png"}, "low"}},
               {chat::Image{{Source::Kind::url, "https://h/i.png"}}, chat::CachePoint{}},
               {chat::File{.source = {Source::Kind::base64, "JVBE", "application/pdf"},
                           .name = "n"}},
               {chat::File{.source = {Source::Kind::url, "https://h/d.pdf"}}},
               {chat::File{.source = {Source::Kind::file_id, "f1"}}},
               {chat::Audio{{Source::Kind::base64, "UklG", "audio/wav"}}},
               {chat::Audio{{Source::Kind::url, "https://h/a.wav"}}},
               {chat::Opaque{"video_url", R"({"type":"video_url","video_url":{"url":"v"}})"}}},
      .assistant = {{chat::Text{"x"}},
                    {chat::Text{"no", {}, true}},
                    {chat::Text{"y"}, chat::CachePoint{}},
                    {chat::Reasoning{.text = "t", .signature = "S"}},
                    {chat::Reasoning{.text = "u"}},
                    {chat::Reasoning{.redacted = "R=="}}},
      .results = {{chat::ToolResult{.call_id = "c1", .content = std::span<const Block>(said)}},
                  {chat::ToolResult{.call_id = "c1"},
                   chat::ToolResult{.call_id = "c2", .content = std::span<const Block>(seen)},
                   chat::CachePoint{}}},
      .system_between = true,
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
  EXPECT_GT(expect_identity(letters), 500u);
}

TEST(Identity, OfAllConversationsWithTwoMessages) {
  chat::testing::SmallAlphabet letters = alphabet();
  letters.phrases_max = 1;
  EXPECT_GT(expect_identity(letters), 1500u);
}

TEST(Identity, OfConversationsWithThreeMessages) {
  chat::testing::SmallAlphabet letters = alphabet();
  letters.phrases_max = 1;
  letters.messages_max = 3;
  letters.user.resize(3);
  letters.assistant.resize(4);
  EXPECT_GT(expect_identity(letters), 5000u);
}

TEST(Identity, OfAssistantsThatCallTools) {
  const std::vector<Phrase> calls = {
      {chat::ToolCall{"c1", "f", R"({"a": [1]})"}},
      {chat::ToolCall{"c2", "g", "{broken"}, chat::CachePoint{}},
      {chat::ToolCall{"c3", "h", ""}},
      {chat::ToolCall{.id = "c4", .name = "sh", .arguments = "ls", .freeform = true}}};
  const std::vector<Block> openings[] = {
      {}, {chat::Text{"x"}}, {chat::Reasoning{.text = "t", .signature = "S"}, chat::Text{"x"}}};
  for (const std::vector<Block>& opening : openings) {
    for (const Phrase& first : calls) {
      for (const Phrase& second : calls) {
        std::vector<Block> blocks = opening;
        blocks.insert(blocks.end(), first.begin(), first.end());
        blocks.insert(blocks.end(), second.begin(), second.end());
        const chat::Message message{chat::Role::assistant, std::span<const Block>(blocks), "bob"};
        ASSERT_NO_FATAL_FAILURE(
            expect_same_again({.language = kLanguage, .messages = {&message, 1}}, ""));
      }
    }
  }
}

constexpr chat::Tool kTools[] = {
    {.name = "f", .description = "", .schema = R"({"type": "object"})", .strict = false},
    {.name = "g", .cache = chat::CachePoint{"1h"}},
    {.kind = chat::Tool::Kind::freeform, .name = "sh", .description = "d", .schema = "{}"},
    {.kind = chat::Tool::Kind::opaque, .name = "w", .schema = R"({"type":"w"})"}};
constexpr Bytes kStop[] = {"END", "\n"};
constexpr chat::Extra kExtras[] = {{"logit_bias", R"({"1": 2})"}, {"store", "true"}};

constexpr chat::testing::Setting kSettings[] = {
    {"stream", [](Conversation& c) { c.stream = true; }},
    {"usage", [](Conversation& c) { c.include_usage = true; }},
    {"no usage", [](Conversation& c) { c.include_usage = false; }},
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
    {"max_tokens", [](Conversation& c) { c.sampling.max_tokens = 0; }},
    {"temperature", [](Conversation& c) { c.sampling.temperature = "0.70"; }},
    {"top", [](Conversation& c) { c.sampling.top_p = "1e-1", c.sampling.top_k = "40"; }},
    {"penalties",
     [](Conversation& c) {
       c.sampling.frequency_penalty = "-1", c.sampling.presence_penalty = "0.0";
     }},
    {"seed", [](Conversation& c) { c.sampling.seed = "12345678901234567890"; }},
    {"stop", [](Conversation& c) { c.sampling.stop_sequences = kStop; }},
    {"n", [](Conversation& c) { c.sampling.answers = 2; }},
    {"logprobs", [](Conversation& c) { c.sampling.logprobs = true, c.sampling.top_logprobs = 3; }},
    {"thinking",
     [](Conversation& c) {
       c.reasoning.mode = chat::ReasoningRequest::Mode::enabled;
       c.reasoning.budget_tokens = 1024;
       c.reasoning.include_thoughts = false;
     }},
    {"adaptive",
     [](Conversation& c) {
       c.reasoning = {.mode = chat::ReasoningRequest::Mode::adaptive, .display = "summarized"};
     }},
    {"no thinking",
     [](Conversation& c) { c.reasoning = {.mode = chat::ReasoningRequest::Mode::disabled}; }},
    {"effort", [](Conversation& c) { c.reasoning.effort = "max"; }},
    {"text", [](Conversation& c) { c.output = {.kind = chat::OutputFormat::Kind::text}; }},
    {"json", [](Conversation& c) { c.output = {.kind = chat::OutputFormat::Kind::json_object}; }},
    {"schema",
     [](Conversation& c) {
       c.output = {.kind = chat::OutputFormat::Kind::json_schema, .name = "n", .description = "d",
                   .schema = R"({"type": "object"})", .strict = true};
     }},
    {"guided_json",
     [](Conversation& c) {
       c.output = {.kind = chat::OutputFormat::Kind::json_schema, .schema = "{}"};
     }},
    {"guided_choice",
     [](Conversation& c) {
       c.output = {.kind = chat::OutputFormat::Kind::choice, .schema = R"(["a"])"};
     }},
    {"guided_regex",
     [](Conversation& c) { c.output = {.kind = chat::OutputFormat::Kind::regex, .name = "a+"}; }},
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
}  // namespace aigw::dialect::openai_chat
