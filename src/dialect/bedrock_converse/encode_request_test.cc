#include "dialect/bedrock_converse/encode_request.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "dialect/bedrock_converse/language.h"

namespace aigw::dialect::bedrock_converse {
namespace {

using chat::Block;
using chat::CachePoint;
using chat::Conversation;
using chat::Message;
using chat::Reasoning;
using chat::Role;
using chat::Source;
using chat::Text;
using chat::Tool;
using chat::ToolCall;
using chat::ToolChoice;
using chat::ToolResult;

struct Contents : std::vector<Block> {
  using vector::vector;
  operator chat::Blocks() const { return std::span<const Block>(*this); }
};

// The result of a call: the body, or "422 …", and what was dropped, in order.
struct Encoded {
  std::string body;
  std::string drops;
};

Encoded encode(const Conversation& from, const RequestOptions& options = {}) {
  Arena arena(1 << 20);
  chat::Drops drops(arena);
  Encoded out;
  const Result<void> result = encode_request(from, options, arena, drops, out.body);
  if (!result) {
    EXPECT_EQ(result.error().kind, FailureKind::unprocessable);
    out.body = result.error().message;
  }
  for (const chat::Drops::Drop& drop : drops.kept()) {
    if (!out.drops.empty()) out.drops += ' ';
    out.drops += drop.path;
  }
  return out;
}

Encoded encode(const std::vector<Message>& messages, Conversation base = {}) {
  base.messages = messages;
  return encode(base);
}

// A body with these messages and nothing else.
std::string body(Bytes messages) {
  return R"({"inferenceConfig":{},"messages":[)" + std::string(messages) + "]}";
}

// The content of one message, in a body of its own.
std::string user(Bytes content) {
  return body(R"({"content":[)" + std::string(content) + R"(],"role":"user"})");
}
std::string assistant(Bytes content) {
  return body(R"({"content":[)" + std::string(content) + R"(],"role":"assistant"})");
}

Encoded encode_user(const Contents& blocks) { return encode({{Role::user, blocks, {}}}); }
Encoded encode_assistant(const Contents& blocks) { return encode({{Role::assistant, blocks, {}}}); }

TEST(EncodeRequest, WholeConversation) {
  const Contents system = {Text{"Be brief."}, CachePoint{}};
  const Contents question = {
      Text{"What is this?"}, CachePoint{"1h"},
      chat::Image{{.data = "iVBO", .media_type = "image/png"}, "high"},
      chat::File{{.data = "JVBE", .media_type = "application/pdf"}, "a_b.pdf", "old",
                 R"({"enabled":true})"}};
  const Contents thoughts = {Reasoning{.text = "hm", .signature = "S"},
                             Reasoning{.redacted = "c2VjcmV0"}, Text{"Let me \"look\"."},
                             ToolCall{"t1", "look", R"({"at": 0.70})"}, ToolCall{"t2", "time"}};
  const Contents seen = {Text{"seen"}, chat::Image{{.data = "R0lG", .media_type = "image/gif"}}};
  const Contents results = {ToolResult{"t1", seen, true}, ToolResult{"t2", {}, false},
                            CachePoint{}};
  const std::vector<Message> messages = {{Role::user, question, {}},
                                         {Role::assistant, thoughts, {}},
                                         {Role::user, results, {}}};
  const std::vector<Tool> tools = {
      {.name = "look", .description = "Looks.", .schema = R"({"type": "object"})", .strict = true,
       .cache = CachePoint{}},
      {.name = "time", .description = "", .strict = false}};
  const std::vector<Bytes> stop = {"\n\n", "", "END"};
  Conversation from;
  from.language = "any";
  from.model = "m";
  from.system = system;
  from.messages = messages;
  from.tools = tools;
  from.tool_choice = {.mode = ToolChoice::Mode::named, .name = "look"};
  from.sampling = {.max_tokens = 99, .temperature = "0.70", .top_p = "1", .top_k = "40",
                   .stop_sequences = stop};
  from.reasoning = {.mode = chat::ReasoningRequest::Mode::enabled, .budget_tokens = 1024,
                    .display = "omitted", .effort = "low"};
  from.output = {.kind = chat::OutputFormat::Kind::json_schema, .name = "n",
                 .schema = R"({"type":"object"})", .strict = true};
  from.service_tier = "flex";
  const Encoded encoded = encode(from);
  EXPECT_EQ(
      encoded.body,
      R"({"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":1024,)"
      R"("display":"omitted"},"reasoning_config":"low","top_k":40},)"
      R"("inferenceConfig":{"maxTokens":99,"stopSequences":["\n\n","END"],"temperature":0.70,)"
      R"("topP":1},"messages":[)"
      R"({"content":[{"text":"What is this?"},{"cachePoint":{"type":"default","ttl":"1h"}},)"
      R"({"image":{"format":"png","source":{"bytes":"iVBO"}}},)"
      R"({"document":{"format":"pdf","name":"a b pdf","source":{"bytes":"JVBE"},)"
      R"("context":"old","citations":{"enabled":true}}}],"role":"user"},)"
      R"({"content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"S"}}},)"
      R"({"reasoningContent":{"redactedContent":"c2VjcmV0"}},{"text":"Let me \"look\"."},)"
      R"({"toolUse":{"name":"look","input":{"at": 0.70},"toolUseId":"t1"}},)"
      R"({"toolUse":{"name":"time","input":{},"toolUseId":"t2"}}],"role":"assistant"},)"
      R"({"content":[{"toolResult":{"content":[{"text":"seen"},)"
      R"({"image":{"format":"gif","source":{"bytes":"R0lG"}}}],"status":"error",)"
      R"("toolUseId":"t1"}},{"toolResult":{"content":[],"status":null,"toolUseId":"t2"}},)"
      R"({"cachePoint":{"type":"default"}}],"role":"user"}],)"
      R"("outputConfig":{"textFormat":{"structure":{"jsonSchema":{"name":"n",)"
      R"("schema":"{\"type\":\"object\"}"}},"type":"json_schema"}},)"
      R"("system":[{"text":"Be brief."},{"cachePoint":{"type":"default"}}],)"
      R"("serviceTier":{"type":"flex"},)"
      R"("toolConfig":{"toolChoice":{"tool":{"name":"look"}},"tools":[)"
      R"({"toolSpec":{"description":"Looks.","inputSchema":{"json":{"type": "object"}},)"
      R"("name":"look","strict":true}},{"cachePoint":{"type":"default"}},)"
      R"({"toolSpec":{"inputSchema":{"json":{"type":"object"}},"name":"time"}}]}})");
  EXPECT_EQ(encoded.drops, "messages[].content[].image_url.detail");
}

