#include "dialect/openai_responses/request.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace aigw::dialect::openai_responses {
namespace {

TEST(ResponsesRequest, ReadsModelAndStreamAndReplacesTheModel) {
  const std::string body =
      R"({"input":[{"model":"no","stream":false}],"model":"gpt-5","store":true,"stream":true})";
  Arena arena(limits::exchange_arena_max);
  Request request;
  for (char c : body) ASSERT_TRUE(request.feed(Bytes(&c, 1)));
  ASSERT_TRUE(request.finish(arena));
  EXPECT_EQ(request.model(), "gpt-5");
  EXPECT_TRUE(request.stream());
  json::PatchList patches;
  request.patch_model("\"o3\"", patches);
  json::Patcher patcher(patches);
  std::string out;
  const auto append = [&](Bytes piece) { out += piece; };
  patcher.feed(body, append);
  patcher.finish(append);
  EXPECT_EQ(out, R"({"input":[{"model":"no","stream":false}],"model":"o3","store":true,"stream":true})");
}

TEST(ResponsesRequest, SaysWhereItWasSentWhenItIsNoJson) {
  Request request;
  const Result<void> fed = request.feed("{x");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message.find("malformed request: failed to parse JSON for /v1/responses: "),
            0u);
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
