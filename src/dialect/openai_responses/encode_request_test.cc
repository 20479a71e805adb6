#include "dialect/openai_responses/encode_request.h"

#include <gtest/gtest.h>

#include <vector>

#include "dialect/openai_responses/codec_test_support.h"

namespace aigw::dialect::openai_responses {
namespace {

using chat::Block;
using chat::Conversation;
using chat::Source;
using Contents = std::vector<Block>;

struct Encoded {
  std::string body;
  std::string dropped;
};

// What a conversation of another language becomes.
Encoded encode(Conversation from, const RequestOptions& options = {}) {
  Bench bench;
  from.language = "other";
  std::string body = bench.encode(from, options);
  return {body, bench.dropped()};
}

std::string with_messages(std::span<const chat::Message> messages, std::string* dropped = nullptr) {
  const Encoded encoded = encode({.model = "m", .messages = messages});
  if (dropped != nullptr) *dropped = encoded.dropped;
  const std::string head = R"({"model":"m","input":)";
  const std::string tail = R"(,"store":false})";
  if (!encoded.body.starts_with(head) || !encoded.body.ends_with(tail)) return encoded.body;
  return encoded.body.substr(head.size(), encoded.body.size() - head.size() - tail.size());
}

std::string with_message(chat::Role role, const Contents& blocks, std::string* dropped = nullptr) {
  const chat::Message message{role, std::span<const Block>(blocks), {}};
  return with_messages({&message, 1}, dropped);
}

TEST(EncodeRequest, StoresNothingAndKeepsOneSystemPromptApart) {
  const Contents one = {chat::Text{"S"}, chat::CachePoint{}};
  const Encoded encoded = encode({.model = "m", .system = std::span<const Block>(one)});
  EXPECT_EQ(encoded.body, R"({"model":"m","instructions":"S","input":[],"store":false})");
  EXPECT_EQ(encoded.dropped, "system[].cache_control");
  const Contents two = {chat::Text{"S"}, chat::Text{"T"}};
  EXPECT_EQ(encode({.model = "m", .system = std::span<const Block>(two)}, {.model = "n"}).body,
            R"({"model":"n","input":[{"role":"developer","content":[)"
            R"({"type":"input_text","text":"S"},{"type":"input_text","text":"T"}]}],"store":false})");
}

TEST(EncodeRequest, WritesWhatTheUserSays) {
  std::string dropped;
  EXPECT_EQ(with_message(
                chat::Role::user,
                {chat::Text{"see", "[{}]"}, chat::CachePoint{},
                 chat::Image{{Source::Kind::base64, "iVBO", "image/png"}},
                 chat::Image{{Source::Kind::url, "https://h/i.png"}, "high"},
                 chat::File{.source = {Source::Kind::base64, "JVBE", "application/pdf"}},
                 chat::File{.source = {Source::Kind::text, "plain"}, .name = "n", .context = "c"},
                 chat::File{.source = {Source::Kind::url, "https://h/d.pdf"}, .name = "n"},
                 chat::Opaque{"search_result", "{}"}},
                &dropped),
            R"([{"role":"user","content":[{"type":"input_text","text":"see"},)"
            R"({"type":"input_image","image_url":"data:image/png;base64,iVBO","detail":"auto"},)"
            R"({"type":"input_image","image_url":"https://h/i.png","detail":"high"},)"
            R"({"type":"input_file","file_data":"data:application/pdf;base64,JVBE",)"
            R"("filename":"document.pdf"},{"type":"input_text","text":"plain"},)"
            R"({"type":"input_file","file_url":"https://h/d.pdf","filename":"n"}]}])");
  EXPECT_EQ(dropped,
            "messages[].content[] of type search_result messages[].content[].citations "
            "messages[].content[].cache_control messages[].content[].context");
}

TEST(EncodeRequest, PutsResultsBeforeTheRestOfATurn) {
  std::string dropped;
  const Contents seen = {chat::Text{"s"}, chat::Image{{Source::Kind::base64, "iVBO", "image/png"}}};
  EXPECT_EQ(with_message(
                chat::Role::user,
                {chat::Text{"so?"},
                 chat::ToolResult{.call_id = "c1", .content = std::span<const Block>(seen),
                                  .is_error = true},
                 chat::ToolResult{.call_id = "c2", .freeform = true}},
                &dropped),
            R"([{"type":"function_call_output","call_id":"c1","output":[)"
            R"({"type":"input_text","text":"s"},{"type":"input_image",)"
            R"("image_url":"data:image/png;base64,iVBO","detail":"auto"}]},)"
            R"({"type":"custom_tool_call_output","call_id":"c2","output":""},)"
            R"({"role":"user","content":[{"type":"input_text","text":"so?"}]}])");
  EXPECT_EQ(dropped, "messages[].content[].is_error");
  EXPECT_EQ(with_message(chat::Role::user, {chat::ToolResult{.call_id = "c1"}, chat::Text{""}}),
            R"([{"type":"function_call_output","call_id":"c1","output":""}])");
}

TEST(EncodeRequest, WritesWhatTheAssistantSaid) {
  std::string dropped;
  EXPECT_EQ(with_message(chat::Role::assistant,
                         {chat::Reasoning{.text = "t", .signature = "openai:rs_1:gAAA"},
                          chat::Reasoning{.redacted = "openai:rs_2:gBBB"},
                          chat::Reasoning{.text = "raw", .signature = "openai:rs_3:"},
                          chat::Reasoning{.text = "foreign", .signature = "EqQB"},
                          chat::Reasoning{.text = "unsigned"}, chat::Text{"x"}, chat::Text{""},
                          chat::Text{"no", {}, true}, chat::ToolCall{"c1", "f", R"({"a":1})"},
                          chat::ToolCall{.id = "c2", .name = "g", .signature = "S"},
                          chat::ToolCall{.id = "c3", .name = "sh", .arguments = "ls",
                                         .freeform = true}},
                         &dropped),
            R"([{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"t"}],)"
            R"("encrypted_content":"gAAA"},)"
            R"({"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"gBBB"},)"
            R"({"type":"reasoning","id":"rs_3","summary":[],)"
            R"("content":[{"type":"reasoning_text","text":"raw"}]},)"
            R"({"role":"assistant","content":"x"},)"
            R"({"type":"message","id":"msg_0","status":"completed","role":"assistant",)"
            R"("content":[{"type":"refusal","refusal":"no"}]},)"
            R"({"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"},)"
            R"({"type":"function_call","call_id":"c2","name":"g","arguments":"{}"},)"
            R"({"type":"custom_tool_call","call_id":"c3","name":"sh","input":"ls"}])");
  EXPECT_EQ(dropped,
            "messages[].content[] of type thinking*2 messages[].content[].signature");
}

TEST(EncodeRequest, SaysThatToolsAreNotStrict) {
  const chat::Tool tools[] = {
      {.name = "f", .description = "d", .schema = R"({"type":"object"})", .cache = chat::CachePoint{}},
      {.name = "g", .strict = true},
      {.kind = chat::Tool::Kind::opaque, .name = "w"}};
  const Encoded encoded = encode({.model = "m", .tools = tools,
                                  .tool_choice = {chat::ToolChoice::Mode::named, "g"},
                                  .parallel_tool_calls = false});
  EXPECT_EQ(encoded.body,
            R"({"model":"m","input":[],"store":false,"tools":[{"type":"function","name":"f",)"
            R"("description":"d","parameters":{"type":"object"},"strict":false},)"
            R"({"type":"function","name":"g","parameters":null,"strict":true}],)"
            R"("tool_choice":{"type":"function","name":"g"},"parallel_tool_calls":false})");
  EXPECT_EQ(encoded.dropped, "tools[].cache_control tools[] of type w");
  EXPECT_EQ(encode({.model = "m", .tool_choice = {chat::ToolChoice::Mode::required},
                    .parallel_tool_calls = true})
                .body,
            R"({"model":"m","input":[],"store":false})");
}

std::string reasoning(const chat::ReasoningRequest& asked, Bytes model = "m") {
  const std::string body = encode({.model = model, .reasoning = asked}).body;
  const size_t at = body.find("\"store\":false");
  return body.substr(at + 13);
}

TEST(EncodeRequest, AsksForReasoningThatCanBeGivenBack) {
  using Mode = chat::ReasoningRequest::Mode;
  const std::string include = R"(,"include":["reasoning.encrypted_content"])";
  EXPECT_EQ(reasoning({}), "}");
  EXPECT_EQ(reasoning({}, "gpt-5-mini"), include + "}");
  EXPECT_EQ(reasoning({}, "gpt-5-chat-latest"), "}");
  EXPECT_EQ(reasoning({.effort = "max"}), include + R"(,"reasoning":{"effort":"xhigh"}})");
  EXPECT_EQ(reasoning({.effort = "none"}), R"(,"reasoning":{"effort":"none"}})");
  EXPECT_EQ(reasoning({.include_thoughts = true, .effort = "low"}),
            include + R"(,"reasoning":{"effort":"low","summary":"auto"}})");
  EXPECT_EQ(reasoning({.mode = Mode::enabled, .budget_tokens = 4095}),
            include + R"(,"reasoning":{"effort":"low","summary":"auto"}})");
  EXPECT_EQ(reasoning({.mode = Mode::enabled, .budget_tokens = 16383}),
            include + R"(,"reasoning":{"effort":"medium","summary":"auto"}})");
  EXPECT_EQ(reasoning({.mode = Mode::enabled, .budget_tokens = 31999}),
            include + R"(,"reasoning":{"effort":"high","summary":"auto"}})");
  EXPECT_EQ(reasoning({.mode = Mode::adaptive, .display = "omitted"}), include + "}");
  EXPECT_EQ(reasoning({.mode = Mode::disabled}), "}");
}

TEST(EncodeRequest, WritesSettings) {
  const chat::Extra extras[] = {{"logit_bias", "{}"}, {"prompt_cache_key", R"("p")"}};
  const Encoded encoded =
      encode({.model = "m", .stream = true, .include_usage = true,
              .sampling = {.max_tokens = 1, .temperature = "0.70", .top_p = "1", .top_k = "4",
                           .frequency_penalty = "1", .presence_penalty = "1", .seed = "1",
                           .logprobs = true, .top_logprobs = 2},
              .output = {.kind = chat::OutputFormat::Kind::json_schema, .schema = "{}",
                         .strict = true},
              .service_tier = "standard_only", .verbosity = "low", .user = "u", .metadata = "{}",
              .extras = extras});
  EXPECT_EQ(encoded.body,
            R"({"model":"m","input":[],"stream":true,"store":false,"max_output_tokens":16,)"
            R"("temperature":0.70,"top_p":1,"text":{"format":{"type":"json_schema",)"
            R"("name":"response","schema":{},"strict":true},"verbosity":"low"},)"
            R"("service_tier":"default","prompt_cache_key":"p"})");
  EXPECT_EQ(encoded.dropped,
            "top_k frequency_penalty presence_penalty seed logprobs top_logprobs user metadata "
            "logit_bias");
}

TEST(EncodeRequest, RefusesWhatTheLanguageHasNoWordFor) {
  const Bytes stop = "END";
  EXPECT_EQ(encode({.sampling = {.stop_sequences = {&stop, 1}}}).body,
            "OpenAI responses cannot take stop sequences");
  EXPECT_EQ(encode({.sampling = {.answers = 2}}).body,
            "OpenAI responses cannot take more answers than one");
  EXPECT_EQ(encode({.output = {.kind = chat::OutputFormat::Kind::regex, .name = "a"}}).body,
            "OpenAI responses cannot take guided_regex");
  EXPECT_EQ(encode({.output = {.kind = chat::OutputFormat::Kind::choice, .schema = "[]"}}).body,
            "OpenAI responses cannot take guided_choice");
  for (const Block& block :
       {Block(chat::Audio{{Source::Kind::base64, "U", "audio/wav"}}),
        Block(chat::Image{{Source::Kind::file_id, "f"}}),
        Block(chat::File{.source = {Source::Kind::file_id, "f"}})}) {
    EXPECT_EQ(with_message(chat::Role::user, {block}).find("OpenAI responses cannot take "), 0u);
  }
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
