#include "observe/otlp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "observe/exemplar.h"
#include "observe/meter.h"
#include "observe/protobuf.h"
#include "observe/span_attributes.h"
#include "observe/span_text.h"

namespace aigw::observe {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// tests/e2e/test_otlp.py reads the messages field by field; here is what they hold for one input.
class SpanTest : public testing::Test {
 protected:
  SpanTest() {
    trace_.trace_id.fill(1);
    trace_.span_id.fill(2);
    trace_.sampled = true;
    request_.trace = &trace_;
    request_.operation = "messages";
    request_.provider = "anthropic";
    request_.model = "claude";
    request_.response_model = "claude-4";
    request_.request_id = "id-1";
    request_.outcome = RequestOutcome::answered;
    request_.status = 200;
    request_.attempts = 1;
    request_.usage.input = 3;
    request_.usage.output = 0;
  }
  std::string span(Semconv semconv) const {
    return encode_span(request_, {.semconv = semconv, .content = {}, .limits = {}}, 5'000'000'000).bytes;
  }

  TraceContext trace_;
  RequestRecord request_;
};

TEST_F(SpanTest, OpenInference) {
  const std::string bytes = span(Semconv::openinference);
  for (const char* part : {"Message", "openinference.span.kind", "LLM", "llm.system", "anthropic", "llm.model_name",
                           "claude-4", "llm.token_count.prompt", "llm.token_count.completion", "id-1"}) {
    EXPECT_THAT(bytes, HasSubstr(part));
  }
  EXPECT_THAT(bytes, Not(HasSubstr("gen_ai")));
  EXPECT_THAT(bytes, Not(HasSubstr("exception")));
}

TEST_F(SpanTest, GenAi) {
  const std::string bytes = span(Semconv::gen_ai);
  for (const char* part : {"chat claude", "gen_ai.operation.name", "gen_ai.request.model",
                           "gen_ai.response.model", "gen_ai.usage.input_tokens"}) {
    EXPECT_THAT(bytes, HasSubstr(part));
  }
  EXPECT_THAT(bytes, Not(HasSubstr("gen_ai.usage.output_tokens"))) << "only counts above zero";
  EXPECT_THAT(bytes, Not(HasSubstr("llm.")));
}

TEST_F(SpanTest, AFailure) {
  request_.outcome = RequestOutcome::error;
  request_.status = 429;
  EXPECT_THAT(span(Semconv::openinference), HasSubstr("RateLimitError"));
  EXPECT_THAT(span(Semconv::openinference), HasSubstr("Error code: 429"));
  EXPECT_THAT(span(Semconv::gen_ai), HasSubstr("error.type"));
  EXPECT_THAT(span(Semconv::gen_ai), Not(HasSubstr("exception")));
}

// Its body is the conversation, which is no description of what went wrong.
TEST_F(SpanTest, AFailureBehind200) {
  request_.outcome = RequestOutcome::error;
  request_.error = "the provider's stream ended in an error: overloaded_error";
  request_.fault = "overloaded_error";
  Content content;
  content.answer = "of a client";
  request_.content = &content;
  for (const Semconv semconv : {Semconv::openinference, Semconv::gen_ai}) {
    EXPECT_THAT(span(semconv), HasSubstr("the provider's stream ended in an error: overloaded_error"));
    EXPECT_THAT(span(semconv), Not(HasSubstr("Error code")));
  }
  EXPECT_THAT(span(Semconv::gen_ai), HasSubstr("error.type\x12\x12\n\x10overloaded_error"));
  request_.fault = {};
  EXPECT_THAT(span(Semconv::gen_ai), HasSubstr("_OTHER"));
}

TEST_F(SpanTest, TheAttributesForPeople) {
  std::string bytes = span(Semconv::openinference);
  SpanAttributes to(bytes, {});
  to.text("text", "a \"word\"\n");
  to.number("number", 0.5);
  to.count("count", 1'000'000);
  to.texts("texts", std::vector<Bytes>{"x", "y"});
  to.numbers("numbers", std::vector<double>{1, 2.5});
  const std::string json = span_attributes_as_json(bytes);
  EXPECT_THAT(json, testing::StartsWith(R"({"openinference.span.kind":"LLM",)"));
  EXPECT_THAT(json, testing::EndsWith(R"("text":"a \"word\"\n","number":0.5,"count":1000000,)"
                                      R"("texts":["x","y"],"numbers":[1,2.5]})"));
  EXPECT_EQ(span_attributes_as_json(""), "{}");
  for (size_t size = 0; size < bytes.size(); ++size) span_attributes_as_json(Bytes(bytes).substr(0, size));
}

TEST_F(SpanTest, WhatIsNoUtf8IsMadeSo) {
  request_.response_model = "\xff model";
  EXPECT_THAT(span(Semconv::openinference), HasSubstr("? model"));
}

class Metrics : public testing::Test {
 protected:
  static constexpr size_t kBytes = 4u << 20;
  const std::unique_ptr<char[]> memory_{new char[kBytes]()};
  Block block_{memory_.get(), kBytes, 1};
  Meter meter_{block_};
};

TEST_F(Metrics, NothingIsSentWhereNothingIsCounted) {
  Sent sent(Temporality::cumulative, block_);
  EXPECT_EQ(sent.encode({}, block_, 1, 2), "");
  meter_.request_began(0, "/v1/messages");
  const std::string bytes = sent.encode({{{"service.name", "s"}}}, block_, 1, 2);
  for (const char* part : {"service.name", "envoyproxy/ai-gateway", "aigw.requests.started", "/v1/messages"}) {
    EXPECT_THAT(bytes, HasSubstr(part));
  }
  sent.taken();
  EXPECT_EQ(sent.encode({{{"service.name", "s"}}}, block_, 1, 2), bytes) << "what is cumulative is told again";
}

// The field `as_int` of a number's point.
std::string value(uint64_t number) {
  std::string bytes;
  Protobuf(bytes).fixed64(6, number);
  return bytes;
}

TEST_F(Metrics, DeltasAreWhatTheCollectorHasNotGot) {
  meter_.request_began(0, "/v1/messages");
  Sent sent(Temporality::delta, block_);
  EXPECT_EQ(sent.encode({}, block_, 1, 2), "") << "what was there before is nobody's news";
  for (int i = 0; i < 3; ++i) meter_.request_began(0, "/v1/messages");
  EXPECT_THAT(sent.encode({}, block_, 1, 2), HasSubstr(value(3)));
  meter_.request_began(0, "/v1/messages");
  EXPECT_THAT(sent.encode({}, block_, 1, 3), HasSubstr(value(4))) << "the one before did not arrive";
  sent.taken();
  EXPECT_EQ(sent.encode({}, block_, 1, 4), "");
  meter_.request_began(0, "/v1/rerank");
  const std::string bytes = sent.encode({}, block_, 1, 5);
  EXPECT_THAT(bytes, HasSubstr(value(1)));
  EXPECT_THAT(bytes, Not(HasSubstr("/v1/messages")));
}

TEST(Exemplars, NameTheRequestAndItsSpan) {
  TraceContext trace;
  trace.trace_id.fill(0xab);
  trace.span_id.fill(0xcd);
  const std::string id(36, 'i'), longer(37, 'i');
  EXPECT_EQ(read_exemplar_labels(exemplar_labels({id, &trace}).bytes()).trace_id, "") << "it is not recorded";
  trace.sampled = true;
  const Labels both = exemplar_labels({id, &trace});
  EXPECT_LE(both.bytes().size(), Exemplar::kTextMax);
  const ExemplarIds ids = read_exemplar_labels(both.bytes());
  EXPECT_EQ(ids.request_id, id);
  EXPECT_EQ(ids.trace_id, "abababababababababababababababab");
  EXPECT_EQ(ids.span_id, "cdcdcdcdcdcdcdcd");
  EXPECT_EQ(exemplar_labels({longer, &trace}).bytes(), exemplar_labels({longer}).bytes());
  EXPECT_EQ(read_exemplar_labels(exemplar_labels({"", &trace}).bytes()).span_id, "cdcdcdcdcdcdcdcd");
  EXPECT_EQ(exemplar_labels({}).bytes(), "");
}

TEST_F(Metrics, AnExemplarIsToldInItsTime) {
  constexpr uint64_t kMillisecond = 1'000'000;
  TraceContext trace;
  trace.trace_id.fill(0xab);
  trace.span_id.fill(0xcd);
  trace.sampled = true;
  RequestRecord request;
  request.endpoint = "/v1/messages";
  request.request_id = "of-a-client";
  request.trace = &trace;
  request.duration_ns = 30 * kMillisecond;
  meter_.request_ended(0, request, 5);
  std::string ids;
  Protobuf(ids).bytes(4, std::string(8, '\xcd'));
  Protobuf(ids).bytes(5, std::string(16, '\xab'));
  Protobuf(ids).text_pair(7, "aigw.request_id", "of-a-client");
  Sent cumulative(Temporality::cumulative, block_);
  EXPECT_THAT(cumulative.encode({}, block_, kMillisecond, 9 * kMillisecond), HasSubstr(ids));
  const auto time = [](uint64_t ns) {
    std::string bytes;
    Protobuf(bytes).fixed64(2, ns);
    return bytes + '\x19';  // its value is next
  };
  EXPECT_THAT(cumulative.encode({}, block_, kMillisecond, 9 * kMillisecond), HasSubstr(time(5 * kMillisecond)));
  EXPECT_THAT(cumulative.encode({}, block_, 6 * kMillisecond - 1, 9 * kMillisecond),
              AllOf(HasSubstr(ids), HasSubstr(time(6 * kMillisecond - 1))))
      << "it is of the same millisecond as the start";
  EXPECT_THAT(cumulative.encode({}, block_, kMillisecond, 5 * kMillisecond - 1),
              AllOf(HasSubstr(ids), HasSubstr(time(5 * kMillisecond - 1))))
      << "it came after the end was read off the clock";
  EXPECT_THAT(cumulative.encode({}, block_, 6 * kMillisecond, 9 * kMillisecond), Not(HasSubstr(ids)))
      << "it is older than what the export is about";
}

}  // namespace
}  // namespace aigw::observe
