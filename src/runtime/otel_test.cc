#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "runtime/otel_options.h"

namespace aigw::runtime {
namespace {

OtelOptions read(std::map<std::string, std::string> variables) {
  Result<OtelOptions> options = read_otel_options([&](const char* name) { return variables[name]; });
  EXPECT_TRUE(options);
  return options ? *options : OtelOptions{};
}

TEST(OtelOptions, NothingIsExportedWhereNothingIsSaid) {
  EXPECT_FALSE(read({}).exports());
  EXPECT_FALSE(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_SDK_DISABLED", "true"}}).exports());
  EXPECT_FALSE(read({{"OTEL_METRICS_EXPORTER", "otlp"}}).exports()) << "metrics need an endpoint";
}

TEST(OtelOptions, TheCommonEndpointHasAPathForEach) {
  const OtelOptions options = read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/base"},
                                    {"OTEL_EXPORTER_OTLP_HEADERS", "a=b%20c, d=e"},
                                    {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "7"}});
  EXPECT_EQ(options.traces.url, "http://c:4318/base/v1/traces");
  EXPECT_EQ(options.metrics.url, "http://c:4318/base/v1/metrics");
  ASSERT_EQ(options.traces.headers.size(), 2u);
  EXPECT_EQ(options.traces.headers[0].second, "b c");
  EXPECT_EQ(options.traces.timeout.count(), 7);
  EXPECT_EQ(options.metrics.timeout.count(), 10'000);
}

TEST(OtelOptions, AnEndpointOfItsOwnIsTakenAsItIs) {
  const OtelOptions options = read({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/x"}});
  EXPECT_EQ(options.traces.url, "http://c/x");
  EXPECT_EQ(options.metrics.to, ExportTo::nowhere);
  EXPECT_EQ(read({{"OTEL_TRACES_EXPORTER", "otlp"}}).traces.url, "http://localhost:4318/v1/traces");
}

TEST(OtelOptions, AnExporterMayBeTheConsoleOrNone) {
  EXPECT_EQ(read({{"OTEL_TRACES_EXPORTER", "console"}}).traces.to, ExportTo::console);
  const OtelOptions options = read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"},
                                    {"OTEL_TRACES_EXPORTER", "none"},
                                    {"OTEL_METRICS_EXPORTER", "prometheus"}});
  EXPECT_FALSE(options.exports());
}

TEST(OtelOptions, WhatIsNotSpokenIsSaid) {
  const OtelOptions options =
      read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
            {"OTEL_PROPAGATORS", "b3,xray"}});
  EXPECT_FALSE(options.exports());
  EXPECT_EQ(options.warnings.size(), 3u);
  EXPECT_TRUE(options.tracing.propagators.b3);
  EXPECT_FALSE(options.tracing.propagators.tracecontext);
}

TEST(OtelOptions, SamplersAndTheResource) {
  const OtelOptions options = read({{"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
                                    {"OTEL_TRACES_SAMPLER_ARG", "0.25"},
                                    {"OTEL_RESOURCE_ATTRIBUTES", "service.name=other,team=a"},
                                    {"OTEL_SERVICE_NAME", "mine"}});
  EXPECT_EQ(options.tracing.sampler, observe::Sampler::ratio);
  EXPECT_EQ(options.tracing.ratio, 0.25);
  EXPECT_TRUE(options.tracing.parent_decides);
  EXPECT_THAT(options.resource.attributes, testing::Contains(testing::Pair("service.name", "mine")));
  EXPECT_THAT(options.resource.attributes, testing::Contains(testing::Pair("team", "a")));
  EXPECT_FALSE(read({{"OTEL_TRACES_SAMPLER", "always_off"}}).tracing.parent_decides);
}

TEST(OtelOptions, ConventionsAreThosePeerKnows) {
  EXPECT_EQ(read({{"AI_GATEWAY_TRACING_SEMCONV", "gen_ai"}}).semconv, observe::Semconv::gen_ai);
  EXPECT_FALSE(read_otel_options([](const char* name) {
    return std::string(name) == "AI_GATEWAY_TRACING_SEMCONV" ? "other" : "";
  }));
}

}  // namespace
}  // namespace aigw::runtime
