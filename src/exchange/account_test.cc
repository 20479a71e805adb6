#include "exchange/account.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/limits.h"
#include "config/compile.h"
#include "config/load.h"
#include "credential/store.h"
#include "exchange/attempt.h"
#include "exchange/exchange.h"
#include "http/testing/vector_header_map.h"

namespace aigw::exchange {
namespace {

// Keeps what is told of the one request.
class Told final : public observe::Recorder {
 public:
  void request_began(Bytes) override {}
  void attempt_began(const observe::AttemptRecord&) override {}
  void attempt_ended(const observe::AttemptRecord& attempt) override {
    attempt_outcome = observe::name_of(attempt.outcome);
    input = attempt.usage.input.value_or(0);
  }
  void request_ended(const observe::RequestRecord& request) override {
    id = request.request_id;
    error = request.error;
    outcome = observe::name_of(request.outcome);
    status = request.status;
    fault = request.fault;
  }
  void refused(Bytes, FailureKind) override {}
  void limited(Limit) override {}
  void dropped(Bytes, Bytes, uint64_t) override {}
  std::string id, error, outcome, attempt_outcome, fault;
  uint32_t status = 0;
  uint64_t input = 0;
};

// What is told of a request for `path`, which is none of ours; with `envoy_says`, Envoy answered it before us.
Told told_of(const std::string& path, const std::string& id, Bytes envoy_says = {}) {
  Told told;
  credential::Store store;
  Setup setup;
  setup.config = *config::compile(config::Document{}, store);
  setup.endpoints = std::make_shared<const endpoint::Table>(endpoint::Prefixes{});
  setup.now = +[]() -> uint64_t { return 1; };
  setup.recorder = &told;
  Exchange exchange(std::move(setup));
  http::VectorHeaderMap request{{":method", "POST"}, {":path", path}, {"x-request-id", id}};
  EXPECT_EQ(exchange.on_request_headers(request, true), Step::reply);
  if (!envoy_says.empty()) exchange.shape_carrier_reply(503, envoy_says);
  NoMetadata nowhere;
  exchange.finish(nowhere);
  return told;
}

TEST(Account, KeepsSoMuchOfARequestsId) {
  const std::string most(limits::request_id_max, 'i');
  EXPECT_EQ(told_of("/x", most).id, most);
  EXPECT_EQ(told_of("/x", most + "j").id, most);
}

TEST(Account, KeepsSoMuchOfAnError) {
  const std::string says = "unsupported path: /";
  const std::string most = says + std::string(limits::error_shown_max - says.size(), 'x');
  const std::string path = most.substr(says.size() - 1);
  EXPECT_EQ(told_of(path, "i").error, most);
  EXPECT_EQ(told_of(path + "y", "i").error, most);
  EXPECT_EQ(told_of("/x", "i", most).error, most);
  EXPECT_EQ(told_of("/x", "i", most + "y").error, most);
}

class Thrown final : public ByteSink {
 public:
  void append(Bytes) override {}
};

// What is told of a request whose answer is this stream of a backend of `schema`; with `left` the client leaves behind
// its last byte.
Told told_of_stream(const std::string& schema, const std::string& answer, bool left = false,
                    const std::string& path = "/v1/chat/completions") {
  Told told;
  credential::Store store;
  const config::Loaded loaded =
      config::load_text("backends: [{name: primary, schema: {name: " + schema + "}}]", "test.yaml", {});
  Setup setup;
  setup.config = *config::compile(loaded.document.filter, store);
  setup.endpoints = std::make_shared<const endpoint::Table>(endpoint::Prefixes{});
  setup.recorder = &told;
  Exchange exchange(std::move(setup));
  const Bytes body = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}],"input":"Hi"})";
  http::VectorHeaderMap request{{":method", "POST"}, {":path", path}, {"content-type", "application/json"}};
  EXPECT_EQ(exchange.on_request_headers(request, false), Step::hold);
  EXPECT_EQ(exchange.on_request_body(Slices(&body, 1)), Step::hold);
  EXPECT_EQ(exchange.on_request_end(request), Step::proceed);
  Attempt attempt(exchange);
  Thrown out;
  EXPECT_NE(attempt.start(request, {"primary", {}, {}}), Step::reply);
  attempt.on_request_body(request, Slices(&body, 1), true, out);
  http::VectorHeaderMap response{{":status", "200"}, {"content-type", "text/event-stream"}};
  attempt.on_response_headers(response, false);
  const Bytes bytes = answer;
  attempt.on_response_body(response, Slices(&bytes, 1), !left, out);
  NoMetadata nowhere;
  exchange.finish(nowhere);
  return told;
}

const std::string kChunk =
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":"
    "{\"content\":\"Hi\"},\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n";
const std::string kStart =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"m\",\"content\":[],"
    "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n";

// In the lane that passes and in the one that translates, and also where the client leaves when it has read the error.
TEST(Account, AStreamThatEndsInAProvidersErrorHasFailed) {
  const std::string event =
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}\n\n";
  for (const bool left : {false, true}) {
    const Told passed = told_of_stream(
        "OpenAI", kChunk + "data: {\"error\":{\"type\":\"server_error\",\"message\":\"of a client\"}}\n\n", left);
    EXPECT_EQ(passed.outcome + passed.attempt_outcome, "errorerror");
    EXPECT_EQ(passed.status, 200u) << "that the client got";
    EXPECT_EQ(passed.error, "the provider's stream ended in an error: server_error");
    EXPECT_EQ(passed.fault, "server_error");
    EXPECT_EQ(passed.input, 3u);
    const Told translated = told_of_stream("Anthropic", kStart + event, left);
    EXPECT_EQ(translated.outcome + translated.attempt_outcome, "errorerror");
    EXPECT_EQ(translated.error, "the provider's stream ended in an error: overloaded_error");
    EXPECT_EQ(translated.fault, "overloaded_error");
    EXPECT_EQ(translated.input, 3u);
  }
}

