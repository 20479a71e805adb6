#include "mock/responses.h"

#include <gtest/gtest.h>

#include "mock/chat_answer.h"
#include "mock/chat_request.h"

namespace aigw::mock {
namespace {

const Stamp kStamp{7, "s"};

Reply post(const Json& body, std::string_view target = "/v1/responses") {
  const std::string text = body.dump();
  return answer({.method = "POST", .target = target, .authorization = "", .body = text}, {}, kStamp);
}

// A request with further members, and with what a plain one has where these do not say it.
Json asked(const char* rest) {
  Json body = Json::parse(R"({"model":"m","input":"write 2 words"})");
  body.update(Json::parse(rest));
  return body;
}

Json answered(const char* rest, std::string_view target = "/v1/responses") {
  return Json::parse(post(asked(rest), target).body);
}

TEST(MockResponses, AnswersWithText) {
  const Json response = answered(R"({"temperature":0.5})");
  EXPECT_EQ(response["id"], "resp_s");
  EXPECT_EQ(response["status"], "completed");
  EXPECT_EQ(response["output"][0]["content"][0]["text"], "word1 word2");
  EXPECT_EQ(response["temperature"], 0.5);
  EXPECT_EQ(response["usage"]["input_tokens"], 3);
  EXPECT_EQ(response["usage"]["output_tokens"], 2);
  EXPECT_EQ(answered("{}", "/openai/responses?api-version=1")["id"], "resp_s");
  EXPECT_EQ(post(asked("{}"), "/openai/responses").status, 404u);
}

TEST(MockResponses, StreamsWhatItAnswersWhole) {
  const char* rest = R"({"tools":[{"type":"function","name":"f","parameters":null}],
      "reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"]})";
  const Json whole = answered(rest);
  ASSERT_EQ(whole["output"].size(), 2u);
  EXPECT_EQ(whole["output"][0]["encrypted_content"], responses::encrypted_for("rs_s_0"));
  EXPECT_EQ(whole["output"][1]["type"], "function_call");
  Json streamed = asked(rest);
  streamed["stream"] = true;
  const Reply reply = post(streamed);
  size_t number = 0;
  Json last;
  for (const std::string& event : reply.events) {
    last = Json::parse(event.substr(event.find("\ndata: ") + 7));
    EXPECT_EQ(event.substr(0, event.find('\n')), "event: " + string_member(last, "type"));
    EXPECT_EQ(last["sequence_number"], number++);
  }
  EXPECT_EQ(last["response"], whole);
}

TEST(MockResponses, ChecksTheReasoningThatComesBack) {
  const auto status = [](const char* id, const std::string& encrypted) {
    Json body = asked(R"({"input":[{"type":"reasoning","summary":[]},
                                   {"role":"user","content":"Hi"}]})");
    body["input"][0]["id"] = id;
    if (!encrypted.empty()) body["input"][0]["encrypted_content"] = encrypted;
    return post(body).status;
  };
  EXPECT_EQ(status("rs_1", responses::encrypted_for("rs_1")), 200u);
  EXPECT_EQ(status("rs_2", responses::encrypted_for("rs_1")), 400u);
  EXPECT_EQ(status("rs_1", ""), 404u);
}

TEST(MockResponses, RefusesWhatTheProviderRefuses) {
  for (const char* rest :
       {R"({"previous_response_id":"resp_0"})", R"({"stop":["x"]})", R"({"max_output_tokens":15})",
        R"({"input":1})", R"({"input":[{"role":"tool","content":"x"}]})", R"({"reasoning":1})",
        R"({"input":[{"type":"function_call_output","call_id":"c","output":"x"}]})"}) {
    EXPECT_EQ(post(asked(rest)).status, 400u) << rest;
  }
  EXPECT_EQ(post(asked(R"({"input":"error 429"})")).status, 429u);
}

TEST(MockResponses, CutsAndBreaks) {
  const Json cut = answered(R"({"input":"write 50 words","max_output_tokens":16})");
  EXPECT_EQ(cut["status"], "incomplete");
  EXPECT_EQ(cut["incomplete_details"]["reason"], "max_output_tokens");
  const Reply broken = post(asked(R"({"input":"break the stream now","stream":true})"));
  EXPECT_NE(broken.events.back().find(R"("type":"error")"), std::string::npos);
}

TEST(MockResponses, CountsTokensOfAnInput) {
  EXPECT_EQ(answered("{}", "/v1/responses/input_tokens"),
            Json::parse(R"({"object":"response.input_tokens","input_tokens":3})"));
}

}  // namespace
}  // namespace aigw::mock
