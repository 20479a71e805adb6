#include "observe/meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/limits.h"
#include "observe/prometheus.h"

namespace aigw::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr uint64_t kMillisecond = 1'000'000;

class MeterTest : public testing::Test {
 protected:
  static constexpr size_t kBytes = 32u << 20;

  static AttemptRecord chat() {
    AttemptRecord attempt;
    attempt.operation = "chat";
    attempt.provider = "openai";
    attempt.original_model = "gpt";
    attempt.request_model = "gpt-4o";
    attempt.response_model = "gpt-4o-2024";
    attempt.backend = "ns/b/route/r/rule/0/ref/0";
    attempt.request_id = "id-1";
    attempt.outcome = AttemptOutcome::answered;
    attempt.status = 200;
    attempt.duration_ns = 50 * kMillisecond;
    attempt.usage.input = 10;
    attempt.usage.output = 5;
    return attempt;
  }
  std::string text() const { return expose(block_, TextFormat::prometheus); }

  std::unique_ptr<char[]> memory_{new char[kBytes]()};
  Block block_{memory_.get(), kBytes, 2};
  Meter meter_{block_};
};

constexpr const char* kBase =
    R"(gen_ai_operation_name="chat",gen_ai_original_model="gpt",gen_ai_provider_name="openai",)"
    R"(gen_ai_request_model="gpt-4o",gen_ai_response_model="gpt-4o-2024")";
constexpr const char* kScope =
    R"(otel_scope_name="envoyproxy/ai-gateway",otel_scope_schema_url="",otel_scope_version="")";

