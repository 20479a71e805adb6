#include "dialect/anthropic/error.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace aigw::dialect::anthropic {
namespace {

TEST(AnthropicError, IsJsonWhateverTheMessageQuotes) {
  EXPECT_EQ(error_body(429, "after \"a\\b\"\n\x01"),
            R"({"error":{"message":"after \"a\\b\"\n\u0001","type":"rate_limit_error"},)"
            R"("request_id":"","type":"error"})");
}

TEST(AnthropicError, HasTheTypesOfTheApi) {
  EXPECT_EQ(error_type(400), "invalid_request_error");
  EXPECT_EQ(error_type(401), "authentication_error");
  EXPECT_EQ(error_type(403), "permission_error");
  EXPECT_EQ(error_type(404), "not_found_error");
  EXPECT_EQ(error_type(413), "request_too_large");
  EXPECT_EQ(error_type(422), "invalid_request_error");
  EXPECT_EQ(error_type(429), "rate_limit_error");
  EXPECT_EQ(error_type(500), "internal_server_error");
  EXPECT_EQ(error_type(502), "internal_server_error");
  EXPECT_EQ(error_type(503), "service_unavailable_error");
  EXPECT_EQ(error_type(529), "overloaded_error");
}

TEST(AnthropicError, EveryTypeLeadsToItsStatusAndBack) {
  for (uint32_t status : {400u, 401u, 403u, 404u, 413u, 429u, 500u, 503u, 529u}) {
    EXPECT_EQ(error_status(error_type(status)), status);
  }
  EXPECT_EQ(error_status("api_error"), 500);
  EXPECT_EQ(error_status("billing_error"), 402);
  EXPECT_EQ(error_status("timeout_error"), 504);
  EXPECT_EQ(error_status("something_else"), 500);
}

TEST(AnthropicError, ReadsAProvidersErrorOfAnyShape) {
  const auto read = [](Bytes body) {
    Arena arena(limits::hub_arena_max(1 << 20));
    json::Parser parser;
    const chat::event::Fault fault = decode_error(400, body, parser, arena);
    EXPECT_EQ(fault.status, 400);
    return std::string(fault.type) + "|" + std::string(fault.message);
  };
  EXPECT_EQ(read(R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})"),
            "overloaded_error|Busy");
  EXPECT_EQ(read(R"({"message":"The model is not there"})"), "|The model is not there");
  EXPECT_EQ(read("<html>"), "|<html>");
  EXPECT_EQ(read(""), "|");
  const std::string longest(limits::error_text_max, 'x');
  EXPECT_EQ(read(longest), "|" + longest);
  EXPECT_EQ(read(longest + "y"), "|" + longest);
}

}  // namespace
}  // namespace aigw::dialect::anthropic
