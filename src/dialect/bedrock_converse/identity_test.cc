// decode ∘ encode is the identity on every small conversation of this language.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "chat/testing/describe.h"
#include "chat/testing/small_conversations.h"
#include "dialect/bedrock_converse/decode_request.h"
#include "dialect/bedrock_converse/encode_request.h"
#include "dialect/bedrock_converse/language.h"

namespace aigw::dialect::bedrock_converse {
namespace {

using chat::Block;
using chat::Conversation;
using chat::Text;
using chat::testing::describe;

Conversation minimal() {
  Conversation conversation;
  conversation.language = kLanguage;
  conversation.model = "m";
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
    const Result<Conversation> decoded =
        decode_request(*root, conversation.model, conversation.stream, arena_, drops);
    EXPECT_TRUE(decoded.has_value()) << body << (decoded ? "" : decoded.error().message);
    if (!decoded) return false;
    const std::string want = describe(conversation);
    std::string got = describe(*decoded);
    // Names of documents are made unique on the way.
    for (Bytes numbered : {"name n 2\n", "name n 3\n", "name n 4\n"}) {
      const size_t at = got.find(numbered);
      if (at != std::string::npos) got.replace(at, numbered.size(), "name n\n");
    }
    EXPECT_EQ(got, want) << body;
    EXPECT_EQ(drops.count(), 0u) << body;
    return got == want;
  }

 private:
  Arena arena_{limits::hub_arena_max(1 << 20)};
  json::Parser parser_;
};

TEST(ConverseIdentity, EverySmallConversation) {
  using Kind = chat::Source::Kind;
  static const std::vector<Block> text = {Text{.text = "18"}, chat::Image{{.data = "AA==", .media_type = "image/png"}}};
  chat::testing::SmallAlphabet alphabet;
  alphabet.system = {{Text{.text = "s"}, chat::CachePoint{}, Text{.text = "t"}}};
  alphabet.user = {{Text{.text = "a\"\n"}},
                   {chat::Image{{.data = "AA==", .media_type = "image/png"}}, chat::CachePoint{.ttl = "1h"}},
                   {chat::File{.source = {.data = "AA==", .media_type = "application/pdf"},
                               .name = "n",
                               .context = "c",
                               .citations_config = R"({"enabled":true})"}},
                   {chat::File{.source = {Kind::text, "words", "text/plain"}, .name = "n"}},
                   {chat::Opaque{.type = "toolAddition", .raw = R"({"toolAddition":{"tool":{}}})"}}};
  alphabet.assistant = {{Text{.text = "c"}},
                        {chat::Reasoning{.text = "h", .signature = "not base64"}},
                        {chat::Reasoning{.redacted = "UmVk"}},
                        {chat::ToolCall{.id = "t", .name = "f", .arguments = R"({"a":1.50})"}},
                        {chat::ToolCall{.id = "u", .name = "g", .arguments = "{}"}}};
  alphabet.results = {
      {chat::ToolResult{.call_id = "t", .content = std::span<const Block>(text)}},
      {chat::ToolResult{.call_id = "t", .content = std::span<const Block>(text), .is_error = true},
       chat::ToolResult{.call_id = "u"}, text[0]}};
  alphabet.empty_messages = false;
  alphabet.same_role_adjacent = false;
  RoundTrip trip;
  size_t tried = 0;
  size_t wrong = 0;
  chat::testing::for_each_small_conversation(alphabet, minimal(), [&](const Conversation& conversation) {
    ++tried;
    if (wrong < 3 && !trip.comes_back(conversation)) ++wrong;
  });
  EXPECT_EQ(wrong, 0u);
  EXPECT_GT(tried, 2'000u);
}

const std::vector<chat::Tool>& tools() {
  static const std::vector<chat::Tool> all = {
      {.kind = chat::Tool::Kind::opaque, .name = "systemTool", .schema = R"({"systemTool":{"name":"nova"}})"},
      {.name = "f", .description = "d", .schema = R"({"type":"object"})", .strict = true, .cache = chat::CachePoint{}},
      {.name = "g", .schema = R"({"type":"object","properties":{}})"}};
  return all;
}

TEST(ConverseIdentity, EverySettingAndEveryTwo) {
  using Mode = chat::ToolChoice::Mode;
  using Think = chat::ReasoningRequest::Mode;
  static constexpr Bytes kStops[] = {"a", "b"};
  static constexpr chat::Extra kExtras[] = {
      {.name = "additionalModelRequestFields", .raw = R"({"anthropic_beta":["x"]})"},
      {.name = "guardrailConfig", .raw = R"({"guardrailIdentifier":"g"})"},
      {.name = "requestMetadata", .raw = R"({"a":"b"})"}};
  static constexpr chat::testing::Setting kSettings[] = {
      {"nothing", [](Conversation&) {}},
      {"stream", [](Conversation& c) { c.stream = true; }},
      {"max_tokens", [](Conversation& c) { c.sampling.max_tokens = 0; }},
      {"temperature", [](Conversation& c) { c.sampling.temperature = "0.70"; }},
      {"top_p", [](Conversation& c) { c.sampling.top_p = "1e-1"; }},
      {"top_k", [](Conversation& c) { c.sampling.top_k = "5"; }},
      {"stop", [](Conversation& c) { c.sampling.stop_sequences = kStops; }},
      {"tools", [](Conversation& c) { c.tools = tools(); }},
      {"auto", [](Conversation& c) { c.tools = tools(), c.tool_choice = {.mode = Mode::automatic}; }},
      {"any", [](Conversation& c) { c.tools = tools(), c.tool_choice = {.mode = Mode::required}; }},
      {"named", [](Conversation& c) { c.tools = tools(), c.tool_choice = {.mode = Mode::named, .name = "f"}; }},
      {"budget", [](Conversation& c) { c.reasoning = {.mode = Think::enabled, .budget_tokens = 1024}; }},
      {"adaptive", [](Conversation& c) { c.reasoning = {.mode = Think::adaptive, .display = "omitted"}; }},
      {"no thinking", [](Conversation& c) { c.reasoning = {.mode = Think::disabled}; }},
      {"effort", [](Conversation& c) { c.reasoning.effort = "low"; }},
      {"tier", [](Conversation& c) { c.service_tier = "flex"; }},
      {"schema",
       [](Conversation& c) {
         c.output = {.kind = chat::OutputFormat::Kind::json_schema,
                     .name = "n",
                     .description = "d",
                     .schema = R"({"type":"object"})"};
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
}  // namespace aigw::dialect::bedrock_converse
