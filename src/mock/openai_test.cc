#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock/provider.h"
#include "mock/sample.h"

namespace aigw::mock {
namespace {

using testing::HasSubstr;

const Stamp stamp{1'700'000'000, "1"};

Reply post(std::string_view body, const Options& options = {},
           std::string_view authorization = {}) {
  return answer({"POST", "/v1/chat/completions", authorization, body}, options, stamp);
}

Json chat(std::string_view prompt) {
  return {{"model", "m"}, {"messages", Json::array({{{"role", "user"}, {"content", prompt}}})}};
}

Json body_of(const Reply& reply) { return Json::parse(reply.body); }

std::string header(const Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return {};
}

// The JSON of every event but the last, which must be [DONE].
std::vector<Json> chunks(const Reply& reply) {
  std::vector<Json> list;
  EXPECT_EQ(reply.events.back(), "data: [DONE]\n\n");
  for (size_t i = 0; i + 1 < reply.events.size(); ++i) {
    EXPECT_TRUE(reply.events[i].starts_with("data: ") && reply.events[i].ends_with("}\n\n"));
    list.push_back(Json::parse(reply.events[i].substr(6)));
  }
  return list;
}

Json weather_tool() {
  return Json::parse(R"({"type":"function","function":{"name":"get_weather","parameters":
      {"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}})");
}

TEST(OpenAiMock, EchoesWithExactUsage) {
  const Reply reply = post(chat("Hi there!").dump());
  EXPECT_EQ(reply.status, 200u);
  EXPECT_EQ(header(reply, "x-request-id"), "req_1");
  EXPECT_EQ(reply.body,
            R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m",)"
            R"("choices":[{"index":0,)"
            R"("message":{"role":"assistant",)"
            R"("content":"Hello from the embedded provider. You said: Hi there!","refusal":null},)"
            R"("logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,)"
            R"("completion_tokens":12,"total_tokens":15,)"
            R"("prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},)"
            R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}},)"
            R"("system_fingerprint":"fp_embedded"})");
}

TEST(OpenAiMock, StreamsTheSameTextAndTheUsageOnlyOnRequest) {
  Json request = chat("Hi there!");
  request["stream"] = true;
  for (bool usage : {false, true}) {
    if (usage) request["stream_options"] = {{"include_usage", true}};
    const Reply reply = post(request.dump());
    EXPECT_THAT(reply.content_type, HasSubstr("text/event-stream"));
    std::vector<Json> list = chunks(reply);
    if (usage) {
      EXPECT_EQ(list.back()["choices"], Json::array());
      EXPECT_EQ(list.back()["usage"]["total_tokens"], 15);
      list.pop_back();
    }
    ASSERT_EQ(list.size(), 14u);  // the role, 12 tokens, the finish
    EXPECT_EQ(list.front()["choices"][0]["delta"]["role"], "assistant");
    EXPECT_EQ(list.back()["choices"][0]["finish_reason"], "stop");
    std::string text;
    for (const Json& chunk : list) {
      EXPECT_EQ(chunk["id"], "chatcmpl-1");
      EXPECT_EQ(chunk.contains("usage"), usage);
      text += chunk["choices"][0]["delta"].value("content", "");
    }
    EXPECT_EQ(text, "Hello from the embedded provider. You said: Hi there!");
  }
}

TEST(OpenAiMock, LimitsAndChoices) {
  Json request = chat("write 5 words");
  request["max_tokens"] = 2;
  request["n"] = 3;
  const Json body = body_of(post(request.dump()));
  ASSERT_EQ(body["choices"].size(), 3u);
  EXPECT_EQ(body["choices"][2]["index"], 2);
  EXPECT_EQ(body["choices"][2]["message"]["content"], "word1 word2");
  EXPECT_EQ(body["choices"][2]["finish_reason"], "length");
  EXPECT_EQ(body["usage"]["completion_tokens"], 6);
  request["max_tokens"] = 5;
  EXPECT_EQ(body_of(post(request.dump()))["choices"][0]["finish_reason"], "stop");
  request["stop"] = "word3";
  EXPECT_EQ(body_of(post(request.dump()))["choices"][0]["message"]["content"], "word1 word2 ");
}

