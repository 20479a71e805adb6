#include "dialect/openai_chat/encode_request.h"

#include <gtest/gtest.h>

#include "dialect/openai_chat/codec_test_support.h"

namespace aigw::dialect::openai_chat {
namespace {

using chat::Block;
using chat::Message;
using chat::Role;
using chat::Source;

// A conversation of another language.
chat::Conversation foreign() { return {.language = "elsewhere", .model = "m"}; }

std::string messages_of(std::span<const Message> messages, Bench& bench) {
  chat::Conversation from = foreign();
  from.messages = messages;
  const std::string body = bench.encode(from);
  const size_t end = body.rfind(",\"model\":\"m\"}");
  return end == std::string::npos ? body : body.substr(12, end - 12);
}

std::string message_of(Role role, const std::vector<Block>& blocks) {
  Bench bench;
  const Message message{role, std::span<const Block>(blocks), {}};
  return messages_of({&message, 1}, bench);
}

TEST(EncodeRequest, HasTheOrderOfMembersOfThePeer) {
  const std::vector<Block> system = {chat::Text{"Be "}, chat::CachePoint{}, chat::Text{"brief."}};
  const std::vector<Block> asked = {chat::Text{"Hi "}, chat::Text{"there"}};
  const Message messages[] = {{Role::user, std::span<const Block>(asked), {}}};
  const chat::Tool tools[] = {{.name = "f", .description = "d", .schema = R"({"type":"object"})"},
                              {.kind = chat::Tool::Kind::opaque, .name = "web_search"}};
  const Bytes stop[] = {"a", "b"};
  chat::Conversation from = foreign();
  from.stream = true;
  from.system = std::span<const Block>(system);
  from.messages = messages;
  from.tools = tools;
  from.tool_choice = {.mode = chat::ToolChoice::Mode::named, .name = "f"};
  from.parallel_tool_calls = false;
  from.sampling = {.max_tokens = 5, .temperature = "0.70", .top_p = "1", .top_k = "3",
                   .stop_sequences = stop};
  from.reasoning = {.mode = chat::ReasoningRequest::Mode::enabled, .budget_tokens = 1024,
                    .display = "omitted"};
  from.user = "u";
  Bench bench;
  EXPECT_EQ(bench.encode(from, {.model = "gpt"}),
            R"({"messages":[{"content":"Be brief.","role":"system"},)"
            R"({"content":"Hi there","role":"user"}],"model":"gpt","max_completion_tokens":5,)"
            R"("stream":true,"stream_options":{"include_usage":true},"temperature":0.70,"top_p":1,)"
            R"("tools":[{"type":"function","function":{"name":"f","description":"d",)"
            R"("parameters":{"type":"object"}}}],)"
            R"("tool_choice":{"type":"function","function":{"name":"f"}},)"
            R"("parallel_tool_calls":false,"thinking":{"budget_tokens":1024,"type":"enabled"},)"
            R"("stop":["a","b"]})");
  EXPECT_EQ(bench.dropped(),
            "messages[].content[].cache_control tools[] of type web_search thinking.display top_k "
            "metadata.user_id");
}

TEST(EncodeRequest, SaysZeroForNoBoundOnlyWhenAskedTo) {
  Bench bench;
  EXPECT_EQ(bench.encode(foreign()), R"({"messages":[],"model":"m"})");
  EXPECT_EQ(bench.encode(foreign(), {.zero_for_no_max_tokens = true}),
            R"({"messages":[],"model":"m","max_completion_tokens":0})");
}

TEST(EncodeRequest, LeavesTheChoiceOutWhereNoToolStands) {
  chat::Conversation from = foreign();
  from.tool_choice.mode = chat::ToolChoice::Mode::none;
  from.parallel_tool_calls = true;
  Bench bench;
  EXPECT_EQ(bench.encode(from), R"({"messages":[],"model":"m"})");
}

TEST(EncodeRequest, WritesPartsWhereAPictureIs) {
  EXPECT_EQ(message_of(Role::user,
                       {chat::Text{"see"}, chat::Image{{Source::Kind::base64, "iVBO", "image/png"}},
                        chat::Image{{Source::Kind::url, "https://h/p"}}}),
            R"([{"content":[{"text":"see","type":"text"},)"
            R"({"image_url":{"url":"data:image/png;base64,iVBO"},"type":"image_url"},)"
            R"({"image_url":{"url":"https://h/p"},"type":"image_url"}],"role":"user"}])");
}

TEST(EncodeRequest, CarriesDocuments) {
  EXPECT_EQ(
      message_of(Role::user,
                 {chat::File{.source = {Source::Kind::base64, "JVBE", "application/pdf"}},
                  chat::File{.source = {Source::Kind::base64, "JVBE", "application/pdf"},
                             .name = "a"},
                  chat::File{.source = {Source::Kind::text, "plain", "text/plain"}}}),
      R"([{"content":[)"
      R"({"file":{"file_data":"data:application/pdf;base64,JVBE","filename":"document.pdf"},)"
      R"("type":"file"},)"
      R"({"file":{"file_data":"data:application/pdf;base64,JVBE","filename":"a"},"type":"file"},)"
      R"({"text":"plain","type":"text"}],"role":"user"}])");
}

TEST(EncodeRequest, RefusesWhatWasAskedForAndCannotBeSaid) {
  EXPECT_EQ(message_of(Role::user, {chat::File{.source = {Source::Kind::url, "https://h/a.pdf"}}}),
            "OpenAI chat completions cannot take a document that is given by its URL");
  EXPECT_EQ(message_of(Role::user, {chat::Image{{Source::Kind::file_id, "f"}}}),
            "OpenAI chat completions cannot take an image that is a file uploaded at another "
            "provider");
  chat::Conversation from = foreign();
  const Block block = chat::Audio{{Source::Kind::url, "https://h/a"}};
  const Message message{Role::user, std::span<const Block>(&block, 1), {}};
  from.messages = {&message, 1};
  Bench bench;
  std::string out;
  EXPECT_EQ(encode_request(from, {}, bench.drops, out).error().kind, FailureKind::unprocessable);
}

TEST(EncodeRequest, PutsResultsOfToolsFirstAndTheirPicturesBehind) {
  const std::vector<Block> shown = {chat::Text{"a"}, chat::Text{"b"},
                                    chat::Image{{Source::Kind::base64, "iVBO", "image/png"}}};
  EXPECT_EQ(message_of(Role::user,
                       {chat::Text{"now"},
                        chat::ToolResult{.call_id = "c1", .content = std::span<const Block>(shown)},
                        chat::ToolResult{.call_id = "c2", .is_error = true}}),
            R"([{"content":"ab","role":"tool","tool_call_id":"c1"},)"
            R"({"content":"","role":"tool","tool_call_id":"c2"},)"
            R"({"content":[{"image_url":{"url":"data:image/png;base64,iVBO"},"type":"image_url"},)"
            R"({"text":"now","type":"text"}],"role":"user"}])");
}

TEST(EncodeRequest, LeavesOutATurnWithNothingInIt) {
  EXPECT_EQ(message_of(Role::user, {}), "[]");
  EXPECT_EQ(message_of(Role::user, {chat::ToolResult{.call_id = "c"}}),
            R"([{"content":"","role":"tool","tool_call_id":"c"}])");
}

TEST(EncodeRequest, WritesTheAssistantAsThePeerDoes) {
  EXPECT_EQ(message_of(Role::assistant, {chat::Text{"a"}, chat::Text{"b"}}),
            R"([{"role":"assistant","content":"ab"}])");
  EXPECT_EQ(message_of(Role::assistant, {chat::ToolCall{"c1", "f", R"({"x": 1})"},
                                         chat::ToolCall{"c2", "g", ""}}),
            R"([{"role":"assistant","content":null,"tool_calls":[)"
            R"({"id":"c1","function":{"arguments":"{\"x\": 1}","name":"f"},"type":"function"},)"
            R"({"id":"c2","function":{"arguments":"{}","name":"g"},"type":"function"}]}])");
  EXPECT_EQ(message_of(Role::assistant,
                       {chat::Reasoning{.text = "t", .signature = "S"},
                        chat::Reasoning{.redacted = "R"}, chat::Text{"x"}}),
            R"([{"role":"assistant","content":[{"type":"thinking","text":"t","signature":"S"},)"
            R"({"type":"redacted_thinking","redactedContent":"R"},{"type":"text","text":"x"}]}])");
}

TEST(EncodeRequest, LeavesReasoningOutWhereOpenAiItselfIsAsked) {
  const std::vector<Block> said = {chat::Reasoning{.text = "t", .signature = "S"}, chat::Text{"x"}};
  const Message message{Role::assistant, std::span<const Block>(said), {}};
  chat::Conversation from = foreign();
  from.messages = {&message, 1};
  from.reasoning = {.mode = chat::ReasoningRequest::Mode::adaptive, .effort = "low"};
  Bench bench;
  EXPECT_EQ(bench.encode(from, {.effort_alone = true}),
            R"({"messages":[{"role":"assistant","content":"x"}],"model":"m",)"
            R"("reasoning_effort":"low"})");
  EXPECT_EQ(bench.dropped(), "messages[].content[] of type thinking");
}

TEST(EncodeRequest, LeavesOutATurnOfNothingButThoughtsWhereOpenAiItselfIsAsked) {
  const std::vector<Block> said = {chat::Reasoning{.text = "t"}, chat::Opaque{"web_search_call", "{}"},
                                   chat::Text{""}};
  const std::vector<Block> called = {chat::Reasoning{.text = "t"}, chat::ToolCall{"c", "f", "{}"}};
  const std::vector<Message> messages = {{Role::assistant, std::span<const Block>(said), {}},
                                         {Role::assistant, std::span<const Block>(called), {}}};
  chat::Conversation from = foreign();
  from.messages = messages;
  Bench bench;
  EXPECT_EQ(bench.encode(from, {.effort_alone = true}),
            R"({"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c",)"
            R"("function":{"arguments":"{}","name":"f"},"type":"function"}]}],"model":"m"})");
  EXPECT_EQ(bench.dropped(),
            "messages[].content[] of type thinking*2 messages[].content[] of type web_search_call");
}

TEST(EncodeRequest, TellsOpenAiItselfHowMuchToThink) {
  using Mode = chat::ReasoningRequest::Mode;
  const auto encoded = [](chat::ReasoningRequest asked, Bytes model) {
    chat::Conversation from = foreign();
    from.reasoning = asked;
    Bench bench;
    std::string text = bench.encode(from, {.model = model, .effort_alone = true});
    text.erase(0, std::string(R"({"messages":[],"model":")").size() + model.size() + 1);
    return text + bench.dropped();
  };
  const auto budget = [](uint64_t tokens) {
    return chat::ReasoningRequest{.mode = Mode::enabled, .budget_tokens = tokens};
  };
  EXPECT_EQ(encoded(budget(1024), "gpt-5"), R"(,"reasoning_effort":"low"})");
  EXPECT_EQ(encoded(budget(4095), "gpt-5"), R"(,"reasoning_effort":"low"})");
  EXPECT_EQ(encoded(budget(4096), "gpt-5"), R"(,"reasoning_effort":"medium"})");
  EXPECT_EQ(encoded(budget(16383), "o3"), R"(,"reasoning_effort":"medium"})");
  EXPECT_EQ(encoded(budget(16384), "any"), R"(,"reasoning_effort":"high"})");
  EXPECT_EQ(encoded({.effort = "max"}, "gpt-5.2"), R"(,"reasoning_effort":"xhigh"})");
  EXPECT_EQ(encoded({}, "gpt-5"), "}");
  EXPECT_EQ(encoded({.mode = Mode::adaptive}, "gpt-5"), "}thinking");
  EXPECT_EQ(encoded({.mode = Mode::disabled}, "gpt-5"), "}thinking");
  for (Bytes model : {"gpt-4o", "gpt-4.1-mini", "gpt-35-turbo", "gpt-5-chat-latest"}) {
    EXPECT_EQ(encoded(budget(1024), model), "}thinking") << model;
    EXPECT_EQ(encoded({.effort = "low"}, model), "}reasoning_effort") << model;
  }
}

TEST(EncodeRequest, KeepsSystemMessagesBetweenOthers) {
  EXPECT_EQ(message_of(Role::system, {chat::Text{"a"}, chat::Text{"b"}}),
            R"([{"content":"ab","role":"system"}])");
}

TEST(EncodeRequest, WritesOutputFormatsOfOtherLanguages) {
  chat::Conversation from = foreign();
  from.output = {.kind = chat::OutputFormat::Kind::json_schema, .schema = R"({"type":"object"})"};
  from.reasoning.effort = "max";
  from.service_tier = "standard_only";
  Bench bench;
  EXPECT_EQ(bench.encode(from),
            R"({"messages":[],"model":"m","reasoning_effort":"xhigh","response_format":)"
            R"({"type":"json_schema","json_schema":{"name":"response",)"
            R"("schema":{"type":"object"}}},)"
            R"("service_tier":"default"})");
}

TEST(EncodeRequest, KeepsWhatBothOfOpenAIsLanguagesHave) {
  const chat::Extra extras[] = {{"prompt_cache_key", R"("p")"}, {"truncation", R"("auto")"}};
  Bench bench;
  EXPECT_EQ(bench.encode({.language = "other", .model = "m", .extras = extras}),
            R"({"messages":[],"model":"m","prompt_cache_key":"p"})");
  EXPECT_EQ(bench.dropped(), "truncation");
}

}  // namespace
}  // namespace aigw::dialect::openai_chat
