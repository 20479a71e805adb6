#include "dialect/anthropic/encode_request.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "dialect/anthropic/test_support.h"

namespace aigw::dialect::anthropic {
namespace {

using chat::Block;
using chat::CachePoint;
using chat::Conversation;
using chat::Message;
using chat::Role;
using chat::Text;

// A conversation of another language, which owns its lists.
struct Foreign {
  explicit Foreign(std::vector<Block> user) : blocks(std::move(user)) {
    messages.push_back({.role = Role::user, .content = std::span<const Block>(blocks)});
    conversation.language = "other";
    conversation.model = "claude-opus-4-6";
    conversation.messages = messages;
  }
  std::vector<Block> blocks;
  std::vector<Message> messages;
  Conversation conversation;
};

// What stands between the frame of a message of the user.
std::string user_blocks(std::vector<Block> blocks, std::string* dropped = nullptr) {
  Room room;
  const Foreign foreign(std::move(blocks));
  const std::string body = room.encode(foreign.conversation);
  if (dropped != nullptr) *dropped = room.dropped();
  constexpr Bytes kHead = R"({"max_tokens":4096,"messages":[{"content":[)";
  constexpr Bytes kTail = R"(],"role":"user"}],"model":"claude-opus-4-6"})";
  if (!body.starts_with(kHead) || !body.ends_with(kTail)) return body;
  return body.substr(kHead.size(), body.size() - kHead.size() - kTail.size());
}

// What a setting adds to the body of a minimal conversation, or the failure.
template <class Set>
std::string settings(Set&& set, const Target& target = {}, std::string* dropped = nullptr) {
  Room room;
  Foreign foreign({Text{.text = "Hi"}});
  set(foreign.conversation);
  const std::string body = room.encode(foreign.conversation, target);
  if (dropped != nullptr) *dropped = room.dropped();
  const size_t at = body.find(R"(,"model":)");
  if (at == std::string::npos) return body;
  return body.substr(at + 1, body.size() - at - 2);
}

constexpr Bytes kModel = R"("model":"claude-opus-4-6")";
std::string with_model(Bytes rest) { return std::string(kModel) + "," + std::string(rest); }

// A conversation with everything in it that the API takes from another language, and a few things
// that it does not.
struct WholeForeign {
  WholeForeign();
  const std::vector<Block> system = {Text{.text = "Be brief"}, CachePoint{}};
  const std::vector<Block> late_system = {Text{.text = "And kind"}};
  const std::vector<Block> user = {
      Text{.text = "Look <here>"},
      chat::Image{.source = {chat::Source::Kind::base64, "AAA=", "image/png"}, .detail = "low"},
      CachePoint{.ttl = "1h"}};
  const std::vector<Block> assistant = {
      chat::Reasoning{.text = "Hm", .signature = "S="}, chat::Reasoning{.text = "unsigned"},
      chat::Reasoning{.redacted = "QUJD"}, Text{.text = ""}, Text{.text = "So"},
      Text{.text = "No", .refusal = true},
      chat::ToolCall{.id = "t1", .name = "f", .arguments = R"({"b":1,"a":2})"},
      chat::ToolCall{.id = "t2", .name = "g"}};
  const std::vector<Block> out = {Text{.text = R"({"error":"x"})"}};
  const std::vector<Block> picture = {
      Text{.text = "See"},
      chat::Image{.source = {chat::Source::Kind::url, "https://x/y.png", {}}},
      chat::File{.source = {chat::Source::Kind::base64, "JVBERi0x", "application/pdf"}},
      CachePoint{}};
  const std::vector<Block> results = {
      chat::ToolResult{.call_id = "t1", .content = std::span<const Block>(out)},
      chat::ToolResult{.call_id = "t2", .content = std::span<const Block>(picture)}};
  const std::vector<Message> messages = {
      {.role = Role::user, .content = std::span<const Block>(user), .name = "Ann"},
      {.role = Role::assistant, .content = std::span<const Block>(assistant)},
      {.role = Role::user, .content = std::span<const Block>(results)},
      {.role = Role::system, .content = std::span<const Block>(late_system)},
      {.role = Role::user, .content = {}}};
  const std::vector<chat::Tool> tools = {
      {.name = "f",
       .description = "Does f",
       .schema = R"({"type":"object","properties":{}})",
       .strict = true,
       .cache = CachePoint{}},
      {.name = "g", .schema = R"({ "properties": {} })", .strict = false},
      {.name = "h", .schema = "{}"},
      {.name = "i"}};
  const std::vector<Bytes> stops = {"END"};
  Conversation conversation;
};

WholeForeign::WholeForeign() {
  conversation.language = "other";
  conversation.model = "client-name";
  conversation.stream = true;
  conversation.system = std::span<const Block>(system);
  conversation.messages = messages;
  conversation.tools = tools;
  conversation.tool_choice.mode = chat::ToolChoice::Mode::required;
  conversation.sampling.max_tokens = 10;
  conversation.sampling.temperature = "0.70";
  conversation.sampling.top_p = "1";
  conversation.sampling.stop_sequences = stops;
  conversation.reasoning = {.mode = chat::ReasoningRequest::Mode::enabled,
                            .budget_tokens = 1024,
                            .effort = "high"};
  conversation.output = {.kind = chat::OutputFormat::Kind::json_schema,
                         .name = "n",
                         .schema = R"({"type":"object"})"};
  conversation.user = "ann-1";
}

TEST(EncodeMessagesRequest, AWholeConversationOfAnotherLanguage) {
  const WholeForeign whole;
  Room room;
  const std::string body = room.encode(whole.conversation, {.model = "Claude-Opus-4-6"});
  EXPECT_EQ(
      body,
      R"({"max_tokens":10,"messages":[{"content":[{"text":"Look <here>","type":"text"},)"
      R"({"source":{"data":"AAA=","media_type":"image/png","type":"base64"},)"
      R"("cache_control":{"ttl":"1h","type":"ephemeral"},"type":"image"}],"role":"user"},)"
      R"({"content":[{"signature":"S=","thinking":"Hm","type":"thinking"},)"
      R"({"data":"QUJD","type":"redacted_thinking"},{"text":"So","type":"text"},)"
      R"({"text":"No","type":"text"},)"
      R"({"id":"t1","input":{"b":1,"a":2},"name":"f","type":"tool_use"},)"
      R"({"id":"t2","input":{},"name":"g","type":"tool_use"}],"role":"assistant"},)"
      R"({"content":[{"tool_use_id":"t1","is_error":true,)"
      R"("content":[{"text":"{\"error\":\"x\"}","type":"text"}],"type":"tool_result"},)"
      R"({"tool_use_id":"t2","is_error":false,"cache_control":{"type":"ephemeral"},)"
      R"("content":[{"text":"See","type":"text"},)"
      R"({"source":{"type":"url","url":"https://x/y.png"},"type":"image"},)"
      R"({"source":{"data":"JVBERi0x","media_type":"application/pdf","type":"base64"},)"
      R"("type":"document"}],"type":"tool_result"}],"role":"user"}],)"
      R"("model":"Claude-Opus-4-6","temperature":0.70,"top_p":1,"metadata":{"user_id":"ann-1"},)"
      R"("output_config":{"effort":"high","format":{"schema":{"type":"object"},)"
      R"("type":"json_schema"}},"stop_sequences":["END"],)"
      R"("system":[{"text":"Be brief","cache_control":{"type":"ephemeral"},"type":"text"},)"
      R"({"text":"And kind","type":"text"}],"thinking":{"budget_tokens":1024,"type":"enabled"},)"
      R"("tool_choice":{"disable_parallel_tool_use":false,"type":"any"},)"
      R"("tools":[{"input_schema":{"type":"object","properties":{}},"name":"f",)"
      R"("description":"Does f","strict":true,"cache_control":{"type":"ephemeral"}},)"
      R"({"input_schema":{"type":"object","properties": {} },"name":"g","description":""},)"
      R"({"input_schema":{"type":"object"},"name":"h","description":""},)"
      R"({"input_schema":{"type":"object"},"name":"i","description":""}],"stream":true})");
  EXPECT_EQ(room.dropped(),
            "messages[].name; messages[].content[].image_url.detail; "
            "messages[].content[] of type thinking without a signature; "
            "messages[] without content");
}