TEST(OpenAiMock, CallsToolsAsAsked) {
  Json request = chat("What is the weather in Paris and Tokyo?");
  request["tools"] = Json::array({weather_tool()});
  Json choice = body_of(post(request.dump()))["choices"][0];
  EXPECT_EQ(choice["finish_reason"], "tool_calls");
  EXPECT_TRUE(choice["message"]["content"].is_null());
  EXPECT_EQ(choice["message"]["tool_calls"].dump(),
            R"([{"id":"call_1_0_0","type":"function","function":{"name":"get_weather",)"
            R"("arguments":"{\"city\":\"Paris\"}"}}])");

  request["tool_choice"] = "none";
  EXPECT_FALSE(body_of(post(request.dump()))["choices"][0]["message"].contains("tool_calls"));
  request["tool_choice"] = {{"type", "function"}, {"function", {{"name", "get_weather"}}}};
  choice = body_of(post(request.dump()))["choices"][0];
  EXPECT_EQ(choice["finish_reason"], "stop");
  EXPECT_EQ(choice["message"]["tool_calls"].size(), 1u);
  request["tool_choice"]["function"]["name"] = "other";
  EXPECT_EQ(post(request.dump()).status, 400u);
}

TEST(OpenAiMock, ParallelToolCallsInAStreamAddUpToTheUnaryOnes) {
  Json request = chat("Weather in Paris and Tokyo, in parallel");
  request["tools"] = Json::array({weather_tool()});
  const Json unary = body_of(post(request.dump()))["choices"][0]["message"]["tool_calls"];
  ASSERT_EQ(unary.size(), 2u);
  request["stream"] = true;
  Json folded = Json::array();
  for (const Json& chunk : chunks(post(request.dump()))) {
    const Json& delta = chunk["choices"][0]["delta"];
    if (!delta.contains("tool_calls")) continue;
    for (Json call : delta["tool_calls"]) {
      const size_t index = call["index"];
      call.erase("index");
      if (index == folded.size()) {
        folded.push_back(call);
      } else {
        std::string& arguments = folded[index]["function"]["arguments"].get_ref<std::string&>();
        arguments += call["function"]["arguments"].get<std::string>();
      }
    }
  }
  EXPECT_EQ(folded.dump(), unary.dump());
  request["parallel_tool_calls"] = false;
  request["stream"] = false;
  EXPECT_EQ(body_of(post(request.dump()))["choices"][0]["message"]["tool_calls"].size(), 1u);
}

TEST(OpenAiMock, AnswersInTextAfterAToolMessage) {
  Json request = chat("Weather?");
  request["tools"] = Json::array({weather_tool()});
  request["messages"].push_back(
      Json::parse(R"({"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",)"
                  R"("function":{"name":"get_weather","arguments":"{}"}}]})"));
  request["messages"].push_back(
      Json::parse(R"({"role":"tool","tool_call_id":"c","content":"sunny"})"));
  const Json body = body_of(post(request.dump()));
  EXPECT_EQ(body["choices"][0]["message"]["content"], "The tools answered: sunny");
  EXPECT_EQ(body["usage"]["prompt_tokens"], 2 + 3 + 1);
}

TEST(OpenAiMock, StructuredAnswers) {
  Json request = chat("Who is Ada?");
  request["response_format"] =
      Json::parse(R"({"type":"json_schema","json_schema":{"name":"p","schema":{"type":"object",)"
                  R"("properties":{"name":{"type":"string"}}}}})");
  EXPECT_EQ(body_of(post(request.dump()))["choices"][0]["message"]["content"], R"({"name":"Ada"})");
}