TEST(EncodeRequest, SystemMessagesComeToTheFront) {
  const Contents first = {Text{"a"}};
  const Contents later = {CachePoint{}, Text{""}, Text{"b"}};
  const Contents hi = {Text{"hi"}};
  Conversation from;
  from.system = first;
  const Encoded encoded =
      encode({{Role::user, hi, {}}, {Role::system, later, {}}, {Role::user, hi, {}}}, from);
  EXPECT_EQ(encoded.body,
            R"({"inferenceConfig":{},"messages":[{"content":[{"text":"hi"},{"text":"hi"}],"role":"user"}],)"
            R"("system":[{"text":"a"},{"cachePoint":{"type":"default"}},{"text":"b"}]})");
}

TEST(EncodeRequest, SystemHoldsTextOnly) {
  const Contents image = {chat::Image{{.data = "x", .media_type = "image/png"}}};
  Conversation from;
  from.system = image;
  EXPECT_EQ(encode(from).body, "Bedrock Converse cannot take a system prompt that is not text");
  const Contents nothing = {Text{""}, CachePoint{}, chat::Opaque{"x", "{}"}};
  from.system = nothing;
  EXPECT_EQ(encode(from).body, body(""));
}

TEST(EncodeRequest, MessagesThatSayNothing) {
  const Contents empty = {Text{""}};
  EXPECT_EQ(encode_assistant({}).body, body(""));
  EXPECT_EQ(encode_assistant(empty).body, body(""));
  EXPECT_EQ(encode_user({}).body, user(""));
  EXPECT_EQ(encode_user(empty).body, user(R"({"text":""})"));
  EXPECT_EQ(encode_assistant({Text{""}, Text{"a"}, Reasoning{}}).body,
            assistant(R"({"text":"a"})"));
}

