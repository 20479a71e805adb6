#include "mock/converse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock/chat_answer.h"
#include "mock/sample.h"
#include "wire/eventstream.h"

namespace aigw::mock {
namespace {

using testing::HasSubstr;

const Stamp stamp{1'700'000'000, "1"};

Reply post(const Json& body, const char* action = "converse", const Options& options = {},
           std::string_view authorization = {}) {
  const std::string target = std::string("/model/anthropic.m%3A0/") + action;
  return answer({"POST", target, authorization, body.dump()}, options, stamp);
}

Json chat(std::string_view prompt) {
  const Json text = {{"text", prompt}};
  return {{"messages", Json::array({{{"role", "user"}, {"content", Json::array({text})}}})}};
}

Json with_weather_tool(Json request) {
  request["toolConfig"] = Json::parse(
      R"({"tools":[{"toolSpec":{"name":"get_weather","inputSchema":{"json":{"type":"object",)"
      R"("properties":{"city":{"type":"string"}}}}}}]})");
  return request;
}

Json body_of(const Reply& reply) { return Json::parse(reply.body); }

struct Frame {
  std::string kind, type;
  Json payload;
};

// Every frame, whose checksums must be right.
class Frames final : public wire::EventStreamSink {
 public:
  explicit Frames(const Reply& reply) {
    EXPECT_EQ(reply.content_type, "application/vnd.amazon.eventstream");
    wire::EventStreamDecoder decoder;
    for (const std::string& event : reply.events) EXPECT_TRUE(decoder.feed(event, *this));
    EXPECT_TRUE(decoder.finish());
    EXPECT_EQ(list.size(), reply.events.size());
  }
  void on_message(const wire::EventMessage& message) override {
    EXPECT_EQ(message.content_type, "application/json");
    list.push_back(
        {std::string(message.message_type),
         std::string(message.message_type == "event" ? message.event_type : message.exception_type),
         Json::parse(message.payload)});
  }
  std::vector<Frame> list;
};

TEST(ConverseMock, EchoesWithExactUsage) {
  const Reply reply = post(chat("Hi there!"));
  EXPECT_EQ(reply.status, 200u);
  EXPECT_EQ(reply.headers.back(),
            (std::pair<std::string, std::string>{"x-amzn-requestid", "req_1"}));
  EXPECT_EQ(reply.body, R"({"metrics":{"latencyMs":1},"output":{"message":{"content":[)"
                        R"({"text":"Hello from the embedded provider. You said: Hi there!"}],)"
                        R"("role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":3,)"
                        R"("outputTokens":12,"totalTokens":15,"cacheReadInputTokens":0,)"
                        R"("cacheWriteInputTokens":0}})");
}

TEST(ConverseMock, AStreamAddsUpToTheUnaryAnswer) {
  Json request = with_weather_tool(chat("Paris and Tokyo, in parallel"));
  request["additionalModelRequestFields"] = {{"thinking", {{"type", "enabled"}}}};
  const Json unary = body_of(post(request));
  ASSERT_EQ(unary["output"]["message"]["content"].size(), 3u);
  Json content = Json::array();
  std::vector<Frame> frames = Frames(post(request, "converse-stream")).list;
  EXPECT_EQ(frames.front().type, "messageStart");
  for (const Frame& frame : frames) {
    EXPECT_EQ(frame.kind, "event");
    if (frame.type == "contentBlockStart") {
      content.push_back(frame.payload["start"]);
      content.back()["toolUse"]["input"] = "";
    }
    if (frame.type == "contentBlockDelta") {
      const Json& delta = frame.payload["delta"];
      if (delta.contains("toolUse")) {
        content.back()["toolUse"]["input"].get_ref<std::string&>() +=
            delta["toolUse"]["input"].get<std::string>();
      } else {
        if (content.empty()) {
          content.push_back(
              Json::parse(R"({"reasoningContent":{"reasoningText":{"text":"","signature":""}}})"));
        }
        for (const auto& [name, value] : delta["reasoningContent"].items()) {
          content[0]["reasoningContent"]["reasoningText"][name].get_ref<std::string&>() +=
              value.get<std::string>();
        }
      }
      EXPECT_EQ(frame.payload["contentBlockIndex"], content.size() - 1);
    }
  }
  for (Json& block : content) {
    if (!block.contains("toolUse")) continue;
    Json& input = block["toolUse"]["input"];
    input = Json::parse(input.get<std::string>());
  }
  EXPECT_EQ(content.dump(), unary["output"]["message"]["content"].dump());
  EXPECT_EQ(frames[frames.size() - 2].payload["stopReason"], "tool_use");
  EXPECT_EQ(frames.back().payload["usage"].dump(), unary["usage"].dump());
}

TEST(ConverseMock, TakesTheResultsOfTools) {
  Json request = with_weather_tool(chat("Weather in Paris?"));
  const Json called = body_of(post(request))["output"]["message"];
  EXPECT_EQ(called["content"].dump(), R"([{"toolUse":{"toolUseId":"tooluse_1_0_0",)"
                                      R"("name":"get_weather","input":{"city":"Paris"}}}])");
  request["messages"].push_back(called);
  request["messages"].push_back(
      Json::parse(R"({"role":"user","content":[{"toolResult":{"toolUseId":"tooluse_1_0_0",)"
                  R"("content":[{"text":"sunny"}]}}]})"));
  const Json answered = body_of(post(request));
  EXPECT_EQ(answered["output"]["message"]["content"][0]["text"], "The tools answered: sunny");
  EXPECT_EQ(answered["usage"]["inputTokens"], 4 + 1 + 9 + 1);
  Json without = request;
  without.erase("toolConfig");
  EXPECT_THAT(post(without).body, HasSubstr("toolConfig field must be defined"));
  request["messages"][2]["content"][0]["toolResult"]["toolUseId"] = "another";
  EXPECT_THAT(post(request).body, HasSubstr("no corresponding toolUse"));
}

TEST(ConverseMock, ErrorsOnRequest) {
  const Reply limited = post(chat("error 429"));
  EXPECT_EQ(limited.status, 429u);
  EXPECT_EQ(limited.headers.front(),
            (std::pair<std::string, std::string>{"x-amzn-errortype", "ThrottlingException"}));
  EXPECT_EQ(limited.body, R"({"message":"The embedded provider was asked for an error 429."})");
  const std::vector<Frame> frames = Frames(post(chat("break the stream"), "converse-stream")).list;
  EXPECT_EQ(frames.front().type, "messageStart");
  EXPECT_EQ(frames.back().kind, "exception");
  EXPECT_EQ(frames.back().type, "modelStreamErrorException");
}

TEST(ConverseMock, RefusesWhatTheProviderRefuses) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("x")", "not valid JSON"},
      {R"({"messages":[]})", "at least one message"},
      {R"({"messages":[{"role":"system","content":[{"text":"x"}]}]})", "enum value set"},
      {R"({"messages":[{"role":"assistant","content":[{"text":"x"}]}]})", "start with a user"},
      {R"({"messages":[{"role":"user","content":[{"text":"x"}]},)"
       R"({"role":"user","content":[{"text":"x"}]}]})",
       "alternate"},
      {R"({"messages":[{"role":"user","content":[]}]})", "is empty"},
      {R"({"messages":[{"role":"user","content":[{"text":" "}]}]})", "is blank"},
      {R"({"messages":[{"role":"user","content":[{}]}]})", "Exactly one member"},
      {R"({"messages":[{"role":"user","content":"x"}]})", "Exactly one member"},
      {R"({"messages":3})", "enum value set"},
      {R"({"inferenceConfig":{"maxTokens":0}})", "inferenceConfig.maxTokens"},
      {R"({"inferenceConfig":3})", "wrong type"},
      {R"({"toolConfig":{}})", "toolConfig.tools"},
      {R"({"toolConfig":{"tools":[{"toolSpec":{"name":"x"}}]}})", "inputSchema"},
  };
  for (const auto& [body, message] : cases) {
    const Reply reply = post(Json::parse(body));
    EXPECT_EQ(reply.status, 400u) << body;
    EXPECT_THAT(reply.body, HasSubstr(message)) << body;
  }
}

TEST(ConverseMock, CountsWhatACacheGaveApart) {
  Json request = chat("three more words");
  request["system"] = Json::parse(R"([{"text":"one two"},{"cachePoint":{"type":"default"}}])");
  const Json usage = body_of(post(request))["usage"];
  EXPECT_EQ(usage["inputTokens"], 3);
  EXPECT_EQ(usage["cacheReadInputTokens"], 2);
}

TEST(ConverseMock, KnowsItsKeyAndItsPaths) {
  Options options;
  options.required_key = "AKIA1";
  EXPECT_EQ(post(chat("x"), "converse", options, "Bearer AKIA2").status, 403u);
  EXPECT_EQ(
      post(chat("x"), "converse", options, "AWS4-HMAC-SHA256 Credential=AKIA1/20260101/x").status,
      200u);
  EXPECT_EQ(post(chat("x"), "invoke").status, 404u);
  EXPECT_EQ(converse::read_path("/model/a%3Ab/converse").model, "a:b");
  EXPECT_TRUE(converse::read_path("/model/a/converse-stream").stream);
  EXPECT_EQ(converse::read_path("/model/a").model, "");
}

}  // namespace
}  // namespace aigw::mock
