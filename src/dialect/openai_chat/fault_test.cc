#include "dialect/openai_chat/fault.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace aigw::dialect::openai_chat {
namespace {

std::string passed_on(uint16_t status, Bytes body) {
  json::Parser parser;
  Arena arena(1 << 20);
  return encode_error(decode_error(status, body, "OpenAIBackendError", parser, arena));
}

TEST(Fault, KeepsWhatTheProviderSaid) {
  EXPECT_EQ(passed_on(429, R"({"error":{"message":"slow \"down\"","type":"requests","code":"x",)"
                           R"("param":"p"}})"),
            R"({"type":"error","error":{"type":"requests","code":"429","message":"slow \"down\"",)"
            R"("param":"p"}})");
}

TEST(Fault, TakesTheShapesOfCompatibleServers) {
  EXPECT_EQ(passed_on(400, R"({"object":"error","message":"m","type":"BadRequestError",)"
                           R"("code":400})"),
            R"({"type":"error","error":{"type":"BadRequestError","code":"400","message":"m"}})");
  EXPECT_EQ(passed_on(404, R"({"detail":"Not Found"})"),
            R"({"type":"error","error":{"type":"not_found_error","code":"404",)"
            R"("message":"Not Found"}})");
  EXPECT_EQ(passed_on(401, R"({"error":"who"})"),
            R"({"type":"error","error":{"type":"authentication_error","code":"401",)"
            R"("message":"who"}})");
}

TEST(Fault, WrapsWhatIsNoErrorInJson) {
  for (const char* body : {"<html>", "{", "[1]"}) {
    EXPECT_EQ(passed_on(503, body),
              R"({"type":"error","error":{"type":"OpenAIBackendError","code":"503","message":")" +
                  std::string(body) + "\"}}");
  }
  EXPECT_EQ(passed_on(502, ""),
            R"({"type":"error","error":{"type":"OpenAIBackendError","code":"502"}})");
}

TEST(Fault, CutsLongTextBetweenCharacters) {
  json::Parser parser;
  Arena arena(limits::hub_arena_max(limits::error_text_max));
  std::string body(limits::error_text_max - 1, 'x');
  body += "\xC3\x9F";
  EXPECT_EQ(decode_error(500, body, "T", parser, arena).message.size(), limits::error_text_max - 1);
  const std::string longest(limits::error_text_max, 'x');
  EXPECT_EQ(decode_error(500, longest, "T", parser, arena).message, longest);
  EXPECT_EQ(decode_error(500, longest + "y", "T", parser, arena).message, longest);
}

TEST(Fault, FindsTheStatusInACodeOrAType) {
  const auto status = [](Bytes type, Bytes code) {
    json::Parser parser;
    Arena arena(1 << 20);
    const std::string body = R"({"error":{"type":")" + std::string(type) + R"(","code":)" +
                             std::string(code) + "}}";
    return read_error(parser.parse(body, arena).value(), 0).status;
  };
  EXPECT_EQ(status("overloaded_error", "null"), 529);
  EXPECT_EQ(status("invalid_request_error", "\"model_not_found\""), 404);
  EXPECT_EQ(status("x", "413"), 413);
  EXPECT_EQ(status("x", "\"504\""), 504);
  EXPECT_EQ(status("x", "200"), 500);
}

}  // namespace
}  // namespace aigw::dialect::openai_chat
