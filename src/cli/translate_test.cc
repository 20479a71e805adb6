#include "cli/translate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/eventstream.h"

namespace aigw::cli {
namespace {

using config::SchemaName;
using endpoint::EndpointKind;
using testing::HasSubstr;
using testing::Not;

Translated done(const TranslateOptions& options, Bytes input) {
  Result<Translated> result = translate(options, input);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : Translated();
}

constexpr Bytes chat_request =
    R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"seed":3})";

TEST(Translate, ARequestIntoEachLanguage) {
  TranslateOptions options;
  options.model = "claude-x";
  options.backend_version = "2025-01-01";
  options.to = SchemaName::azure_openai;
  EXPECT_EQ(done(options, chat_request).start,
            "POST /openai/deployments/claude-x/chat/completions?api-version=2025-01-01");
  options.backend_version.clear();
  options.to = SchemaName::openai;
  EXPECT_EQ(done(options, chat_request).body,
            R"({"model":"claude-x","messages":[{"role":"user","content":"Hi"}],"seed":3})");
  options.to = SchemaName::aws_bedrock;
  const Translated bedrock = done(options, chat_request);
  EXPECT_EQ(bedrock.start, "POST /model/claude-x/converse");
  EXPECT_EQ(bedrock.body,
            R"({"inferenceConfig":{},"messages":[{"content":[{"text":"Hi"}],"role":"user"}]})");
  EXPECT_EQ(bedrock.dropped, "seed");
  EXPECT_THAT(bedrock.headers, HasSubstr("content-length: 77\n"));
}

TEST(Translate, ARequestOfEachClient) {
  TranslateOptions options;
  options.to = SchemaName::anthropic;
  options.model = "vendor/claude x";
  const std::string hi =
      R"("messages":[{"content":[{"text":"Hi","type":"text"}],"role":"user"}],"model":)"
      R"("vendor/claude x")";
  const auto body = [&](EndpointKind from, Bytes request) {
    options.from = from;
    const Translated sent = done(options, request);
    EXPECT_EQ(sent.start, "POST /v1/messages");
    return sent.body;
  };
  EXPECT_EQ(body(EndpointKind::responses, R"({"model":"m","input":"Hi","max_output_tokens":9})"),
            R"({"max_tokens":9,)" + hi + "}");
  const Bytes generate = R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],)"
                         R"("generationConfig":{"maxOutputTokens":9}})";
  const Bytes converse = R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}],)"
                         R"("inferenceConfig":{"maxTokens":9}})";
  for (const bool streams : {false, true}) {
    options.streams = streams;
    const std::string expected =
        R"({"max_tokens":9,)" + hi + (streams ? R"(,"stream":true})" : "}");
    EXPECT_EQ(body(EndpointKind::generate_content, generate), expected);
    EXPECT_EQ(body(EndpointKind::converse, converse), expected);
  }
}

TEST(Translate, AnAnswerToEachClient) {
  TranslateOptions options;
  options.to = SchemaName::openai_chat;
  const auto answer = [&](EndpointKind from) {
    options.from = from;
    options.direction = Direction::response;
    const Translated whole = done(options, R"({"id":"c","model":"m","choices":[{"index":0,)"
                                           R"("message":{"role":"assistant","content":"Hello"},)"
                                           R"("finish_reason":"stop"}]})");
    options.direction = Direction::stream;
    const Translated stream =
        done(options, "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":"
                      "{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    EXPECT_THAT(whole.body, HasSubstr("Hello"));
    EXPECT_THAT(stream.body, HasSubstr("Hello"));
    return whole.body + stream.headers + stream.body;
  };
  EXPECT_THAT(answer(EndpointKind::responses), HasSubstr("event: response.completed"));
  EXPECT_THAT(answer(EndpointKind::generate_content), HasSubstr(R"("finishReason":"STOP")"));
  EXPECT_THAT(answer(EndpointKind::converse),
              HasSubstr("content-type: application/vnd.amazon.eventstream"));
}

TEST(Translate, TheVersionOfAnthropicsApi) {
  TranslateOptions options;
  options.to = SchemaName::anthropic;
  const Bytes request =
      R"({"model":"m","max_tokens":9,"temperature":1,"messages":[{"role":"user","content":"Hi"}]})";
  for (EndpointKind from : {EndpointKind::chat_completions, EndpointKind::messages}) {
    options.from = from;
    options.anthropic_version.clear();
    const Translated earlier = done(options, request);
    EXPECT_THAT(earlier.headers, HasSubstr("anthropic-version: 2023-06-01\n"));
    EXPECT_THAT(earlier.body, HasSubstr("temperature"));
    options.anthropic_version = "2026-10-21";
    EXPECT_THAT(done(options, request).headers, HasSubstr("anthropic-version: 2026-10-21\n"));
  }
  options.anthropic_version.clear();
  options.backend_version = "2026-10-21";
  const Translated later = done(options, request);
  EXPECT_THAT(later.body, Not(HasSubstr("temperature")));
  EXPECT_EQ(later.dropped, "temperature");
}

TEST(Translate, AnAnswerBack) {
  TranslateOptions options;
  options.from = EndpointKind::messages;
  options.to = SchemaName::aws_bedrock;
  options.direction = Direction::response;
  const Translated whole =
      done(options, R"({"output":{"message":{"role":"assistant","content":[{"text":"Hello"}]}},)"
                    R"("stopReason":"end_turn",)"
                    R"("usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}})");
  EXPECT_EQ(whole.start, "200");
  EXPECT_THAT(whole.body, HasSubstr(R"({"type":"text","text":"Hello"})"));
  EXPECT_THAT(whole.body, HasSubstr(R"("stop_reason":"end_turn")"));

  options.direction = Direction::error;
  options.status = 429;
  const Translated error = done(options, R"({"message":"Slow down"})");
  EXPECT_EQ(error.start, "429");
  EXPECT_THAT(error.body, HasSubstr("rate_limit_error"));
  EXPECT_THAT(error.body, HasSubstr("Slow down"));
}

TEST(Translate, AStreamBack) {
  std::string frames;
  const auto say = [&](Bytes type, Bytes payload) {
    const wire::EventHeader headers[] = {{.name = ":event-type", .bytes = type},
                                         {.name = ":message-type", .bytes = "event"}};
    wire::append_event(frames, headers, payload);
  };
  say("messageStart", R"({"role":"assistant"})");
  say("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hello"}})");
  say("contentBlockStop", R"({"contentBlockIndex":0})");
  say("messageStop", R"({"stopReason":"end_turn"})");
  TranslateOptions options;
  options.to = SchemaName::aws_bedrock;
  options.direction = Direction::stream;
  const Translated stream = done(options, frames);
  EXPECT_THAT(stream.headers, HasSubstr("content-type: text/event-stream\n"));
  EXPECT_THAT(stream.body, HasSubstr(R"("content":"Hello")"));
  EXPECT_TRUE(stream.body.ends_with("data: [DONE]\n\n")) << stream.body;
}

TEST(Translate, WhatTheGatewayRefuses) {
  TranslateOptions options;
  options.to = SchemaName::aws_bedrock;
  const Translated no_json = done(options, "nonsense");
  EXPECT_TRUE(no_json.refused);
  EXPECT_EQ(no_json.start, "400");
  const Translated impossible =
      done(options, R"({"model":"m","n":2,"messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_TRUE(impossible.refused);
  EXPECT_EQ(impossible.start, "422");
  options.to = SchemaName::cohere;
  EXPECT_FALSE(translate(options, chat_request));
}

}  // namespace
}  // namespace aigw::cli