TEST(OpenAiMock, ErrorsOnRequest) {
  const Reply limited = post(chat("Please give me an error 429.").dump());
  EXPECT_EQ(limited.status, 429u);
  EXPECT_EQ(header(limited, "retry-after"), "1");
  EXPECT_EQ(limited.body,
            R"({"error":{"message":"The embedded provider was asked for an error 429.",)"
            R"("type":"rate_limit_error",)"
            R"("param":null,"code":"rate_limit_exceeded"}})");
  EXPECT_EQ(post(chat("ERROR 503").dump()).status, 503u);
  EXPECT_EQ(post(chat("error 200").dump()).status, 200u);
  EXPECT_EQ(post(chat("terror 500, error 5000").dump()).status, 200u);
}

TEST(OpenAiMock, ABrokenStreamEndsWithAnErrorEvent) {
  Json request = chat("break the stream");
  request["stream"] = true;
  const Reply reply = post(request.dump());
  EXPECT_THAT(reply.events.front(), HasSubstr("chat.completion.chunk"));
  EXPECT_THAT(reply.events.back(), HasSubstr(R"({"error":{"message":)"));
}

TEST(OpenAiMock, RefusesWhatAProviderRefuses) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "not valid JSON"},
      {"{\"model\":\"m\"", "not valid JSON"},
      {"{\"model\":\"\xff\"}", "not valid JSON"},
      {"[]", "must be a JSON object"},
      {"{}", "model parameter"},
      {R"({"model":"m"})", "'messages'"},
      {R"({"model":"m","messages":[]})", "'messages'"},
      {R"({"model":"m","messages":["x"]})", "messages[0]"},
      {R"({"model":"m","messages":[{"role":"king","content":""}]})", "messages[0].role"},
      {R"({"model":"m","messages":[{"role":"user","content":3}]})", "messages[0].content"},
      {R"({"model":"m","messages":[{"role":"user"}],"stream":1})", "'stream'"},
      {R"({"model":"m","messages":[{"role":"user"}],"stream_options":{}})", "'stream_options'"},
      {R"({"model":"m","messages":[{"role":"user"}],"max_tokens":0})", "'max_tokens'"},
      {R"({"model":"m","messages":[{"role":"user"}],"n":129})", "'n'"},
      {R"({"model":"m","messages":[{"role":"user"}],"tools":[{}]})", "tools[0]"},
      {R"({"model":"m","messages":[{"role":"user"}],"tool_choice":"required"})", "'tool_choice'"},
  };
  for (const auto& [body, message] : cases) {
    const Reply reply = post(body);
    EXPECT_EQ(reply.status, 400u) << body;
    EXPECT_THAT(std::string(body_of(reply)["error"]["message"]), HasSubstr(message)) << body;
    EXPECT_EQ(body_of(reply)["error"]["type"], "invalid_request_error");
  }
}

TEST(OpenAiMock, ModelsAndUnknownEndpoints) {
  Options options;
  options.models = {"a/b"};
  const auto get = [&](std::string_view method, std::string_view target) {
    return answer({method, target, {}, {}}, options, stamp);
  };
  EXPECT_EQ(get("GET", "/v1/models?x=1").body,
            R"({"object":"list","data":[{"id":"a/b","object":"model","created":1735689600,)"
            R"("owned_by":"aigw"}]})");
  EXPECT_EQ(body_of(get("GET", "/v1/models/a/b"))["id"], "a/b");
  EXPECT_EQ(get("GET", "/v1/models/c").status, 404u);
  EXPECT_EQ(get("POST", "/v1/models").status, 405u);
  EXPECT_EQ(header(get("GET", "/v1/chat/completions"), "allow"), "POST");
  const Reply unknown = get("GET", "/\xff");
  EXPECT_EQ(unknown.status, 404u);
  EXPECT_TRUE(Json::accept(unknown.body));
}

TEST(OpenAiMock, KnowsItsKey) {
  Options options;
  options.required_key = "sk-1";
  EXPECT_EQ(post(chat("x").dump(), options, "Bearer sk-1").status, 200u);
  EXPECT_EQ(post(chat("x").dump(), options, "Bearer sk-12").status, 401u);
  EXPECT_EQ(post(chat("x").dump(), options).status, 401u);
}

}  // namespace
}  // namespace aigw::mock
