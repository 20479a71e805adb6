#include "dialect/anthropic/request.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace aigw::dialect::anthropic {
namespace {

// The message of the failure that `body` is; empty for a request.
std::string failure_of(Bytes body) {
  Arena arena(limits::exchange_arena_max);
  Request request;
  if (Result<void> fed = request.feed(body); !fed) return fed.error().message;
  const Result<void> finished = request.finish(arena);
  return finished ? "" : finished.error().message;
}

TEST(MessagesRequest, ReadsModelStreamAndMaxTokensAtEveryChunking) {
  const Bytes body =
      R"({"messages":[{"model":"no"}],"mod\u0065l":"claude-\u00e9","stream":true,"max_tokens":9})";
  for (size_t chunk = 1; chunk <= body.size(); ++chunk) {
    Arena arena(limits::exchange_arena_max);
    Request request;
    for (size_t at = 0; at < body.size(); at += chunk) {
      ASSERT_TRUE(request.feed(body.substr(at, chunk)));
    }
    ASSERT_TRUE(request.finish(arena));
    EXPECT_EQ(request.model(), "claude-\xc3\xa9");
    EXPECT_TRUE(request.stream());
    EXPECT_TRUE(request.has_max_tokens());
  }
}

TEST(MessagesRequest, KnowsWhenMaxTokensIsMissing) {
  for (Bytes body : {Bytes(R"({"model":"m"})"), Bytes(R"({"model":"m","max_tokens":null})")}) {
    Arena arena(limits::exchange_arena_max);
    Request request;
    ASSERT_TRUE(request.feed(body));
    ASSERT_TRUE(request.finish(arena));
    EXPECT_FALSE(request.has_max_tokens());
    EXPECT_FALSE(request.stream());
  }
}

TEST(MessagesRequest, RefusesWhatDecidesRoutingAndIsWrong) {
  EXPECT_EQ(failure_of(R"({"messages":[]})"), "invalid request body: model field is required");
  EXPECT_EQ(failure_of(R"({"model":""})"), "invalid request body: model field is required");
  EXPECT_EQ(failure_of(R"({"model":null})"), "invalid request body: model field is required");
  EXPECT_EQ(failure_of(R"({"model":7})"), "invalid request body: model must be a string");
  EXPECT_EQ(failure_of(R"({"model":"a","model":"b"})"),
            "invalid request body: member \"model\" is given more than once");
  EXPECT_EQ(failure_of(R"({"model":"a","stream":"yes"})"),
            "invalid request body: stream must be a boolean");
  EXPECT_EQ(failure_of(R"({"model":"a\n"})"),
            "invalid request body: model holds a control character");
  EXPECT_EQ(failure_of(R"(["model"])"), "invalid request body: a JSON object is expected");
  EXPECT_TRUE(failure_of(R"({"model")")
                  .starts_with("malformed request: failed to parse JSON for /v1/messages: "));
}

TEST(MessagesRequest, TakesAModelOfTheLimitAndNotOneByteMore) {
  const std::string longest(limits::model_name_max, 'm');
  EXPECT_EQ(failure_of("{\"model\":\"" + longest + "\"}"), "");
  EXPECT_EQ(failure_of("{\"model\":\"" + longest + "m\"}"),
            "invalid request body: model is longer than 256 bytes");
}

TEST(MessagesRequest, PutsAnotherModelInPlace) {
  const Bytes body = R"({"max_tokens":1,"model" : "a" ,"metadata":{"x":1}})";
  Arena arena(limits::exchange_arena_max);
  Request request;
  ASSERT_TRUE(request.feed(body));
  ASSERT_TRUE(request.finish(arena));
  json::PatchList patches;
  request.patch_model("\"bb\"", patches);
  json::Patcher patcher(patches);
  std::string out;
  const auto append = [&](Bytes piece) { out += piece; };
  patcher.feed(body, append);
  patcher.finish(append);
  EXPECT_EQ(out, R"({"max_tokens":1,"model" : "bb" ,"metadata":{"x":1}})");
}

}  // namespace
}  // namespace aigw::dialect::anthropic
