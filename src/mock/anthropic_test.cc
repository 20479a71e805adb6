#include "mock/anthropic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock/chat_answer.h"
#include "mock/sample.h"

namespace aigw::mock {
namespace {

using testing::HasSubstr;

const Stamp stamp{1'700'000'000, "1"};

Reply post(const std::string& body, std::string_view version = "2023-06-01",
           const Options& options = {}, std::string_view key = {}) {
  return answer({.method = "POST",
                 .target = "/v1/messages",
                 .authorization = {},
                 .body = body,
                 .api_key = key,
                 .anthropic_version = version},
                options, stamp);
}

Json chat(std::string_view prompt) {
  return {{"model", "m"},
          {"max_tokens", 100},
          {"messages", Json::array({{{"role", "user"}, {"content", prompt}}})}};
}

Json with_weather_tool(Json request) {
  request["tools"] = Json::parse(R"([{"name":"get_weather","input_schema":{"type":"object",)"
                                 R"("properties":{"city":{"type":"string"}}}}])");
  return request;
}

Json body_of(const Reply& reply) { return Json::parse(reply.body); }

// The data of every event, whose name must be its type.
std::vector<Json> events(const Reply& reply) {
  std::vector<Json> list;
  for (const std::string& event : reply.events) {
    const size_t data = event.find("\ndata: ");
    list.push_back(Json::parse(event.substr(data + 7)));
    EXPECT_EQ(event.substr(0, data), "event: " + list.back()["type"].get<std::string>());
    EXPECT_TRUE(event.ends_with("}\n\n"));
  }
  return list;
}

// The message that a client puts together from a stream. Fails where the grammar is broken.
Json folded(const std::vector<Json>& list) {
  Json message = list.front()["message"];
  std::string arguments;
  for (const Json& event : list) {
    const std::string type = event["type"];
    Json& content = message["content"];
    if (type.starts_with("content_block_")) {
      EXPECT_EQ(event["index"], content.size() - (type == "content_block_start" ? 0 : 1));
    }
    if (type == "content_block_start") content.push_back(event["content_block"]);
    if (type == "content_block_delta") {
      for (const auto& [name, value] : event["delta"].items()) {
        if (name == "type") continue;
        if (name == "partial_json") {
          arguments += value.get<std::string>();
        } else {
          content.back()[name].get_ref<std::string&>() += value.get<std::string>();
        }
      }
    }
    if (type == "content_block_stop" && !arguments.empty()) {
      content.back()["input"] = Json::parse(std::exchange(arguments, ""));
    }
    if (type == "message_delta") {
      message.update(event["delta"]);
      message["usage"] = event["usage"];
    }
  }
  EXPECT_EQ(list.back()["type"], "message_stop");
  return message;
}

TEST(AnthropicMock, EchoesWithExactUsage) {
  const Reply reply = post(chat("Hi there!").dump());
  EXPECT_EQ(reply.status, 200u);
  EXPECT_EQ(reply.headers.back(), (std::pair<std::string, std::string>{"request-id", "req_1"}));
  EXPECT_EQ(reply.body,
            R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[)"
            R"({"type":"text","text":"Hello from the embedded provider. You said: Hi there!"}],)"
            R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,)"
            R"("cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":12,)"
            R"("service_tier":"standard"}})");
}

TEST(AnthropicMock, AStreamAddsUpToTheUnaryAnswer) {
  for (Json request :
       {chat("Hi there!"), with_weather_tool(chat("Paris and Tokyo, in parallel"))}) {
    for (bool thinks : {false, true}) {
      if (thinks) request["thinking"] = {{"type", "enabled"}, {"budget_tokens", 10}};
      request["stream"] = false;
      const Json unary = body_of(post(request.dump()));
      EXPECT_EQ(unary["content"][0]["type"] == "thinking", thinks);
      request["stream"] = true;
      EXPECT_EQ(folded(events(post(request.dump()))).dump(), unary.dump());
    }
  }
}

TEST(AnthropicMock, CallsToolsAndTakesTheirResults) {
  Json request = with_weather_tool(chat("Weather in Paris?"));
  const Json call = body_of(post(request.dump()));
  EXPECT_EQ(call["stop_reason"], "tool_use");
  EXPECT_EQ(call["content"].dump(), R"([{"type":"tool_use","id":"toolu_1_0_0",)"
                                    R"("name":"get_weather","input":{"city":"Paris"}}])");
  request["messages"].push_back({{"role", "assistant"}, {"content", call["content"]}});
  request["messages"].push_back(
      Json::parse(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1_0_0",)"
                  R"("content":[{"type":"text","text":"sunny"}]}]})"));
  const Json answered = body_of(post(request.dump()));
  EXPECT_EQ(answered["content"][0]["text"], "The tools answered: sunny");
  // Weather in Paris ? / get_weather { " city " : " Paris " } / sunny
  EXPECT_EQ(answered["usage"]["input_tokens"], 4 + 1 + 9 + 1);
  request["messages"][2]["content"][0]["tool_use_id"] = "another";
  EXPECT_THAT(post(request.dump()).body, HasSubstr("unexpected `tool_use_id`"));
}

TEST(AnthropicMock, ThoughtsComeBackSigned) {
  Json request = chat("Hi");
  const Json thought = {{"type", "thinking"}, {"thinking", "Hm."}, {"signature", "x"}};
  const Json text = {{"type", "text"}, {"text", "Hello"}};
  request["messages"].push_back({{"role", "assistant"}, {"content", Json::array({thought, text})}});
  request["messages"].push_back({{"role", "user"}, {"content", "Again"}});
  EXPECT_THAT(post(request.dump()).body, HasSubstr("messages.1.content.0: Invalid `signature`"));
  request["messages"][1]["content"][0]["signature"] = signature_of("Hm.");
  EXPECT_EQ(post(request.dump()).status, 200u);
}

TEST(AnthropicMock, CountsWhatACacheGaveApart) {
  Json request = chat("three more words");
  request["system"] =
      Json::parse(R"([{"type":"text","text":"one two","cache_control":{"type":"ephemeral"}}])");
  const Json usage = body_of(post(request.dump()))["usage"];
  EXPECT_EQ(usage["input_tokens"], 3);
  EXPECT_EQ(usage["cache_read_input_tokens"], 2);
}

TEST(AnthropicMock, StopsAndLimits) {
  Json request = chat("write 5 words");
  request["max_tokens"] = 2;
  EXPECT_EQ(body_of(post(request.dump()))["stop_reason"], "max_tokens");
  request["max_tokens"] = 5;
  EXPECT_EQ(body_of(post(request.dump()))["stop_reason"], "end_turn");
  request["stop_sequences"] = {"word3"};
  const Json body = body_of(post(request.dump()));
  EXPECT_EQ(body["stop_reason"], "stop_sequence");
  EXPECT_EQ(body["stop_sequence"], "word3");
  EXPECT_EQ(body["content"][0]["text"], "word1 word2 ");
}

TEST(AnthropicMock, ErrorsOnRequest) {
  const Reply limited = post(chat("error 429").dump());
  EXPECT_EQ(limited.status, 429u);
  EXPECT_EQ(limited.body, R"({"type":"error","error":{"type":"rate_limit_error",)"
                          R"("message":"The embedded provider was asked for an error 429."},)"
                          R"("request_id":"req_1"})");
  EXPECT_EQ(body_of(post(chat("error 529").dump()))["error"]["type"], "overloaded_error");
  Json request = chat("break the stream");
  request["stream"] = true;
  const std::vector<Json> list = events(post(request.dump()));
  EXPECT_EQ(list.front()["type"], "message_start");
  EXPECT_EQ(list.back()["type"], "error");
}

TEST(AnthropicMock, RefusesWhatTheProviderRefuses) {
  const auto refusal = [](Json change, std::string_view version = "2023-06-01") {
    Json request = chat("Hi");
    request.merge_patch(change);
    const Reply reply = post(request.dump(), version);
    EXPECT_EQ(reply.status, 400u) << change;
    EXPECT_EQ(body_of(reply)["error"]["type"], "invalid_request_error");
    return std::string(body_of(reply)["error"]["message"]);
  };
  EXPECT_THAT(refusal({{"model", nullptr}}), HasSubstr("model"));
  EXPECT_THAT(refusal({{"max_tokens", nullptr}}), HasSubstr("max_tokens"));
  EXPECT_THAT(refusal({{"max_tokens", 0}}), HasSubstr("max_tokens"));
  EXPECT_THAT(refusal({{"messages", nullptr}}), HasSubstr("messages"));
  EXPECT_THAT(refusal({{"messages", Json::array()}}), HasSubstr("messages"));
  EXPECT_THAT(refusal({{"stream", 1}}), HasSubstr("stream"));
  EXPECT_THAT(refusal({{"tools", "x"}}), HasSubstr("tools"));
  EXPECT_THAT(refusal({{"tool_choice", "auto"}}), HasSubstr("tool_choice.type"));
  EXPECT_THAT(refusal({{"stop_sequences", Json::array({1})}}), HasSubstr("stop_sequences"));
  EXPECT_THAT(refusal({{"temperature", 1}}, "2026-10-21"), HasSubstr("temperature"));
  EXPECT_THAT(refusal(Json::object(), ""), HasSubstr("anthropic-version"));
  Json sampling = chat("Hi");
  sampling["temperature"] = 1;
  EXPECT_EQ(post(sampling.dump()).status, 200u);
}

TEST(AnthropicMock, KnowsItsKeyAndListsModels) {
  Options options;
  options.required_key = "sk-1";
  options.models = {"a"};
  EXPECT_EQ(post(chat("x").dump(), "2023-06-01", options).status, 401u);
  EXPECT_EQ(post(chat("x").dump(), "2023-06-01", options, "sk-1").status, 200u);
  const Reply models = answer({.method = "GET",
                               .target = "/v1/models",
                               .authorization = "Bearer sk-1",
                               .body = {},
                               .anthropic_version = "2026-10-21"},
                              options, stamp);
  EXPECT_EQ(body_of(models)["data"][0]["display_name"], "a");
}

}  // namespace
}  // namespace aigw::mock
