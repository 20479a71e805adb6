// decode ∘ encode is the identity on every small conversation of this language.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chat/testing/small_conversations.h"
#include "dialect/anthropic/language.h"
#include "dialect/anthropic/test_support.h"

namespace aigw::dialect::anthropic {
namespace {

using chat::Block;
using chat::CachePoint;
using chat::Conversation;
using chat::Text;
using chat::testing::describe;
using chat::testing::Phrase;

Conversation minimal() {
  Conversation conversation;
  conversation.language = kLanguage;
  conversation.model = "claude-x";
  conversation.sampling.max_tokens = 8;
  return conversation;
}

// There are many, so the arena and the parser are used again.
class RoundTrip {
 public:
  // Whether the conversation comes back; what differs is shown by the expectation.
  bool comes_back(const Conversation& conversation) {
    arena_.reset();
    chat::Drops drops(arena_);
    std::string body;
    EXPECT_TRUE(encode_request(conversation, {}, arena_, drops, body));
    const Result<json::Value> root = parser_.parse(body, arena_);
    EXPECT_TRUE(root.has_value()) << body;
    if (!root) return false;
    const Result<Conversation> decoded = decode_request(*root, arena_, drops);
    EXPECT_TRUE(decoded.has_value()) << body;
    if (!decoded) return false;
    const std::string want = describe(conversation);
    const std::string got = describe(*decoded);
    EXPECT_EQ(got, want) << body;
    EXPECT_EQ(drops.count(), 0u);
    return got == want;
  }

 private:
  Arena arena_{limits::hub_arena_max(1 << 20)};
  json::Parser parser_;
};

TEST(MessagesIdentity, EverySmallConversation) {
  using Kind = chat::Source::Kind;
  static const std::vector<Block> parts = {
      Text{.text = "in"}, chat::Image{.source = {Kind::url, "u", {}}},
      chat::File{.source = {Kind::base64, "AA", "application/pdf"}},
      chat::File{.source = {Kind::file_id, "f", {}}}, CachePoint{.ttl = "5m"}};
  chat::testing::SmallAlphabet alphabet;
  alphabet.system = {{Text{.text = "s"}, CachePoint{}, Text{.text = "t"}}};
  alphabet.user = {
      {Text{.text = "a\"\n"}},
      {chat::Image{.source = {Kind::base64, "AA", "image/png"}}, CachePoint{}},
      {chat::File{.source = {Kind::text, "d", "text/plain"},
                  .name = "n",
                  .context = "c",
                  .citations_config = R"({"enabled":true})"}},
      {chat::Opaque{.type = "search_result", .raw = R"({"type":"search_result"})"}},
      {chat::ToolResult{.call_id = "t"}, CachePoint{.ttl = "1h"}}};
  alphabet.assistant = {
      {chat::Reasoning{.text = "unsigned"},
       Text{.text = "c", .citations = R"([{"type":"char_location"}])"}},
      {chat::Reasoning{.text = "h", .signature = "S="}},
      {chat::Reasoning{.redacted = "R"}},
      {chat::ToolCall{.id = "t", .name = "f", .arguments = R"({"a":1.50})"}},
      {chat::ToolCall{.id = "u", .name = "g", .arguments = "{}"}, CachePoint{}}};
  alphabet.results = {
      {chat::ToolResult{
          .call_id = "t", .content = std::span<const Block>(parts), .is_error = true}},
      {chat::ToolResult{.call_id = "t", .is_error = false}, chat::ToolResult{.call_id = "u"},
       Text{.text = "more"}}};
  alphabet.system_between = true;
  RoundTrip trip;
  size_t tried = 0;
  size_t wrong = 0;
  chat::testing::for_each_small_conversation(
      alphabet, minimal(), [&](const Conversation& conversation) {
        ++tried;
        if (wrong < 3 && !trip.comes_back(conversation)) ++wrong;
      });
  EXPECT_EQ(wrong, 0u);
  EXPECT_GT(tried, 8'000u);
}

const std::vector<chat::Tool>& tools() {
  static const std::vector<chat::Tool> all = {
      {.name = "f",
       .description = "",
       .schema = R"({"type":"object"})",
       .strict = false,
       .cache = CachePoint{.ttl = "1h"}},
      {.name = "g", .schema = "{}", .strict = true, .cache = CachePoint{}},
      {.kind = chat::Tool::Kind::opaque,
       .name = "bash_20250124",
       .schema = R"({"type":"bash_20250124","name":"bash"})"}};
  return all;
}

TEST(MessagesIdentity, EverySettingAndEveryTwo) {
  using Mode = chat::ToolChoice::Mode;
  using Think = chat::ReasoningRequest::Mode;
  static constexpr Bytes kStops[] = {"a", ""};
  static constexpr chat::Extra kExtras[] = {{.name = "container", .raw = "\"c\""},
                                            {.name = "x", .raw = "[1, 2]"}};
  static constexpr chat::testing::Setting kSettings[] = {
      {"nothing", [](Conversation&) {}},
      {"stream", [](Conversation& c) { c.stream = true; }},
      {"max_tokens", [](Conversation& c) { c.sampling.max_tokens = 0; }},
      {"temperature", [](Conversation& c) { c.sampling.temperature = "0.70"; }},
      {"top_p", [](Conversation& c) { c.sampling.top_p = "1e-1"; }},
      {"top_k", [](Conversation& c) { c.sampling.top_k = "5"; }},
      {"stop", [](Conversation& c) { c.sampling.stop_sequences = kStops; }},
      {"tools", [](Conversation& c) { c.tools = tools(); }},
      {"auto", [](Conversation& c) { c.tool_choice = {.mode = Mode::automatic}; }},
      {"any",
       [](Conversation& c) {
         c.tool_choice = {.mode = Mode::required};
         c.parallel_tool_calls = false;
       }},
      {"none",
       [](Conversation& c) {
         c.tool_choice = {.mode = Mode::none};
         c.parallel_tool_calls.reset();
       }},
      {"tool",
       [](Conversation& c) {
         c.tool_choice = {.mode = Mode::named, .name = "f"};
         c.parallel_tool_calls = true;
       }},
      {"thinking",
       [](Conversation& c) {
         c.reasoning.mode = Think::enabled;
         c.reasoning.budget_tokens = 1024;
       }},
      {"adaptive",
       [](Conversation& c) {
         c.reasoning.mode = Think::adaptive;
         c.reasoning.display = "omitted";
       }},
      {"disabled", [](Conversation& c) { c.reasoning.mode = Think::disabled; }},
      {"effort", [](Conversation& c) { c.reasoning.effort = "max"; }},
      {"format",
       [](Conversation& c) {
         c.output.kind = chat::OutputFormat::Kind::json_schema;
         c.output.schema = R"({"type":"object"})";
       }},
      {"user", [](Conversation& c) { c.user = "u"; }},
      {"metadata", [](Conversation& c) { c.metadata = R"({"k":{"l":1}})"; }},
      {"service_tier", [](Conversation& c) { c.service_tier = "standard_only"; }},
      {"extras", [](Conversation& c) { c.extras = kExtras; }},
  };
  RoundTrip trip;
  chat::testing::for_each_setting(
      kSettings, minimal(), [&](const Conversation& conversation, Bytes one, Bytes other) {
        EXPECT_TRUE(trip.comes_back(conversation)) << one << " and " << other;
      });
}

}  // namespace
}  // namespace aigw::dialect::anthropic
