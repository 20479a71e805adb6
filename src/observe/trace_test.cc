#include "observe/trace.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace aigw::observe {
namespace {

// Headers, as the tracer reads them.
using Headers = std::map<std::string, std::string, std::less<>>;
ReadHeader reading(const Headers& headers) {
  return [&headers](Bytes name) {
    const auto found = headers.find(name);
    return found == headers.end() ? Bytes() : Bytes(found->second);
  };
}
TraceContext start(Tracer& tracer, const Headers& headers = {}) { return tracer.start(reading(headers)); }

constexpr Bytes kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Traceparent, IsReadAndTakenOver) {
  Tracer tracer({}, 1);
  const TraceContext context = start(tracer, {{"traceparent", std::string(kParent)}});
  EXPECT_TRUE(context.sampled);
  EXPECT_EQ(to_hex(context.trace_id.data(), 16), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(to_hex(context.parent_id.data(), 8), "b7ad6b7169203331");
  const auto header = to_traceparent(context);
  const std::string out(header.begin(), header.end());
  EXPECT_EQ(out.substr(0, 36), kParent.substr(0, 36));
  EXPECT_NE(out, kParent) << "the span has an id of its own";
}

TEST(Traceparent, WhatIsNoneIsRefused) {
  TraceContext context;
  EXPECT_TRUE(parse_traceparent(kParent, context));
  EXPECT_TRUE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", context));
  for (const char* bad : {"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                          "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                          "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-x1"}) {
    EXPECT_FALSE(parse_traceparent(bad, context)) << bad;
  }
}

TEST(B3, IsReadInBothItsForms) {
  TraceOptions options;
  options.propagators = {.tracecontext = false, .b3 = true, .b3multi = true};
  Tracer tracer(options, 1);
  const Headers single = {{"b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0-05e3ac9a4f6e3b90"}};
  EXPECT_FALSE(start(tracer, single).sampled);
  EXPECT_EQ(to_b3(start(tracer, single)).substr(0, 33), "80f198ee56343ba864fe8b2a57d3eff7-");
  const TraceContext context =
      start(tracer, {{"x-b3-traceid", "64fe8b2a57d3eff7"}, {"x-b3-spanid", "e457b5a2e4d86bd1"}});
  EXPECT_TRUE(context.sampled);
  EXPECT_EQ(to_hex(context.trace_id.data(), 16), "000000000000000064fe8b2a57d3eff7");
}

TEST(Jaeger, IsRead) {
  TraceContext context;
  ASSERT_TRUE(parse_jaeger("f198ee56343ba864fe8b2a57d3eff7:e457b5a2e4d86b:0:3", context));
  EXPECT_EQ(to_hex(context.trace_id.data(), 16), "00f198ee56343ba864fe8b2a57d3eff7");
  EXPECT_EQ(to_hex(context.parent_id.data(), 8), "00e457b5a2e4d86b");
  EXPECT_TRUE(context.sampled);
  for (const char* bad : {"", "f1:e4:0", "f1:e4:0:1:2", "0:e4:0:1", "f1:0:0:1", "f1:e4:0:", "f1:e4:0:x", ":::",
                          "0af7651916cd43dd8448eb211c80319c0:e4:0:1"}) {
    EXPECT_FALSE(parse_jaeger(bad, context)) << bad;
  }
}

TEST(XRay, IsReadInAnyOrder) {
  TraceContext context;
  ASSERT_TRUE(parse_xray("Sampled=1;Root=1-5759e988-bd862e3fe1be46a994272793; Parent=53995c3f42cd8ad8", context));
  EXPECT_EQ(to_hex(context.trace_id.data(), 16), "5759e988bd862e3fe1be46a994272793");
  EXPECT_EQ(to_hex(context.parent_id.data(), 8), "53995c3f42cd8ad8");
  EXPECT_TRUE(context.sampled);
  for (const char* bad : {"", ";", "Root=1-5759e988-bd862e3fe1be46a994272793", "Parent=53995c3f42cd8ad8",
                          "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
                          "Root=1-5759e988-bd862e3fe1be46a99427279;Parent=53995c3f42cd8ad8"}) {
    EXPECT_FALSE(parse_xray(bad, context)) << bad;
  }
}

// What one gateway writes another one reads, in every form.
TEST(Tracer, ReadsWhatItWrites) {
  using Form = bool Propagators::*;
  for (const Form form : {&Propagators::tracecontext, &Propagators::b3, &Propagators::b3multi, &Propagators::jaeger,
                          &Propagators::xray, &Propagators::ottrace}) {
    for (const Sampler sampler : {Sampler::always_on, Sampler::always_off}) {
      TraceOptions options;
      options.propagators.tracecontext = false;
      options.propagators.*form = true;
      options.sampler = sampler;
      Tracer tracer(options, 1);
      const TraceContext above = start(tracer);
      Headers headers;
      tracer.inject(above, [&](Bytes name, Bytes value) { headers[std::string(name)] = value; });
      ASSERT_FALSE(headers.empty());
      const TraceContext below = start(tracer, headers);
      EXPECT_EQ(below.parent_id, above.span_id) << headers.begin()->first;
      EXPECT_EQ(below.sampled, above.sampled) << headers.begin()->first;
      // The lower half is what every form carries.
      EXPECT_TRUE(std::equal(below.trace_id.begin() + 8, below.trace_id.end(), above.trace_id.begin() + 8));
    }
  }
}

TEST(Tracer, IdsAreNeverTheSame) {
  Tracer tracer({}, 7);
  std::set<std::string> seen;
  for (int i = 0; i < 10000; ++i) {
    const TraceContext context = start(tracer);
    EXPECT_TRUE(seen.insert(to_hex(context.trace_id.data(), 16)).second);
    EXPECT_TRUE(seen.insert(to_hex(context.span_id.data(), 8)).second);
  }
}

TEST(Tracer, SamplesTheShareThatItIsTold) {
  TraceOptions options;
  options.sampler = Sampler::ratio;
  options.ratio = 0.25;
  Tracer tracer(options, 3);
  int sampled = 0;
  for (int i = 0; i < 10000; ++i) sampled += start(tracer).sampled ? 1 : 0;
  EXPECT_NEAR(sampled, 2500, 250);
  const Headers parent = {{"traceparent", std::string(kParent)}};
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(start(tracer, parent).sampled) << "the parent decides";
}

TEST(Tracer, MayIgnoreItsParent) {
  TraceOptions options;
  options.sampler = Sampler::always_off;
  options.parent_decides = false;
  const Headers parent = {{"traceparent", std::string(kParent)}};
  Tracer tracer(options, 1);
  EXPECT_FALSE(start(tracer, parent).sampled);
}

}  // namespace
}  // namespace aigw::observe
