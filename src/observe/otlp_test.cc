#include "observe/otlp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "observe/meter.h"

namespace aigw::observe {
namespace {

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
  std::string span(Semconv semconv) const { return encode_span(request_, semconv, 5'000'000'000); }

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

TEST_F(SpanTest, WhatIsNoUtf8IsMadeSo) {
  request_.response_model = "\xff model";
  EXPECT_THAT(span(Semconv::openinference), HasSubstr("? model"));
}

TEST(Metrics, NothingIsSentWhereNothingIsCounted) {
  constexpr size_t kBytes = 4u << 20;
  const std::unique_ptr<char[]> memory(new char[kBytes]());
  Block block(memory.get(), kBytes, 1);
  EXPECT_EQ(encode_metrics({}, block, 1, 2), "");
  Meter(block).request_began(0, "/v1/messages");
  const std::string bytes = encode_metrics({{{"service.name", "s"}}}, block, 1, 2);
  for (const char* part : {"service.name", "envoyproxy/ai-gateway", "aigw.requests.started", "/v1/messages"}) {
    EXPECT_THAT(bytes, HasSubstr(part));
  }
}

}  // namespace
}  // namespace aigw::observe
