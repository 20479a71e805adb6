#include "dialect/gemini/encode_request.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dialect/gemini/test_support.h"

namespace aigw::dialect::gemini {
namespace {

using chat::Block;
using chat::Conversation;
using chat::Message;
using chat::Role;
using chat::Text;

constexpr Bytes kOld = "gemini-1.5-pro";
constexpr Bytes kFlash3 = "gemini-3-flash";

// A conversation out of blocks that live as long as it.
class Talk {
 public:
  Talk() { conversation.model = "gemini-2.5-pro"; }
  Talk& say(Role role, std::vector<Block> blocks) {
    kept_.push_back(std::make_unique<std::vector<Block>>(std::move(blocks)));
    messages_.push_back({.role = role, .content = std::span<const Block>(*kept_.back())});
    conversation.messages = messages_;
    return *this;
  }
  Conversation conversation;

 private:
  std::vector<std::unique_ptr<std::vector<Block>>> kept_;
  std::vector<Message> messages_;
};

std::string body(const Conversation& conversation, Bytes model = {}) {
  Room room;
  return room.encode(conversation, {.model = model});
}

// What stands behind `contents` and between it and the end.
std::string contents(const Talk& talk, Bytes model = {}) {
  const std::string all = body(talk.conversation, model);
  const size_t tools = all.find(R"(,"tools":null)");
  const Bytes head = R"({"contents":)";
  return tools == std::string::npos ? all : all.substr(head.size(), tools - head.size());
}

std::string config(const Conversation& conversation, Bytes model = {}) {
  const std::string all = body(conversation, model);
  const Bytes name = R"("generationConfig":)";
  const size_t at = all.find(name);
  return at == std::string::npos ? all
                                 : all.substr(at + name.size(), all.size() - at - name.size() - 1);
}

TEST(GeminiRequest, Nothing) {
  EXPECT_EQ(body({}), R"({"contents":null,"tools":null,"generationConfig":{}})");
}

TEST(GeminiRequest, TurnsOfTheUserAreOne) {
  Talk talk;
  talk.say(Role::system, {Text{.text = "later"}})
      .say(Role::user, {Text{.text = "a"}, Text{.text = ""}})
      .say(Role::user, {Text{.text = "b"}})
      .say(Role::assistant, {Text{.text = "c"}})
      .say(Role::assistant, {Text{.text = ""}})
      .say(Role::user, {Text{.text = "d"}});
  const std::vector<Block> system = {Text{.text = "first"}};
  talk.conversation.system = std::span<const Block>(system);
  EXPECT_EQ(body(talk.conversation),
            R"({"contents":[{"parts":[{"text":"a"},{"text":"b"}],"role":"user"},)"
            R"({"parts":[{"text":"c"}],"role":"model"},{"parts":[{"text":"d"}],"role":"user"}],)"
            R"("tools":null,"generationConfig":{},)"
            R"("systemInstruction":{"parts":[{"text":"first"},{"text":"later"}]}})");
}

TEST(GeminiRequest, CallsComeFirstAndCarryTheSignature) {
  Talk talk;
  talk.say(Role::assistant, {chat::Reasoning{.text = "hm", .signature = "c2ln"},
                             Text{.text = "I look."},
                             chat::ToolCall{.id = "1", .name = "f", .arguments = R"({"a":1})"},
                             chat::ToolCall{.id = "2", .name = "g", .arguments = " {} "}});
  talk.say(Role::user, {chat::ToolResult{.call_id = "1"}, chat::ToolResult{.call_id = "?"}});
  EXPECT_EQ(contents(talk),
            R"([{"parts":[{"functionCall":{"args":{"a":1},"name":"f"},"thoughtSignature":"c2ln"},)"
            R"({"functionCall":{"name":"g"}},{"text":"hm","thought":true},{"text":"I look."}],)"
            R"("role":"model"},{"parts":[{"functionResponse":{"name":"f","response":{"output":""}}},)"
            R"({"functionResponse":{"response":{"output":""}}}],"role":"user"}])");
}

TEST(GeminiRequest, ACallThatNobodySignedSaysSo) {
  const std::string skip = R"([{"parts":[{"functionCall":{"name":"f"},"thoughtSignature":)"
                           R"("c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="}],"role":"model"}])";
  Talk talk;
  talk.say(Role::assistant, {chat::ToolCall{.id = "1", .name = "f"}});
  EXPECT_EQ(contents(talk), skip);
  Talk other;
  other.say(Role::assistant, {chat::Reasoning{.signature = "not base64"},
                              chat::ToolCall{.id = "1", .name = "f"}});
  EXPECT_EQ(contents(other), skip);
}

TEST(GeminiRequest, ThoughtsWithoutCallsCarryTheirOwn) {
  Talk talk;
  talk.say(Role::assistant, {chat::Reasoning{.text = "hm", .signature = "c2ln"},
                             chat::Reasoning{.signature = "Zm9v"}, chat::Reasoning{},
                             Text{.text = "no", .refusal = true}, Text{.text = "x"}});
  EXPECT_EQ(contents(talk),
            R"([{"parts":[{"text":"hm","thought":true,"thoughtSignature":"c2ln"},)"
            R"({"thought":true,"thoughtSignature":"Zm9v"},{"text":"x"}],"role":"model"}])");
}

TEST(GeminiRequest, ResultsOfTools) {
  const std::vector<Block> content = {Text{.text = "1"}, Text{.text = "2"},
                                      chat::Image{{.data = "AA==", .media_type = "image/png"}}};
  Talk talk;
  talk.say(Role::assistant, {chat::ToolCall{.id = "t", .name = "f", .signature = "c2ln"}})
      .say(Role::user, {chat::ToolResult{.call_id = "t",
                                         .content = std::span<const Block>(content),
                                         .is_error = true}});
  EXPECT_EQ(contents(talk),
            R"([{"parts":[{"functionCall":{"name":"f"},"thoughtSignature":"c2ln"}],"role":"model"},)"
            R"({"parts":[{"functionResponse":{"name":"f","response":{"error":"12"}}},)"
            R"({"inlineData":{"data":"AA==","mimeType":"image/png"}}],"role":"user"}])");
}

TEST(GeminiRequest, Media) {
  using Kind = chat::Source::Kind;
  Talk talk;
  talk.say(Role::user,
           {chat::Image{{.data = "AA==", .media_type = "image/x"}, "low"},
            chat::Image{{Kind::url, "https://h/p.PNG?q=.gif", {}}},
            chat::Image{{Kind::url, "https://h/p", {}}, "auto"}, chat::Image{{Kind::url, "", {}}},
            chat::File{{.data = "JVBE", .media_type = "application/pdf"}, "n"},
            chat::File{{Kind::url, "https://h/d", {}}},
            chat::File{{Kind::text, "words", "text/plain"}},
            chat::Audio{{.data = "UklG", .media_type = "audio/mp3"}}});
  const std::string rest =
      R"({"inlineData":{"data":"JVBE","mimeType":"application/pdf"}},)"
      R"({"fileData":{"fileUri":"https://h/d","mimeType":"application/pdf"}},{"text":"words"},)"
      R"({"inlineData":{"data":"UklG","mimeType":"audio/mp3"}}],"role":"user"}])";
  EXPECT_EQ(contents(talk),
            R"([{"parts":[{"inlineData":{"data":"AA==","mimeType":"image/x"}},)"
            R"({"fileData":{"fileUri":"https://h/p.PNG?q=.gif","mimeType":"image/png"}},)"
            R"({"fileData":{"fileUri":"https://h/p","mimeType":"image/jpeg"}},)" +
                rest);
  EXPECT_EQ(contents(talk, kFlash3),
            R"([{"parts":[{"mediaResolution":{"level":"MEDIA_RESOLUTION_LOW"},)"
            R"("inlineData":{"data":"AA==","mimeType":"image/x"}},)"
            R"({"fileData":{"fileUri":"https://h/p.PNG?q=.gif","mimeType":"image/png"}},)"
            R"({"mediaResolution":{"level":"MEDIA_RESOLUTION_UNSPECIFIED"},)"
            R"("fileData":{"fileUri":"https://h/p","mimeType":"image/jpeg"}},)" +
                rest);
}

TEST(GeminiRequest, ToolsAndChoice) {
  static const std::vector<chat::Tool> tools = {
      {.name = "f", .description = "Does.",
       .schema = R"({"type":"object","additionalProperties":false})", .strict = true},
      {.name = "g", .description = ""},
      {.kind = chat::Tool::Kind::opaque, .name = "google_search",
       .schema = R"({"type":"google_search","google_search":{"exclude_domains":["x"],)"
                 R"("time_range_filter":{"start_time":"s","end_time":"e"}}})"},
      {.kind = chat::Tool::Kind::opaque, .name = "enterprise_search", .schema = "{}"},
      {.kind = chat::Tool::Kind::freeform, .name = "h"}};
  Conversation conversation;
  conversation.model = "gemini-2.5-pro";
  conversation.tools = tools;
  conversation.tool_choice = {.mode = chat::ToolChoice::Mode::named, .name = "f"};
  const auto want = [](const std::string& parameters) {
    return R"({"contents":null,"tools":[{"googleSearch":{"excludeDomains":["x"],)"
           R"("timeRangeFilter":{"endTime":"e","startTime":"s"}}},{"enterpriseWebSearch":{}},)"
           R"({"functionDeclarations":[{"description":"Does.","name":"f",)" +
           parameters +
           R"(},{"name":"g"}]}],"toolConfig":{"functionCallingConfig":)"
           R"({"allowedFunctionNames":["f"],"mode":"ANY"}},"generationConfig":{}})";
  };
  EXPECT_EQ(body(conversation),
            want(R"("parametersJsonSchema":{"type":"object","additionalProperties":false})"));
  EXPECT_EQ(body(conversation, kOld), want(R"("parameters":{"type":"object"})"));
  conversation.tools = {};
  conversation.tool_choice = {.mode = chat::ToolChoice::Mode::none};
  EXPECT_EQ(body(conversation),
            R"({"contents":null,"tools":null,)"
            R"("toolConfig":{"functionCallingConfig":{"mode":"NONE"}},"generationConfig":{}})");
}

TEST(GeminiRequest, Sampling) {
  static constexpr Bytes kStops[] = {"END", ""};
  Conversation conversation;
  conversation.sampling = {.max_tokens = 9,
                           .temperature = "0.70",
                           .top_p = "1",
                           .top_k = "40",
                           .frequency_penalty = "0.5",
                           .presence_penalty = "-1",
                           .seed = "7",
                           .stop_sequences = kStops,
                           .answers = 1,
                           .logprobs = true,
                           .top_logprobs = 2};
  EXPECT_EQ(config(conversation),
            R"({"candidateCount":1,"frequencyPenalty":0.5,"logprobs":2,"maxOutputTokens":9,)"
            R"("presencePenalty":-1,"responseLogprobs":true,"seed":7,"stopSequences":["END"],)"
            R"("temperature":0.70,"topK":40,"topP":1})");
}

TEST(GeminiRequest, Formats) {
  using Kind = chat::OutputFormat::Kind;
  const auto format = [](chat::OutputFormat output, Bytes model = "gemini-2.5-pro") {
    Conversation conversation;
    conversation.output = output;
    return config(conversation, model);
  };
  EXPECT_EQ(format({.kind = Kind::text}), R"({"responseMimeType":"text/plain"})");
  EXPECT_EQ(format({.kind = Kind::json_object}), R"({"responseMimeType":"application/json"})");
  const chat::OutputFormat schema{
      .kind = Kind::json_schema, .name = "n", .schema = R"({"type":["string","null"]})"};
  EXPECT_EQ(format(schema),
            R"({"responseJsonSchema":{"type":["string","null"]},)"
            R"("responseMimeType":"application/json"})");
  EXPECT_EQ(format(schema, kOld),
            R"({"responseMimeType":"application/json",)"
            R"("responseSchema":{"nullable":true,"type":"string"}})");
  EXPECT_EQ(format({.kind = Kind::json_schema, .schema = "{}"}, kOld),
            R"({"responseJsonSchema":{},"responseMimeType":"application/json"})");
  EXPECT_EQ(format({.kind = Kind::choice, .schema = R"(["a","b"])"}),
            R"({"responseMimeType":"text/x.enum",)"
            R"("responseSchema":{"enum":["a","b"],"type":"STRING"}})");
  EXPECT_EQ(format({.kind = Kind::regex, .name = R"(\d+)"}),
            R"({"responseMimeType":"application/json",)"
            R"("responseSchema":{"pattern":"\\d+","type":"STRING"}})");
}

TEST(GeminiRequest, Thinking) {
  using Mode = chat::ReasoningRequest::Mode;
  const auto thinking = [](chat::ReasoningRequest reasoning, Bytes model = kFlash3,
                           bool shown = false) {
    Room room;
    Conversation conversation;
    conversation.reasoning = reasoning;
    const std::string all =
        room.encode(conversation, {.model = model, .thoughts_by_default = shown});
    const size_t at = all.find("{\"thinkingConfig");
    return at == std::string::npos ? all.substr(all.find("\"generation")) : all.substr(at);
  };
  EXPECT_EQ(thinking({.effort = "none"}), R"({"thinkingConfig":{"thinkingLevel":"MINIMAL"}}})");
  EXPECT_EQ(thinking({.effort = "low"}), R"({"thinkingConfig":{"thinkingLevel":"LOW"}}})");
  EXPECT_EQ(thinking({.effort = "medium"}), R"({"thinkingConfig":{"thinkingLevel":"MEDIUM"}}})");
  EXPECT_EQ(thinking({.effort = "medium"}, "gemini-3-pro"),
            R"({"thinkingConfig":{"thinkingLevel":"HIGH"}}})");
  EXPECT_EQ(thinking({.effort = "high"}, "gemini-3-pro", true),
            R"({"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"}}})");
  EXPECT_EQ(thinking({.effort = "high"}, "gemini-2.5-pro"), R"("generationConfig":{}})");
  EXPECT_EQ(thinking({.mode = Mode::enabled, .budget_tokens = 5, .include_thoughts = true}),
            R"({"thinkingConfig":{"includeThoughts":true,"thinkingBudget":5}}})");
  EXPECT_EQ(thinking({.mode = Mode::enabled, .budget_tokens = 5}, kFlash3, true),
            R"({"thinkingConfig":{"includeThoughts":true,"thinkingBudget":5}}})");
  EXPECT_EQ(thinking({.mode = Mode::disabled, .effort = "high"}), R"({"thinkingConfig":{}}})");
  EXPECT_EQ(thinking({.mode = Mode::adaptive}), R"({"thinkingConfig":{}}})");
}

TEST(GeminiRequest, ExtrasOfChat) {
  static constexpr chat::Extra kExtras[] = {
      {"safetySettings", R"([{"category":"C","threshold":"T"}])"},
      {"generationConfig", R"({"media_resolution":"media_resolution_low"})"},
      {"logit_bias", "{}"}};
  Room room;
  Conversation conversation;
  conversation.extras = kExtras;
  EXPECT_EQ(room.encode(conversation, {.model = kFlash3}),
            R"({"contents":null,"tools":null,)"
            R"("generationConfig":{"mediaResolution":"media_resolution_low"},)"
            R"("safetySettings":[{"category":"C","threshold":"T"}]})");
  EXPECT_EQ(room.dropped(), "logit_bias");
}

TEST(GeminiRequest, WhatCannotBeDoneIsRefused) {
  const auto refusal = [](Bytes what) { return "422: Gemini cannot take " + std::string(what); };
  const auto said = [](Role role, std::vector<Block> blocks, Bytes model = {}) {
    Talk talk;
    talk.say(role, std::move(blocks));
    return body(talk.conversation, model);
  };
  using Kind = chat::Source::Kind;
  EXPECT_EQ(said(Role::assistant, {chat::ToolCall{.name = "f"}}),
            refusal("messages[].tool_calls[] without an id"));
  EXPECT_EQ(said(Role::assistant, {chat::ToolCall{.id = "1", .name = "f", .arguments = "[]"}}),
            refusal("messages[].tool_calls[] whose arguments are not a JSON object"));
  EXPECT_EQ(said(Role::assistant, {chat::Reasoning{.redacted = "r"}}),
            refusal("messages[].content[] of type redacted_thinking"));
  EXPECT_EQ(said(Role::user, {chat::Image{{Kind::file_id, "f", {}}}}), refusal("a file by its id"));
  EXPECT_EQ(said(Role::user, {chat::Image{{.data = "AA"}, "ultra"}}, kFlash3),
            refusal("messages[].content[].image_url.detail ultra"));
  Conversation conversation;
  conversation.reasoning.effort = "xhigh";
  EXPECT_EQ(body(conversation, kFlash3), refusal("reasoning_effort xhigh"));
  conversation = {};
  conversation.sampling.answers = 2;
  EXPECT_EQ(body(conversation), refusal("n above 1"));
  static constexpr chat::Extra kGuided[] = {{"guided_regex", "\"a\""}};
  conversation = {};
  conversation.output.kind = chat::OutputFormat::Kind::json_object;
  conversation.extras = kGuided;
  EXPECT_EQ(body(conversation),
            refusal("more than one of response_format, guided_choice, guided_regex, guided_json"));
}

}  // namespace
}  // namespace aigw::dialect::gemini