TEST(EncodeRequest, MessagesOfOneRoleBecomeOne) {
  const Contents one = {ToolResult{"1", {}}};
  const Contents two = {ToolResult{"2", {}}, CachePoint{}};
  const Contents mixed = {ToolResult{"3", {}}, Text{"x"}};
  const Contents nothing = {};
  const auto result = [](Bytes id) {
    return R"({"toolResult":{"content":[],"status":null,"toolUseId":")" + std::string(id) + "\"}}";
  };
  EXPECT_EQ(encode({{Role::user, one, {}},
                    {Role::system, one, {}},
                    {Role::assistant, nothing, {}},
                    {Role::user, two, "bob"},
                    {Role::user, mixed, {}},
                    {Role::user, one, {}}})
                .body,
            "Bedrock Converse cannot take a system prompt that is not text");
  const Encoded encoded = encode({{Role::user, one, {}},
                                  {Role::assistant, nothing, {}},
                                  {Role::user, two, "bob"},
                                  {Role::user, mixed, {}},
                                  {Role::user, one, {}}});
  EXPECT_EQ(encoded.body,
            body(R"({"content":[)" + result("1") + "," + result("2") +
                 R"(,{"cachePoint":{"type":"default"}},)" + result("3") + R"(,{"text":"x"},)" +
                 result("1") +
                 R"(],"role":"user"})"));
  EXPECT_EQ(encoded.drops, "messages[].name");
}

TEST(EncodeRequest, CachePoints) {
  Encoded encoded = encode_user({CachePoint{}, Text{"a"}, CachePoint{"5m"}, CachePoint{}});
  EXPECT_EQ(encoded.body, user(R"({"text":"a"},{"cachePoint":{"type":"default"}})"));
  EXPECT_EQ(encoded.drops, "messages[].content[].cache_control");
  const Contents inside = {CachePoint{"1h"}, Text{"a"}};
  const std::string expected =
      R"({"toolResult":{"content":[{"text":"a"}],"status":null,"toolUseId":"1"}},)"
      R"({"cachePoint":{"type":"default","ttl":"1h"}},{"text":"b"})";
  EXPECT_EQ(encode_user({ToolResult{"1", inside}, Text{"b"}}).body, user(expected));
  EXPECT_EQ(encode_user({ToolResult{"1", inside}, CachePoint{}, Text{"b"}}).body, user(expected));
}

TEST(EncodeRequest, Documents) {
  EXPECT_EQ(
      encode_user({chat::File{{.kind = Source::Kind::text, .data = "a\n"}},
                   chat::File{{.data = "Yg==", .media_type = "text/csv"}}})
          .body,
      user(R"({"document":{"format":"txt","name":"document","source":{"text":"a\n"}}},)"
           R"({"document":{"format":"csv","name":"document 2","source":{"bytes":"Yg=="}}})"));
}