// A provider may put what a client said into the place of a type, too.
TEST(Account, OfAProvidersErrorNoMoreThanAWordIsTold) {
  const std::string most(limits::label_value_max, 'w');
  for (const std::string& words : {std::string("of a client"), std::string("a\\nb"), most + "w"}) {
    const std::string error = "{\"error\":{\"type\":\"" + words + "\",\"message\":\"x\"}}\n\n";
    for (const Told& told : {told_of_stream("OpenAI", kChunk + "data: " + error),
                             told_of_stream("Anthropic", kStart + "event: error\ndata: " + error)}) {
      EXPECT_EQ(told.outcome, "error");
      EXPECT_EQ(told.error, "the provider's stream ended in an error");
      EXPECT_EQ(told.fault, "");
    }
  }
  const Told longest = told_of_stream("OpenAI", "data: {\"error\":{\"type\":\"" + most + "\"}}\n\n");
  EXPECT_EQ(longest.fault, most);
  EXPECT_EQ(longest.error.size(), limits::error_shown_max);
  const Told number = told_of_stream("OpenAI", "data: {\"error\":{\"type\":null,\"code\":502}}\n\n");
  EXPECT_EQ(number.fault, "502");
  EXPECT_EQ(told_of_stream("OpenAI", "event: error\ndata: sorry\n\n").outcome, "error");
  // What comes behind it, or does not, is no news.
  EXPECT_EQ(told_of_stream("OpenAI", "data: {\"error\":{}}\n\ndata: {").outcome, "error");
}

TEST(Account, AFailureIsKnownByWhatNoOtherAnswerHas) {
  const auto of_chat = [](const std::string& event) { return told_of_stream("OpenAI", kChunk + "data: " + event); };
  const Told flat =
      of_chat("{\"object\":\"error\",\"message\":\"x\",\"type\":\"BadRequestError\",\"code\":400}\n\n");
  EXPECT_EQ(flat.outcome + flat.fault, "errorBadRequestError");
  EXPECT_EQ(of_chat("{\"type\":\"error\",\"code\":\"busy\"}\n\n").fault, "busy");
  EXPECT_EQ(of_chat("{\"code\":0,\"message\":\"Success\",\"choices\":[]}\n\n").outcome, "answered");
  EXPECT_EQ(of_chat("{\"type\":\"chunk\",\"code\":200,\"choices\":[]}\n\n").outcome, "answered");

  const auto of_responses = [](const std::string& events) {
    return told_of_stream("OpenAIResponses", events, false, "/v1/responses");
  };
  const std::string done = "data: {\"type\":\"response.completed\",\"response\":{\"error\":null}}\n\n";
  EXPECT_EQ(of_responses(done).outcome, "answered");
  const std::string code = "data: {\"type\":\"response.code_interpreter_call_code.done\",\"code\":\"1+1\"}\n\n";
  EXPECT_EQ(of_responses(code + done).outcome, "answered");
  EXPECT_EQ(of_responses("event: response.mcp_call.failed\ndata: {\"item_id\":\"i\"}\n\n" + done).outcome, "answered");
  EXPECT_EQ(of_responses("data: {\"type\":\"error\",\"code\":\"busy\",\"message\":\"x\"}\n\n").fault, "busy");
  EXPECT_EQ(of_responses("data: {\"response\":{\"error\":{\"code\":\"busy\"}}}\n\n").fault, "busy");
  EXPECT_EQ(of_responses("event: response.failed\ndata: {\"response\":{}}\n\n").outcome, "error");
}

// Whether the connection broke or the bytes came to their end.
TEST(Account, AStreamThatBreaksIsCutAndNoError) {
  EXPECT_EQ(told_of_stream("OpenAI", kChunk, true).outcome, "cut");
  const Told passed = told_of_stream("OpenAI", kChunk + "data: {");
  EXPECT_EQ(passed.outcome + passed.attempt_outcome, "cutcut");
  EXPECT_EQ(passed.error, "the provider's answer ends before it is complete");
  const Told translated = told_of_stream("Anthropic", kStart);
  EXPECT_EQ(translated.outcome + translated.attempt_outcome, "cutcut");
  EXPECT_EQ(translated.error, "the provider's stream ended before its message_stop");
  EXPECT_EQ(translated.fault, "");
  EXPECT_EQ(translated.input, 3u);
  const std::string large = "data: {\"x\":\"" + std::string(limits::sse_event_max, 'x') + "\"}\n\n";
  EXPECT_EQ(told_of_stream("Anthropic", kStart + large).outcome, "cut");
  // The last event of the Responses API repeats the answer, so that what is written for the client has a limit, too.
  std::string delta = kChunk;
  delta.replace(delta.find("Hi"), 2, std::string(limits::sse_event_max / 2, 'x'));
  std::string larger;
  for (size_t size = 0; size <= limits::hub_answer_max; size += limits::sse_event_max / 2) larger += delta;
  larger += "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  const Told written = told_of_stream("OpenAIChat", larger, false, "/v1/responses");
  EXPECT_EQ(written.outcome, "cut");
  EXPECT_EQ(written.error, "the answer is larger than it may be");
  EXPECT_EQ(told_of_stream("OpenAI", kChunk + large).outcome, "answered") << "the client got all of it";
}

}  // namespace
}  // namespace aigw::exchange
