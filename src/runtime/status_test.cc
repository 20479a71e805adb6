#include "runtime/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/limits.h"
#include "config/compile.h"
#include "config/load.h"
#include "credential/store.h"

namespace aigw::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

class StatusTest : public testing::Test {
 protected:
  StatusTest() {
    const config::Loaded loaded = config::load_text(
        R"({"uuid":"u-1","backends":[
            {"name":"quiet","schema":{"name":"Anthropic"},"auth":{"apiKey":{"key":"sk-secret"}}},
            {"name":"busy","schema":{"name":"OpenAI"}}]})",
        "test", {});
    config_ = config::compile(loaded.document.filter, store_).value();
  }

  void attempt(Bytes backend, observe::AttemptOutcome outcome, uint64_t duration_ns) {
    observe::AttemptRecord record;
    record.backend = backend;
    record.operation = "chat";
    record.outcome = outcome;
    record.status = 200;
    record.duration_ns = duration_ns;
    record.usage.output = 3;
    sight_.recorder(0).attempt_ended(record);
  }

  void refuse(const std::string& error) {
    observe::RequestRecord request;
    request.endpoint = "/v1/messages";
    request.outcome = observe::RequestOutcome::refused;
    request.status = 400;
    request.error = error;
    sight_.recorder(0).request_began(request.endpoint);
    sight_.recorder(0).request_ended(request);
  }

  std::string json(uint64_t refused_ms = 0) {
    ConfigurationState state{*config_, 1000, refused_ms, "line 3: no", "/c.yaml"};
    return status_json(sight_, state, 500);
  }

  credential::Store store_;
  std::shared_ptr<const config::Config> config_;
  Sight sight_{SharedRegistry{}, 2};
};

TEST_F(StatusTest, ShowsEveryBackendWhetherAskedOrNot) {
  attempt("busy", observe::AttemptOutcome::answered, 15'000'000);
  attempt("gone", observe::AttemptOutcome::error, 1);
  const std::string text = json();
  EXPECT_THAT(text, HasSubstr(R"("uuid":"u-1")"));
  EXPECT_THAT(text, HasSubstr(R"({"name":"quiet","configured":true,"schema":"Anthropic","attempts":{})"));
  EXPECT_THAT(text, HasSubstr(R"({"name":"busy","configured":true,"schema":"OpenAI","attempts":{"answered":1},)"
                              R"("tokens":{"output":3})"));
  EXPECT_THAT(text, HasSubstr(R"("name":"gone","configured":false,"attempts":{"error":1})"));
  EXPECT_THAT(text, HasSubstr(R"("duration_seconds":{"p50":0.015,)"));
  EXPECT_THAT(text, Not(HasSubstr("sk-secret")));
  EXPECT_THAT(text, Not(HasSubstr("refusal")));
}

TEST_F(StatusTest, ShowsWhatTokenServicesAnswered) {
  EXPECT_THAT(json(), HasSubstr(R"("token_fetches":{})"));
  for (const char* result : {"fetched", "refused", "refused"}) {
    sight_.count(observe::Family::token_fetches,
                 observe::Labels().add("source", "aws_instance").add("result", result));
  }
  EXPECT_THAT(json(), HasSubstr(R"("token_fetches":{"aws_instance":{"fetched":1,"refused":2}})"));
}

TEST_F(StatusTest, SaysWhenTheLastConfigurationWasRefused) {
  EXPECT_THAT(json(2000), HasSubstr(R"("refused_ms":2000,"refusal":"line 3: no")"));
}

TEST_F(StatusTest, ShowsTheLastErrorsWithTheirReasonsNewestFirst) {
  for (const char* error : {"first", "second"}) refuse(error);
  const std::string text = json();
  EXPECT_LT(text.find(R"("error":"second")"), text.find(R"("error":"first")"));
  EXPECT_THAT(text, HasSubstr(R"("started":2,"open":0,"outcomes":{"refused":2})"));
}

TEST_F(StatusTest, ShowsSoManyOfTheLastErrors) {
  for (uint64_t i = 0; i < limits::errors_shown_max; ++i) refuse("error " + std::to_string(i));
  EXPECT_THAT(json(), HasSubstr(R"("error":"error 0")"));
  refuse("one more");
  const std::string text = json();
  EXPECT_THAT(text, Not(HasSubstr(R"("error":"error 0")")));
  EXPECT_THAT(text, HasSubstr(R"("error":"error 1")"));
  EXPECT_THAT(text, HasSubstr(R"("error":"one more")"));
}

TEST_F(StatusTest, KeepsSoManyOfTheLastEventsAndErrors) {
  sight_.events().want_until(UINT64_MAX);
  const auto kept = [](observe::Feed& feed) {
    uint64_t position = 0, count = 0;
    feed.read(position, [&](Bytes) { ++count; });
    return std::pair(count, feed.end());
  };
  for (uint64_t i = 0; i < limits::errors_kept_max; ++i) refuse("e");
  EXPECT_EQ(kept(sight_.errors()), std::pair(uint64_t{limits::errors_kept_max}, uint64_t{limits::errors_kept_max}));
  refuse("e");
  EXPECT_EQ(kept(sight_.errors()), std::pair(uint64_t{limits::errors_kept_max}, uint64_t{limits::errors_kept_max} + 1));
  while (sight_.events().end() < limits::events_kept_max) refuse("e");
  EXPECT_EQ(kept(sight_.events()), std::pair(uint64_t{limits::events_kept_max}, uint64_t{limits::events_kept_max}));
  refuse("e");
  EXPECT_EQ(kept(sight_.events()), std::pair(uint64_t{limits::events_kept_max}, uint64_t{limits::events_kept_max} + 1));
}

TEST_F(StatusTest, AQuantileLiesBetweenTheBounds) {
  const observe::FamilyTraits& family = observe::traits_of(observe::Family::attempt_duration);
  const observe::Series* series =
      sight_.block().find({family.name, {}, family.values(), family.exemplars});
  EXPECT_LT(quantile(sight_.block(), *series, family, 0.5), 0);
  sight_.block().add(*series, 0, 1, 10);  // 0.01 to 0.02
  EXPECT_DOUBLE_EQ(quantile(sight_.block(), *series, family, 0.5), 0.015);
  sight_.block().add(*series, 0, static_cast<uint32_t>(family.bounds.size()), 90);
  EXPECT_DOUBLE_EQ(quantile(sight_.block(), *series, family, 0.5), 81.92);
}

TEST(StatusPage, NeedsNothingFromElsewhere) {
  const Bytes page = status_page();
  EXPECT_THAT(page, HasSubstr("<!doctype html>"));
  EXPECT_THAT(page, HasSubstr("fetch('status.json'"));
  for (const char* outside : {"http://", "https://", "src=", "href=", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
}

}  // namespace
}  // namespace aigw::runtime