TEST(EncodeRequest, WhatConverseCannotDo) {
  const auto cannot = [](const Encoded& encoded) {
    constexpr Bytes kStart = "Bedrock Converse cannot take ";
    EXPECT_TRUE(encoded.body.starts_with(kStart)) << encoded.body;
    return encoded.body.substr(std::min(kStart.size(), encoded.body.size()));
  };
  const Source url = {Source::Kind::url, "https://x/y.png", "image/png"};
  const Source upload = {Source::Kind::file_id, "f1", "application/pdf"};
  EXPECT_EQ(cannot(encode_user({chat::Image{url}})), "an image by its URL");
  EXPECT_EQ(cannot(encode_user({chat::Image{upload}})), "an image by the id of a file");
  EXPECT_EQ(cannot(encode_user({chat::Image{{.data = "x", .media_type = "image/tiff"}}})),
            "an image of type image/tiff");
  EXPECT_EQ(cannot(encode_user({chat::Image{{.data = "x"}}})), "an image of type unknown");
  EXPECT_EQ(cannot(encode_user({chat::File{url}})), "a document by its URL");
  EXPECT_EQ(cannot(encode_user({chat::File{upload}})), "a document by the id of a file");
  EXPECT_EQ(cannot(encode_user({chat::File{{.data = "x", .media_type = "video/mp4"}}})),
            "a document of type video/mp4");
  EXPECT_EQ(cannot(encode_user({chat::Audio{{.data = "x", .media_type = "audio/wav"}}})),
            "messages[].content[] with audio");
  const Contents image = {chat::Image{url}};
  const Contents audio = {chat::Audio{}};
  EXPECT_EQ(cannot(encode_user({ToolResult{"1", image}})), "an image by its URL");
  EXPECT_EQ(cannot(encode_user({ToolResult{"1", audio}})), "the result of a tool with audio");
  EXPECT_EQ(cannot(encode_assistant({ToolCall{"", "f", "{}"}})),
            "messages[].tool_calls[] without an id");
  EXPECT_EQ(cannot(encode_assistant({ToolCall{"1", "f", "plain", true}})),
            "messages[].tool_calls[] of type custom");
  for (Bytes broken : {"{", "[]", "null", "7", "{}{}"}) {
    EXPECT_EQ(cannot(encode_assistant({ToolCall{"1", "f", broken}})),
              "messages[].tool_calls[] whose arguments are not a JSON object");
  }
  Conversation from;
  from.sampling.answers = 2;
  EXPECT_EQ(cannot(encode(from)), "n above 1");
  from.sampling.answers = 1;
  from.output.kind = chat::OutputFormat::Kind::choice;
  EXPECT_EQ(cannot(encode(from)), "guided_choice");
  from.output.kind = chat::OutputFormat::Kind::regex;
  EXPECT_EQ(cannot(encode(from)), "guided_regex");
}

TEST(EncodeRequest, ReportsWhatItDrops) {
  const std::vector<chat::Extra> extras = {{"store", "true"}, {"safetySettings", "[]"}};
  const std::vector<Tool> tools = {{.kind = Tool::Kind::opaque, .name = "web", .schema = "{}"},
                                   {.kind = Tool::Kind::freeform, .name = "f"}};
  Conversation from;
  from.sampling = {.frequency_penalty = "1", .presence_penalty = "1", .seed = "1", .answers = 1,
                   .logprobs = true, .top_logprobs = 1};
  from.parallel_tool_calls = false;
  from.output.kind = chat::OutputFormat::Kind::json_object;
  from.reasoning.include_thoughts = true;
  from.verbosity = "low";
  from.user = "u";
  from.metadata = "{}";
  from.extras = extras;
  from.tools = tools;
  const Encoded encoded = encode(from);
  EXPECT_EQ(encoded.body, body(""));
  EXPECT_EQ(encoded.drops,
            "frequency_penalty presence_penalty seed logprobs top_logprobs parallel_tool_calls "
            "response_format thinking.includeThoughts verbosity user metadata store "
            "safetySettings tools[] of type web tools[] of type custom");
  EXPECT_EQ(encode_user({Text{"a", R"([{"x":1}])"}, chat::Opaque{"video_url", "{}"}}).drops,
            "messages[].content[].citations messages[].content[] of type video_url");
}

TEST(EncodeRequest, ASchemaIsAnObjects) {
  Conversation from;
  std::vector<Tool> tools = {{.name = "f", .schema = R"({"properties":{}})"}};
  from.tools = tools;
  EXPECT_TRUE(encode(from).body.ends_with(R"({"json":{"type":"object","properties":{}}},"name":"f"}}]}})"));
  tools[0].schema = "[]";
  EXPECT_EQ(encode(from).body,
            "Bedrock Converse cannot take tools[].function.parameters that are no JSON object");
}

