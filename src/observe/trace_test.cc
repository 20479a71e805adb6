#include "observe/trace.h"

#include <gtest/gtest.h>

#include <set>

namespace aigw::observe {
namespace {

constexpr Bytes kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Traceparent, IsReadAndTakenOver) {
  Tracer tracer({}, 1);
  IncomingTrace incoming;
  incoming.traceparent = kParent;
  const TraceContext context = tracer.start(incoming);
  EXPECT_TRUE(context.sampled);
  EXPECT_EQ(to_hex(context.trace_id.data(), 16), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(to_hex(context.parent_id.data(), 8), "b7ad6b7169203331");
  const std::string out = to_traceparent(context);
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
  IncomingTrace single;
  single.b3 = "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0-05e3ac9a4f6e3b90";
  EXPECT_FALSE(tracer.start(single).sampled);
  EXPECT_EQ(to_b3(tracer.start(single)).substr(0, 33), "80f198ee56343ba864fe8b2a57d3eff7-");
  IncomingTrace multi;
  multi.b3_trace_id = "64fe8b2a57d3eff7";
  multi.b3_span_id = "e457b5a2e4d86bd1";
  const TraceContext context = tracer.start(multi);
  EXPECT_TRUE(context.sampled);
  EXPECT_EQ(to_hex(context.trace_id.data(), 16), "000000000000000064fe8b2a57d3eff7");
}

TEST(Tracer, IdsAreNeverTheSame) {
  Tracer tracer({}, 7);
  std::set<std::string> seen;
  for (int i = 0; i < 10000; ++i) {
    const TraceContext context = tracer.start({});
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
  for (int i = 0; i < 10000; ++i) sampled += tracer.start({}).sampled ? 1 : 0;
  EXPECT_NEAR(sampled, 2500, 250);
  IncomingTrace parent;
  parent.traceparent = kParent;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(tracer.start(parent).sampled) << "the parent decides";
}

TEST(Tracer, MayIgnoreItsParent) {
  TraceOptions options;
  options.sampler = Sampler::always_off;
  options.parent_decides = false;
  IncomingTrace parent;
  parent.traceparent = kParent;
  EXPECT_FALSE(Tracer(options, 1).start(parent).sampled);
}

}  // namespace
}  // namespace aigw::observe
