#include "dialect/openai_responses/echo.h"

#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/limits.h"

namespace aigw::dialect::openai_responses {
namespace {

std::string echo(Bytes body) {
  json::Parser parser;
  Arena arena(limits::hub_arena_max(1 << 20));
  Result<json::Value> root = parser.parse(body, arena);
  return root ? request_echo(*root) : root.error().message;
}

TEST(Echo, SaysWhatIsMeantWhereNothingWasSaid) {
  EXPECT_EQ(echo("{}"),
            R"("instructions":null,"max_output_tokens":null,"max_tool_calls":null,"metadata":{},)"
            R"("parallel_tool_calls":true,"reasoning":{"effort":null,"summary":null},)"
            R"("temperature":null,"text":{"format":{"type":"text"}},"tool_choice":"auto",)"
            R"("tools":[],"top_p":null,"truncation":"disabled","user":null)");
}

TEST(Echo, RepeatsWhatWasSaidOnOneLine) {
  EXPECT_EQ(echo("{\"model\":\"m\",\"tools\":[\n{\"type\":\"function\",\r\n\"name\":\"f\"}],"
                 "\"temperature\":0.70,\"instructions\":\"a\\nb\",\"metadata\":null,\"x\":1}"),
            R"("instructions":"a\nb","max_output_tokens":null,"max_tool_calls":null,"metadata":{},)"
            R"("parallel_tool_calls":true,"reasoning":{"effort":null,"summary":null},)"
            R"("temperature":0.70,"text":{"format":{"type":"text"}},"tool_choice":"auto",)"
            R"("tools":[{"type":"function","name":"f"}],"top_p":null,"truncation":"disabled",)"
            R"("user":null)");
}

TEST(Echo, LeavesOutWhatIsTooLarge) {
  const std::string fits(limits::responses_echo_max - 2, 'a');
  EXPECT_NE(echo(R"({"instructions":")" + fits + "\"}").find(fits), std::string::npos);
  const std::string larger = fits + "a";
  const std::string text = echo(R"({"user":"u","instructions":")" + larger + "\"}");
  EXPECT_EQ(text.find("\"instructions\":null,"), 0u);
  EXPECT_NE(text.find("\"user\":\"u\""), std::string::npos);
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