TEST(EncodeRequest, ToolChoice) {
  const std::vector<Tool> tools = {{.name = "f", .schema = R"({"type":"object"})"}};
  const Contents call = {ToolCall{"1", "f", "{}"}};
  const std::vector<Message> history = {{Role::assistant, call, {}}};
  Conversation from;
  from.tools = tools;
  const auto config = [&from](Bytes choice) {
    const std::string whole = encode(from).body;
    const std::string tool =
        R"("tools":[{"toolSpec":{"inputSchema":{"json":{"type":"object"}},"name":"f"}}]}})";
    return whole.ends_with(R"("toolConfig":{)" + std::string(choice) + tool);
  };
  using Mode = ToolChoice::Mode;
  EXPECT_TRUE(config(""));
  from.tool_choice.mode = Mode::automatic;
  EXPECT_TRUE(config(R"("toolChoice":{"auto":{}},)"));
  from.tool_choice.mode = Mode::required;
  EXPECT_TRUE(config(R"("toolChoice":{"any":{}},)"));
  from.tool_choice = {.mode = Mode::named, .name = "f"};
  EXPECT_TRUE(config(R"("toolChoice":{"tool":{"name":"f"}},)"));
  from.tool_choice = {.mode = Mode::opaque, .raw = "{}"};
  EXPECT_TRUE(config(""));
  EXPECT_EQ(encode(from).drops, "tool_choice");
  from.tool_choice.mode = Mode::none;
  EXPECT_EQ(encode(from).body, body(""));
  EXPECT_EQ(encode(from).drops, "");
  // The service refuses calls in the messages where no tool is declared.
  from.messages = history;
  EXPECT_TRUE(config(""));
  EXPECT_EQ(encode(from).drops, "tool_choice");
}

TEST(EncodeRequest, Thinking) {
  using Mode = chat::ReasoningRequest::Mode;
  Conversation from;
  const auto fields = [&](Bytes json, RequestOptions options = {}) {
    EXPECT_EQ(encode(from, options).body, "{" + std::string(json) + body("").substr(1));
  };
  from.reasoning = {.mode = Mode::disabled, .budget_tokens = 5};
  fields(R"("additionalModelRequestFields":{"thinking":{"type":"disabled"}},)");
  from.reasoning = {.mode = Mode::adaptive, .display = "summarized"};
  fields(
      R"("additionalModelRequestFields":{"thinking":{"type":"adaptive","display":"summarized"}},)");
  from.reasoning = {.effort = "high"};
  fields(R"("additionalModelRequestFields":{"reasoning_config":"high"},)");
  EXPECT_EQ(encode(from, {RequestOptions::Effort::output_config}).body,
            R"({"inferenceConfig":{},"messages":[],"outputConfig":{"effort":"high"}})");
}

TEST(EncodeRequest, ServiceTier) {
  Conversation from;
  const auto tier = [&](Bytes name) {
    from.service_tier = name;
    return encode(from).body;
  };
  EXPECT_EQ(tier("auto"), body(""));
  EXPECT_EQ(tier("standard_only"),
            R"({"inferenceConfig":{},"messages":[],"serviceTier":{"type":"default"}})");
  EXPECT_EQ(tier("priority"),
            R"({"inferenceConfig":{},"messages":[],"serviceTier":{"type":"priority"}})");
}

TEST(EncodeRequest, ItsOwnLanguageComesOutAsItCame) {
  const Contents blocks = {chat::Opaque{"guardContent", R"({"guardContent":{}})"}, CachePoint{}};
  const std::vector<Message> messages = {{Role::user, blocks, {}}};
  const std::vector<Tool> tools = {
      {.kind = Tool::Kind::opaque, .name = "systemTool", .schema = R"({"systemTool":{}})"}};
  const std::vector<chat::Extra> extras = {{"guardrailConfig", R"({"x":1})"}};
  Conversation from;
  from.language = kLanguage;
  from.messages = messages;
  from.tools = tools;
  from.tool_choice = {.mode = ToolChoice::Mode::opaque, .raw = R"({"x":{}})"};
  from.extras = extras;
  const Encoded encoded = encode(from);
  EXPECT_EQ(encoded.body,
            R"({"inferenceConfig":{},"messages":[{"content":[{"guardContent":{}},)"
            R"({"cachePoint":{"type":"default"}}],"role":"user"}],"toolConfig":{)"
            R"("toolChoice":{"x":{}},"tools":[{"systemTool":{}}]},"guardrailConfig":{"x":1}})");
  EXPECT_EQ(encoded.drops, "");
}

}  // namespace
}  // namespace aigw::dialect::bedrock_converse