TEST(EncodeMessagesRequest, DocumentsThatCameAsImagesAreDocuments) {
  using Kind = chat::Source::Kind;
  EXPECT_EQ(user_blocks({chat::Image{.source = {Kind::base64, "AA", "application/pdf"}}}),
            R"({"source":{"data":"AA","media_type":"application/pdf","type":"base64"},)"
            R"("type":"document"})");
  EXPECT_EQ(user_blocks({chat::Image{.source = {Kind::url, "https://x/A.PDF?b=c.png", {}}}}),
            R"({"source":{"type":"url","url":"https://x/A.PDF?b=c.png"},"type":"document"})");
  EXPECT_EQ(user_blocks({chat::File{.source = {Kind::base64, "JVBERi0x", {}}, .name = "a.pdf"}}),
            R"({"source":{"data":"JVBERi0x","media_type":"application/pdf","type":"base64"},)"
            R"("title":"a.pdf","type":"document"})");
}

TEST(EncodeMessagesRequest, NamesWhatTheApiCannotDo) {
  using Kind = chat::Source::Kind;
  EXPECT_EQ(user_blocks({chat::Audio{}}),
            "422: Anthropic cannot take messages[].content[] of type input_audio");
  EXPECT_EQ(user_blocks({chat::Image{.source = {Kind::base64, "AA", "image/tiff"}}}),
            "422: Anthropic cannot take messages[].content[] of media type image/tiff");
  EXPECT_EQ(user_blocks({chat::File{.source = {Kind::base64, "AA", "text/csv"}}}),
            "422: Anthropic cannot take messages[].content[] of media type text/csv");
  EXPECT_EQ(user_blocks({chat::File{.source = {Kind::file_id, "f", {}}}}),
            "422: Anthropic cannot take messages[].content[] with a file_id");
  EXPECT_EQ(user_blocks({chat::ToolCall{.name = "f"}}),
            "422: Anthropic cannot take messages[].content[] that calls a tool without an id");
  EXPECT_EQ(user_blocks({chat::ToolCall{.id = "t", .name = "f", .arguments = "{"}}),
            "422: Anthropic cannot take messages[].content[] that calls a tool with arguments that "
            "are no JSON object");
  EXPECT_EQ(user_blocks({chat::ToolCall{.id = "t", .name = "f", .arguments = "[]"}}),
            "422: Anthropic cannot take messages[].content[] that calls a tool with arguments that "
            "are no JSON object");
  EXPECT_EQ(settings([](Conversation& c) { c.sampling.answers = 2; }),
            "422: Anthropic cannot take n greater than 1");
  EXPECT_EQ(settings([](Conversation& c) { c.sampling.temperature = "1.01"; }),
            "422: Anthropic cannot take a temperature outside of 0 to 1");
  EXPECT_EQ(settings([](Conversation& c) { c.reasoning.effort = "minimal"; }),
            "422: Anthropic cannot take reasoning_effort minimal");
  static constexpr chat::Tool kSearch{.kind = chat::Tool::Kind::opaque, .name = "web_search"};
  EXPECT_EQ(settings([](Conversation& c) { c.tools = {&kSearch, 1}; }),
            "422: Anthropic cannot take tools[] of type web_search");
  static constexpr chat::Tool kBroken{.name = "f", .schema = "[]"};
  EXPECT_EQ(settings([](Conversation& c) { c.tools = {&kBroken, 1}; }),
            "422: Anthropic cannot take tools[].function.parameters that are no JSON object");
}

TEST(EncodeMessagesRequest, DropsWhatHasNoHomeAndSaysSo) {
  std::string dropped;
  EXPECT_EQ(settings(
                [](Conversation& c) {
                  static constexpr chat::Extra kExtra{.name = "logit_bias", .raw = "{}"};
                  c.sampling.frequency_penalty = "1";
                  c.sampling.presence_penalty = "1";
                  c.sampling.seed = "7";
                  c.sampling.logprobs = true;
                  c.sampling.top_logprobs = 3;
                  c.sampling.answers = 1;
                  c.verbosity = "low";
                  c.metadata = R"({"a":"b"})";
                  c.service_tier = "flex";
                  c.output.kind = chat::OutputFormat::Kind::json_object;
                  c.tool_choice.mode = chat::ToolChoice::Mode::automatic;
                  c.parallel_tool_calls = false;
                  c.reasoning.include_thoughts = false;
                  c.extras = {&kExtra, 1};
                },
                {}, &dropped),
            kModel);
  EXPECT_EQ(dropped,
            "frequency_penalty; presence_penalty; seed; logprobs; top_logprobs; verbosity; "
            "metadata; response_format; service_tier; thinking.includeThoughts; tool_choice; "
            "parallel_tool_calls; logit_bias");
}

TEST(EncodeMessagesRequest, ABlockOfAnotherLanguageIsDropped) {
  std::string dropped;
  EXPECT_EQ(user_blocks({Text{.text = "a"}, chat::Opaque{.type = "video_url", .raw = "{}"},
                         CachePoint{}},
                        &dropped),
            R"({"text":"a","cache_control":{"type":"ephemeral"},"type":"text"})");
  EXPECT_EQ(dropped, "messages[].content[] of type video_url");
  EXPECT_EQ(user_blocks({CachePoint{}, Text{.text = "a"}, CachePoint{.ttl = "2d"}}, &dropped),
            R"({"text":"a","cache_control":{"type":"ephemeral"},"type":"text"})");
  EXPECT_EQ(dropped, "messages[].content[].cache_control; cache_control.ttl");
}

TEST(EncodeMessagesRequest, TheLaterVersionHasNoSampling) {
  std::string dropped;
  const auto set = [](Conversation& c) {
    c.sampling.temperature = "2";
    c.sampling.top_p = "1";
    c.sampling.top_k = "5";
  };
  EXPECT_EQ(settings(set, {.version = Version::v2026_10_21}, &dropped), kModel);
  EXPECT_EQ(dropped, "temperature; top_k; top_p");
}

TEST(EncodeMessagesRequest, ShowsThoughtsToClientsThatWantToSeeThem) {
  const auto set = [](Conversation& c) { c.reasoning.include_thoughts = true; };
  EXPECT_EQ(settings(set, {.model = "claude-opus-4-6"}),
            R"("model":"claude-opus-4-6","thinking":{"display":"summarized","type":"adaptive"})");
  std::string dropped;
  EXPECT_EQ(settings(set, {.model = "claude-opus-4-5"}, &dropped), R"("model":"claude-opus-4-5")");
  EXPECT_EQ(dropped, "thinking.includeThoughts");
  const auto none = [](Conversation& c) { c.reasoning.include_thoughts = false; };
  EXPECT_EQ(settings(none, {.model = "claude-opus-4-6"}), R"("model":"claude-opus-4-6")");
}

TEST(EncodeMessagesRequest, EffortAndFormatAreForModelsThatTakeThem) {
  std::string dropped;
  const auto set = [](Conversation& c) {
    c.reasoning.effort = "none";
    c.output.kind = chat::OutputFormat::Kind::json_schema;
    c.output.schema = "{}";
  };
  EXPECT_EQ(settings(set, {.model = "claude-3-haiku"}, &dropped), R"("model":"claude-3-haiku")");
  EXPECT_EQ(dropped, "reasoning_effort; response_format");
  const auto only_format = [](Conversation& c) {
    c.output.kind = chat::OutputFormat::Kind::json_schema;
    c.output.schema = "{}";
  };
  EXPECT_EQ(settings(only_format, {.model = "claude-haiku-4-5-x"}),
            R"("model":"claude-haiku-4-5-x","output_config":)"
            R"({"format":{"schema":{},"type":"json_schema"}})");
}

TEST(EncodeMessagesRequest, ChoicesAndTiers) {
  static constexpr chat::Tool kTool{.name = "f", .schema = R"({"type":"object"})"};
  constexpr Bytes kTools =
      R"("tools":[{"input_schema":{"type":"object"},"name":"f","description":""}])";
  using Mode = chat::ToolChoice::Mode;
  const auto choice = [&](Mode mode, std::optional<bool> parallel) {
    const std::string body = settings([&](Conversation& c) {
      c.tools = {&kTool, 1};
      c.tool_choice = {.mode = mode, .name = mode == Mode::named ? Bytes("f") : Bytes()};
      c.parallel_tool_calls = parallel;
    });
    const size_t begin = body.find("\"tool_choice\":");
    if (begin == std::string::npos) return std::string();
    EXPECT_TRUE(body.ends_with(kTools));
    return body.substr(begin + 14, body.size() - begin - 15 - kTools.size());
  };
  EXPECT_EQ(choice(Mode::unset, {}), "");
  EXPECT_EQ(choice(Mode::unset, true), "");
  EXPECT_EQ(choice(Mode::unset, false), R"({"disable_parallel_tool_use":true,"type":"auto"})");
  EXPECT_EQ(choice(Mode::automatic, true), R"({"disable_parallel_tool_use":false,"type":"auto"})");
  EXPECT_EQ(choice(Mode::required, {}), R"({"disable_parallel_tool_use":false,"type":"any"})");
  EXPECT_EQ(choice(Mode::none, false), R"({"type":"none"})");
  EXPECT_EQ(choice(Mode::named, false),
            R"({"name":"f","disable_parallel_tool_use":true,"type":"tool"})");
  EXPECT_EQ(settings([](Conversation& c) { c.service_tier = "auto"; }),
            with_model(R"("service_tier":"auto")"));
  EXPECT_EQ(settings([](Conversation& c) { c.service_tier = "default"; }),
            with_model(R"("service_tier":"standard_only")"));
}

TEST(EncodeMessagesRequest, TheDefaultBoundIsTheTargets) {
  Room room;
  const Foreign foreign({Text{.text = "Hi"}});
  EXPECT_TRUE(room.encode(foreign.conversation, {.default_max_tokens = 0})
                  .starts_with(R"({"max_tokens":0,)"));
  Foreign thinking({Text{.text = "Hi"}});
  thinking.conversation.reasoning = {.mode = chat::ReasoningRequest::Mode::enabled,
                                     .budget_tokens = 10000};
  EXPECT_TRUE(room.encode(thinking.conversation).starts_with(R"({"max_tokens":14096,)"));
  thinking.conversation.sampling.max_tokens = 20000;
  EXPECT_TRUE(room.encode(thinking.conversation).starts_with(R"({"max_tokens":20000,)"));
}

}  // namespace
}  // namespace aigw::dialect::anthropic
