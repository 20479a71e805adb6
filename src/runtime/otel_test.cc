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
            {"OTEL_PROPAGATORS", "b3,other"}, {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "some"}});
  EXPECT_FALSE(options.exports());
  EXPECT_EQ(options.warnings.size(), 4u);
  EXPECT_TRUE(options.tracing.propagators.b3);
  EXPECT_FALSE(options.tracing.propagators.tracecontext);
}

TEST(OtelOptions, EachSignalIsCompressedAsItIsAsked) {
  const OtelOptions options = read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"},
                                    {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                                    {"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none"}});
  EXPECT_TRUE(options.traces.gzip);
  EXPECT_FALSE(options.metrics.gzip);
  EXPECT_TRUE(options.warnings.empty());
  const OtelOptions unknown =
      read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"}, {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "zstd"}});
  EXPECT_EQ(unknown.traces.to, ExportTo::otlp) << "it is sent all the same";
  EXPECT_FALSE(unknown.traces.gzip);
  ASSERT_EQ(unknown.warnings.size(), 1u);
  EXPECT_THAT(unknown.warnings[0], testing::HasSubstr("there is no zstd, only gzip and none; TRACES go uncompressed"));
}

TEST(OtelOptions, EveryPropagatorOfThePeersIsKnown) {
  const OtelOptions options = read({{"OTEL_TRACES_EXPORTER", "console"},
                                    {"OTEL_PROPAGATORS", "tracecontext, baggage,b3,b3multi,jaeger,xray,ottrace"}});
  EXPECT_TRUE(options.warnings.empty());
  const observe::Propagators& forms = options.tracing.propagators;
  EXPECT_TRUE(forms.tracecontext && forms.b3 && forms.b3multi && forms.jaeger && forms.xray && forms.ottrace);
}

TEST(OtelOptions, GrpcIsForThoseWhoSpeakIt) {
  std::map<std::string, std::string> variables = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"},
                                                  {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                                                  {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf"}};
  const OtelOptions module = read(variables);
  EXPECT_EQ(module.traces.to, ExportTo::nowhere);
  EXPECT_EQ(module.metrics.to, ExportTo::otlp);
  ASSERT_EQ(module.warnings.size(), 1u);
  EXPECT_THAT(module.warnings[0], testing::HasSubstr("grpc is for the ext_proc server"));
  const Environment environment = [&](const char* name) { return variables[name]; };
  const Result<OtelOptions> server = read_otel_options(environment, true);
  ASSERT_TRUE(server);
  EXPECT_TRUE(server->warnings.empty());
  EXPECT_TRUE(server->traces.grpc);
  EXPECT_EQ(server->traces.url, "http://c:4317");
  EXPECT_FALSE(server->metrics.grpc);
  EXPECT_EQ(server->metrics.url, "http://c:4317/v1/metrics");
  variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "c:4317";
  EXPECT_EQ(read_otel_options(environment, true)->traces.url, "https://c:4317");
  variables["OTEL_EXPORTER_OTLP_TRACES_INSECURE"] = "true";
  EXPECT_EQ(read_otel_options(environment, true)->traces.url, "http://c:4317");
  variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "";
  variables["OTEL_TRACES_EXPORTER"] = "otlp";
  EXPECT_EQ(read_otel_options(environment, true)->traces.url, "http://localhost:4317");
}

TEST(OtelOptions, ContentIsHiddenAsThePeerHidesIt) {
  const OtelOptions shown = read({{"OTEL_TRACES_EXPORTER", "console"}});
  EXPECT_TRUE(shown.tracing.keeps_content);
  EXPECT_EQ(shown.spans.content.base64_image_max, 32'000u);
  EXPECT_EQ(shown.spans.limits.attributes, SIZE_MAX) << "messages take many";
  const OtelOptions hidden = read({{"OPENINFERENCE_HIDE_INPUTS", "true"}, {"OPENINFERENCE_HIDE_OUTPUTS", "True"},
                                   {"OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH", "0"}});
  EXPECT_EQ(hidden.spans.limits.attributes, 128u);
  EXPECT_EQ(hidden.spans.content.base64_image_max, 0u);
  EXPECT_TRUE(hidden.tracing.keeps_content) << "for what the model is called with";
  EXPECT_FALSE(read({{"OPENINFERENCE_HIDE_INPUTS", "true"},
                     {"OPENINFERENCE_HIDE_OUTPUTS", "true"},
                     {"OPENINFERENCE_HIDE_LLM_INVOCATION_PARAMETERS", "true"}})
                   .tracing.keeps_content);
  EXPECT_FALSE(read({{"AI_GATEWAY_TRACING_SEMCONV", "gen_ai"}}).spans.content.capture_messages);
  const OtelOptions captured = read({{"AI_GATEWAY_TRACING_SEMCONV", "gen_ai"},
                                     {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"},
                                     {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "10"}});
  EXPECT_TRUE(captured.spans.content.capture_messages);
  EXPECT_EQ(captured.spans.limits.attributes, 128u);
  EXPECT_EQ(captured.spans.limits.value_characters, 10u);
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
  EXPECT_EQ(read({{"AI_GATEWAY_TRACING_SEMCONV", "gen_ai"}}).spans.semconv, observe::Semconv::gen_ai);
  EXPECT_FALSE(read_otel_options([](const char* name) {
    return std::string(name) == "AI_GATEWAY_TRACING_SEMCONV" ? "other" : "";
  }));
}

}  // namespace
}  // namespace aigw::runtime