TEST_F(MeterTest, AnAttemptIsCountedAsThePeerDoes) {
  meter_.attempt_ended(0, chat(), 0);
  const std::string series = std::string(kBase) + ",";
  EXPECT_THAT(text(), HasSubstr("# TYPE gen_ai_client_token_usage histogram\n"));
  EXPECT_THAT(text(), HasSubstr("gen_ai_client_token_usage_sum{" + series +
                                "gen_ai_token_type=\"input\"," + kScope + "} 10\n"));
  EXPECT_THAT(text(), HasSubstr("gen_ai_client_token_usage_bucket{" + series +
                                "gen_ai_token_type=\"output\"," + kScope + ",le=\"4\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("gen_ai_client_token_usage_bucket{" + series +
                                "gen_ai_token_type=\"output\"," + kScope + ",le=\"16\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("le=\"1.048576e+06\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("le=\"+Inf\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("gen_ai_server_request_duration_seconds_sum{" + series + kScope +
                                "} 0.05\n"));
  EXPECT_THAT(text(), Not(HasSubstr("time_to_first_token_seconds_count")));
  EXPECT_THAT(text(), Not(HasSubstr("error_type")));
  EXPECT_THAT(text(), Not(HasSubstr("reasoning")));
}

TEST_F(MeterTest, AValueOnABoundIsInItsBucket) {
  AttemptRecord attempt = chat();
  attempt.usage = {.input = 16};
  meter_.attempt_ended(0, attempt, 0);
  EXPECT_THAT(text(), HasSubstr("le=\"4\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("le=\"16\"} 1\n"));
}

TEST_F(MeterTest, AStreamHasItsFirstTokenAndItsPace) {
  AttemptRecord attempt = chat();
  attempt.streaming = true;
  attempt.first_byte_ns = 10 * kMillisecond;
  meter_.attempt_ended(0, attempt, 0);
  EXPECT_THAT(text(), HasSubstr("gen_ai_server_time_to_first_token_seconds_sum{" +
                                std::string(kBase) + "," + kScope + "} 0.01\n"));
  EXPECT_THAT(text(), HasSubstr("gen_ai_server_time_per_output_token_seconds_sum{" +
                                std::string(kBase) + "," + kScope + "} 0.01\n"))
      << "40 ms for the 4 tokens after the first";
}

TEST_F(MeterTest, OfABusyTimeOneRequestIsShown) {
  AttemptRecord attempt = chat();
  meter_.attempt_ended(0, attempt, 1000);
  attempt.request_id = "id-2";
  meter_.attempt_ended(0, attempt, 1000 + Exemplar::kPeriod - 1);
  EXPECT_THAT(expose(block_, TextFormat::openmetrics), HasSubstr("request_id=\"id-1\""));
  attempt.request_id = "id-3";
  meter_.attempt_ended(0, attempt, 1000 + Exemplar::kPeriod);
  EXPECT_THAT(expose(block_, TextFormat::openmetrics), HasSubstr("request_id=\"id-3\""));
}

TEST_F(MeterTest, AFailureHasATypeAndAnAnswerThatWasCutHasNoDuration) {
  AttemptRecord attempt = chat();
  attempt.outcome = AttemptOutcome::error;
  attempt.status = 429;
  meter_.attempt_ended(0, attempt, 0);
  EXPECT_THAT(text(), HasSubstr(R"(error_type="_OTHER")"));
  attempt.outcome = AttemptOutcome::cut;
  attempt.status = 200;
  meter_.attempt_ended(0, attempt, 0);
  EXPECT_THAT(text(), HasSubstr(R"(aigw_attempts_total{backend="ns/b/route/r/rule/0/ref/0",)"
                                R"(code="200",outcome="cut"} 1)"));
  EXPECT_THAT(text(), Not(HasSubstr("gen_ai_server_request_duration_seconds_count{" +
                                    std::string(kBase) + "," + kScope)));
}

TEST_F(MeterTest, WhatIsNotKnownIsSaidToBe) {
  AttemptRecord attempt;
  attempt.operation = "chat";
  meter_.attempt_ended(0, attempt, 0);
  EXPECT_THAT(text(), HasSubstr(R"(gen_ai_response_model="unknown")"));
}

TEST_F(MeterTest, ClientsThatInventModelsFillOneSeriesMore) {
  for (uint64_t i = 0; i < limits::metric_series_max; ++i) {
    AttemptRecord attempt = chat();
    const std::string model = "m" + std::to_string(i);
    attempt.original_model = model;
    meter_.attempt_ended(0, attempt, 0);
  }
  EXPECT_LE(block_.series_count(), limits::metric_series_max);
  EXPECT_THAT(text(), HasSubstr("gen_ai_server_request_duration_seconds_count{"
                                R"(otel_metric_overflow="true",)"));
  EXPECT_THAT(text(), HasSubstr("aigw_attempts_total{backend=\"ns/b/route/r/rule/0/ref/0\","
                                "code=\"200\",outcome=\"answered\"} " +
                                std::to_string(limits::metric_series_max)));
}

TEST_F(MeterTest, AStatusThatNobodyKnowsIsItsClass) {
  EXPECT_EQ(status_label(429), "429");
  EXPECT_EQ(status_label(477), "4xx");
  EXPECT_EQ(status_label(0), "none");
  EXPECT_EQ(status_label(999), "other");
}

TEST_F(MeterTest, ARequestIsCountedOnce) {
  RequestRecord request;
  request.endpoint = "/v1/messages";
  request.outcome = RequestOutcome::refused;
  request.status = 413;
  const Cost costs[] = {{"llm_cost", 7}};
  request.costs = costs;
  request.backend = "b";
  meter_.request_began(1, "/v1/messages");
  meter_.refused(1, "/v1/messages", FailureKind::request_too_large);
  meter_.limited(1, Limit::request_body);
  meter_.request_ended(1, request, 0);
  EXPECT_THAT(text(), HasSubstr("aigw_requests_started_total{endpoint=\"/v1/messages\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("aigw_requests_total{endpoint=\"/v1/messages\",code=\"413\","
                                "outcome=\"refused\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("aigw_limited_total{limit=\"request_body\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("aigw_cost_total{backend=\"b\",key=\"llm_cost\"} 7\n"));
}

}  // namespace
}  // namespace aigw::observe
