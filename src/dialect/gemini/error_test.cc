#include "dialect/gemini/error.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "dialect/gemini/test_support.h"

namespace aigw::dialect::gemini {
namespace {

std::string decoded(uint16_t status, Bytes body) {
  Room room;
  const chat::event::Fault fault = decode_error(status, body, room.parser, room.arena);
  return std::to_string(fault.status) + " " + std::string(fault.type) + " " +
         std::string(fault.message);
}

TEST(GeminiError, OfABackend) {
  EXPECT_EQ(decoded(429, R"({"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}})"),
            "429 RESOURCE_EXHAUSTED slow");
  EXPECT_EQ(decoded(400, R"([{"error":{"code":404,"message":"m","status":"S","details":[{"a": 1}]}}])"),
            "400 S Error: m\nDetails: [{\"a\": 1}]");
  EXPECT_EQ(decoded(500, R"({"other":1})"), "500  ");
  EXPECT_EQ(decoded(502, "<html>"), "502 GCPVertexAIBackendError <html>");
}

TEST(GeminiError, OneThatIsNoJsonIsCut) {
  const std::string longest(limits::error_text_max, 'x');
  EXPECT_EQ(decoded(502, longest), "502 GCPVertexAIBackendError " + longest);
  EXPECT_EQ(decoded(502, longest + "y"), "502 GCPVertexAIBackendError " + longest);
}

TEST(GeminiError, InAStreamTheStatusIsItsOwn) {
  Room room;
  const auto status = [&](Bytes body) { return read_error(room.parse(body), room.arena).status; };
  EXPECT_EQ(status(R"({"error":{"code":503}})"), 503);
  EXPECT_EQ(status(R"({"error":{"code":8,"status":"RESOURCE_EXHAUSTED"}})"), 429);
  EXPECT_EQ(status(R"({"error":{"status":"NEW"}})"), 500);
  EXPECT_FALSE(is_error(room.parse(R"({"error":null})")));
}

TEST(GeminiError, ForAClient) {
  EXPECT_EQ(error_body(400, "no \"model\""),
            R"({"error":{"code":400,"message":"no \"model\"","status":"INVALID_ARGUMENT"}})");
  EXPECT_EQ(error_status_name(429), "RESOURCE_EXHAUSTED");
  EXPECT_EQ(error_status_name(413), "INVALID_ARGUMENT");
  EXPECT_EQ(error_status_name(502), "UNAVAILABLE");
  EXPECT_EQ(error_status_name(529), "UNAVAILABLE");
  EXPECT_EQ(error_status_name(599), "INTERNAL");
}

}  // namespace
}  // namespace aigw::dialect::gemini
