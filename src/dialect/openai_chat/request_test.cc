#include "dialect/openai_chat/request.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace aigw::dialect::openai_chat {
namespace {

// The request that `body` is, or the message of its failure.
std::string failure_of(Bytes body) {
  Arena arena(limits::exchange_arena_max);
  Request request;
  if (Result<void> fed = request.feed(body); !fed) return fed.error().message;
  Result<void> finished = request.finish(arena);
  return finished ? "" : finished.error().message;
}

std::string with_usage(Bytes body) {
  Arena arena(limits::exchange_arena_max);
  Request request;
  EXPECT_TRUE(request.feed(body));
  EXPECT_TRUE(request.finish(arena));
  json::PatchList patches;
  request.patch_include_usage(patches);
  json::Patcher patcher(patches);
  std::string out;
  const auto append = [&](Bytes piece) { out += piece; };
  patcher.feed(body, append);
  patcher.finish(append);
  return out;
}

TEST(ChatRequest, ReadsModelAndStream) {
  Arena arena(limits::exchange_arena_max);
  Request request;
  ASSERT_TRUE(request.feed(R"({"messages":[{"model":"no"}],"mod\u0065l":"gpt-\u00e9","stream":true})"));
  ASSERT_TRUE(request.finish(arena));
  EXPECT_EQ(request.model(), "gpt-\xc3\xa9");
  EXPECT_TRUE(request.stream());
}

TEST(ChatRequest, RefusesWhatDecidesRoutingAndIsWrong) {
  EXPECT_EQ(failure_of(R"({"messages":[]})"), "invalid request body: model field is required");
  EXPECT_EQ(failure_of(R"({"model":""})"), "invalid request body: model field is required");
  EXPECT_EQ(failure_of(R"({"model":null})"), "invalid request body: model field is required");
  EXPECT_EQ(failure_of(R"({"model":7})"), "invalid request body: model must be a string");
  EXPECT_EQ(failure_of(R"({"model":"a","model":"b"})"),
            "invalid request body: member \"model\" is given more than once");
  EXPECT_EQ(failure_of(R"({"model":"a","stream":"yes"})"), "invalid request body: stream must be a boolean");
  EXPECT_EQ(failure_of(R"({"model":"a\n"})"), "invalid request body: model holds a control character");
  EXPECT_EQ(failure_of("{\"model\":\"a\xff\"}"), "invalid request body: model is not UTF-8");
  EXPECT_EQ(failure_of(R"(["model"])"), "invalid request body: a JSON object is expected");
  EXPECT_TRUE(failure_of(R"({"model")").starts_with(
      "malformed request: failed to parse JSON for /v1/chat/completions: "));
}

TEST(ChatRequest, TakesAModelOfTheLimitAndNotOneByteMore) {
  std::string longest(limits::model_name_max, 'm');
  EXPECT_EQ(failure_of("{\"model\":\"" + longest + "\"}"), "");
  EXPECT_EQ(failure_of("{\"model\":\"" + longest + "m\"}"),
            "invalid request body: model is longer than 256 bytes");
}

TEST(ChatRequest, AsksForUsageInEveryShapeOfStreamOptions) {
  EXPECT_EQ(with_usage(R"({"model":"m" } )"), R"({"model":"m" ,"stream_options":{"include_usage":true}} )");
  EXPECT_EQ(with_usage(R"({"stream_options":{},"model":"m"})"),
            R"({"stream_options":{"include_usage":true},"model":"m"})");
  EXPECT_EQ(with_usage(R"({"stream_options":{"x":1},"model":"m"})"),
            R"({"stream_options":{"x":1,"include_usage":true},"model":"m"})");
  EXPECT_EQ(with_usage(R"({"stream_options":{"include_usage":false},"model":"m"})"),
            R"({"stream_options":{"include_usage":true},"model":"m"})");
  EXPECT_EQ(with_usage(R"({"stream_options":null,"model":"m"})"),
            R"({"stream_options":{"include_usage":true},"model":"m"})");
  EXPECT_EQ(with_usage(R"({"stream_options":{"include_usage":true},"model":"m"})"),
            R"({"stream_options":{"include_usage":true},"model":"m"})");
}

}  // namespace
}  // namespace aigw::dialect::openai_chat
