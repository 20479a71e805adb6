#include "observe/prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "observe/meter.h"

namespace aigw::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

TEST(Prometheus, NumbersAreWrittenAsGoWritesThem) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(0.001), "0.001");
  EXPECT_EQ(number(81.92), "81.92");
  EXPECT_EQ(number(262144), "262144");
  EXPECT_EQ(number(1048576), "1.048576e+06");
  EXPECT_EQ(number(67108864), "6.7108864e+07");
  EXPECT_EQ(number(INFINITY), "+Inf");
}

TEST(Prometheus, LabelsAreEscapedAndTheirNamesMadeLegal) {
  std::string out;
  append_label(out, "session.id", "a\"b\\c\nd");
  EXPECT_EQ(out, R"(session_id="a\"b\\c\nd")");
  out.clear();
  append_label(out, "9x", "\xff");
  EXPECT_EQ(out, R"(_x="?")");
}

class Exposed : public testing::Test {
 protected:
  static constexpr size_t kBytes = 4u << 20;
  std::unique_ptr<char[]> memory_{new char[kBytes]()};
  Block block_{memory_.get(), kBytes, 1};
  Meter meter_{block_};
};

TEST_F(Exposed, NothingIsSaidOfWhatWasNeverCounted) {
  EXPECT_EQ(expose(block_, TextFormat::prometheus), "");
}

TEST_F(Exposed, AFamilyOfAnotherBuildIsPassedOver) {
  block_.add(*block_.find({"gen_ai.of.tomorrow", {}}), 0, 0, 1);
  block_.add(*block_.find({"aigw.requests", {}, 5}), 0, 0, 1);
  EXPECT_EQ(expose(block_, TextFormat::prometheus), "");
}

TEST_F(Exposed, ExemplarsAreForThoseWhoReadThem) {
  const Shown shown{"id-7", nullptr, 1'700'000'000'500};
  meter_.observe(Family::request_duration, 0, Labels().add("endpoint", "/v1/messages"), 30'000'000, &shown);
  EXPECT_THAT(expose(block_, TextFormat::prometheus), Not(HasSubstr("id-7")));
  const std::string text = expose(block_, TextFormat::openmetrics);
  EXPECT_THAT(text, HasSubstr("le=\"0.04\"} 1 # {request_id=\"id-7\"} 0.03 1.7000000005e+09\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.08\"} 1\n"));
}

TEST_F(Exposed, OpenMetricsNamesACounterWithoutItsEnding) {
  meter_.count(Family::requests, 0, Labels().add("endpoint", "x"));
  const std::string text = expose(block_, TextFormat::openmetrics);
  EXPECT_THAT(text, HasSubstr("# TYPE aigw_requests counter\naigw_requests_total{"));
}

TEST(Format, TheScraperChooses) {
  EXPECT_EQ(wanted_format("*/*"), TextFormat::prometheus);
  EXPECT_EQ(wanted_format("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"),
            TextFormat::openmetrics);
}

TEST(Target, IsAnInfoWhereTheFormatHasThem) {
  std::string labels;
  append_label(labels, "service.name", "a \"b\"");
  std::string text;
  append_target(text, TextFormat::prometheus, labels);
  EXPECT_EQ(text, "# HELP target_info Target metadata\n# TYPE target_info gauge\n"
                  "target_info{service_name=\"a \\\"b\\\"\"} 1\n");
  text.clear();
  append_target(text, TextFormat::openmetrics, labels);
  EXPECT_EQ(text, "# HELP target Target metadata\n# TYPE target info\n"
                  "target_info{service_name=\"a \\\"b\\\"\"} 1\n");
}

}  // namespace
}  // namespace aigw::observe
