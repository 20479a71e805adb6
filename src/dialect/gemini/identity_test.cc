// decode ∘ encode is the identity on every small conversation of this language.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chat/testing/small_conversations.h"
#include "dialect/gemini/language.h"
#include "dialect/gemini/test_support.h"

namespace aigw::dialect::gemini {
namespace {

using chat::Block;
using chat::Conversation;
using chat::Text;
using chat::testing::describe;

Conversation minimal() {
  Conversation conversation;
  conversation.language = kLanguage;
  conversation.model = "gemini-x";
  return conversation;
}

// There are many, so the arena and the parser are used again.
class RoundTrip {
 public:
  // Whether the conversation comes back; what differs is shown by the expectation.
  bool comes_back(const Conversation& conversation) {
    if (conversation.messages.empty()) return true;  // written as null, which is no contents
    arena_.reset();
    chat::Drops drops(arena_);
    std::string body;
    EXPECT_TRUE(encode_request(conversation, {}, arena_, drops, body));
    const Result<json::Value> root = parser_.parse(body, arena_);
    EXPECT_TRUE(root.has_value()) << body;
    if (!root) return false;
    const Result<Conversation> decoded =
        decode_request(*root, conversation.model, conversation.stream, arena_, drops);
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

TEST(GeminiIdentity, EverySmallConversation) {
  using Kind = chat::Source::Kind;
  static const std::vector<Block> text = {Text{.text = "18"}};
  chat::testing::SmallAlphabet alphabet;
  alphabet.system = {{Text{.text = "s"}, Text{.text = "t"}}};
  alphabet.user = {{Text{.text = "a\"\n"}},
                   {chat::Image{{.data = "AA==", .media_type = "image/png"}}},
                   {chat::Image{{Kind::url, "gs://b/p", "image/jpeg"}}},
                   {chat::File{{.data = "AA==", .media_type = "application/pdf"}}},
                   {chat::Audio{{.data = "AA==", .media_type = "audio/wav"}}},
                   {chat::Opaque{.type = "videoMetadata", .raw = R"({"videoMetadata":{}})"}}};
  alphabet.assistant = {{Text{.text = "c"}},
                        {chat::Reasoning{.text = "h", .signature = "c2ln"}},
                        {chat::Reasoning{.signature = "not base64"}},
                        {chat::Reasoning{.redacted = "R"}},
                        {chat::ToolCall{.id = "t", .name = "f", .arguments = R"({"a":1.50})",
                                        .signature = "c2ln"}},
                        {chat::ToolCall{.id = "u", .name = "g", .arguments = "{}"}}};
  alphabet.results = {
      {chat::ToolResult{.call_id = "t", .content = std::span<const Block>(text)}},
      {chat::ToolResult{.call_id = "t", .content = std::span<const Block>(text), .is_error = true},
       chat::ToolResult{.call_id = "u", .content = std::span<const Block>(text)}, text[0]}};
  alphabet.empty_messages = false;
  alphabet.same_role_adjacent = false;
  RoundTrip trip;
  size_t tried = 0;
  size_t wrong = 0;
  chat::testing::for_each_small_conversation(
      alphabet, minimal(), [&](const Conversation& conversation) {
        ++tried;
        if (wrong < 3 && !trip.comes_back(conversation)) ++wrong;
      });
  EXPECT_EQ(wrong, 0u);
  EXPECT_GT(tried, 3'000u);
}

const std::vector<chat::Tool>& tools() {
  static const std::vector<chat::Tool> all = {
      {.kind = chat::Tool::Kind::opaque, .name = "googleSearch", .schema = R"({"googleSearch":{}})"},
      {.name = "f", .description = "", .schema = R"({"type":"object"})"},
      {.name = "g"}};
  return all;
}

TEST(GeminiIdentity, EverySettingAndEveryTwo) {
  using Mode = chat::ToolChoice::Mode;
  using Think = chat::ReasoningRequest::Mode;
  static constexpr Bytes kStops[] = {"a", ""};
  static constexpr chat::Extra kExtras[] = {
      {.name = "generationConfig", .raw = R"({"responseModalities":["TEXT"]})"},
      {.name = "safetySettings", .raw = "[]"},
      {.name = "labels", .raw = R"({"a":"b"})"}};
  static constexpr chat::testing::Setting kSettings[] = {
      {"nothing", [](Conversation&) {}},
      {"stream", [](Conversation& c) { c.stream = true; }},
      {"max_tokens", [](Conversation& c) { c.sampling.max_tokens = 0; }},
      {"temperature", [](Conversation& c) { c.sampling.temperature = "0.70"; }},
      {"top_p", [](Conversation& c) { c.sampling.top_p = "1e-1"; }},
      {"top_k", [](Conversation& c) { c.sampling.top_k = "5"; }},
      {"penalties",
       [](Conversation& c) {
         c.sampling.frequency_penalty = "0.5";
         c.sampling.presence_penalty = "-1";
       }},
      {"seed", [](Conversation& c) { c.sampling.seed = "7"; }},
      {"answers", [](Conversation& c) { c.sampling.answers = 1; }},
      {"logprobs",
       [](Conversation& c) {
         c.sampling.logprobs = false;
         c.sampling.top_logprobs = 3;
       }},
      {"stop", [](Conversation& c) { c.sampling.stop_sequences = kStops; }},
      {"tools", [](Conversation& c) { c.tools = tools(); }},
      {"auto", [](Conversation& c) { c.tool_choice = {.mode = Mode::automatic}; }},
      {"any", [](Conversation& c) { c.tool_choice = {.mode = Mode::required}; }},
      {"none", [](Conversation& c) { c.tool_choice = {.mode = Mode::none}; }},
      {"named", [](Conversation& c) { c.tool_choice = {.mode = Mode::named, .name = "f"}; }},
      {"budget",
       [](Conversation& c) {
         c.reasoning = {.mode = Think::enabled, .budget_tokens = 1024, .include_thoughts = true};
       }},
      {"dynamic", [](Conversation& c) { c.reasoning = {.mode = Think::adaptive}; }},
      {"no thinking", [](Conversation& c) { c.reasoning = {.mode = Think::disabled}; }},
      {"level", [](Conversation& c) { c.reasoning.effort = "low"; }},
      {"json", [](Conversation& c) { c.output = {.kind = chat::OutputFormat::Kind::json_object}; }},
      {"schema",
       [](Conversation& c) {
         c.output = {.kind = chat::OutputFormat::Kind::json_schema,
                     .schema = R"({"type":"object"})"};
       }},
      {"choice",
       [](Conversation& c) {
         c.output = {.kind = chat::OutputFormat::Kind::choice, .schema = R"(["a"])"};
       }},
      {"extras", [](Conversation& c) { c.extras = kExtras; }},
  };
  const std::vector<Block> hi = {Text{.text = "hi"}};
  const chat::Message messages[] = {{.content = std::span<const Block>(hi)}};
  Conversation base = minimal();
  base.messages = messages;
  RoundTrip trip;
  chat::testing::for_each_setting(
      kSettings, base, [&](const Conversation& conversation, Bytes one, Bytes other) {
        EXPECT_TRUE(trip.comes_back(conversation)) << one << " and " << other;
      });
}

}  // namespace
}  // namespace aigw::dialect::gemini
