#include "dialect/bedrock_converse/error.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace aigw::dialect::bedrock_converse {
namespace {

TEST(Error, StatusOfExceptions) {
  EXPECT_EQ(error_status("throttlingException"), 429);
  EXPECT_EQ(error_status("ThrottlingException:http://internal.amazon.com/coral/"), 429);
  EXPECT_EQ(error_status("com.amazon.bedrock#ValidationException"), 400);
  EXPECT_EQ(error_status("AccessDeniedException"), 403);
  EXPECT_EQ(error_status("modelStreamErrorException"), 500);
  EXPECT_EQ(error_status("serviceUnavailableException"), 503);
  EXPECT_EQ(error_status("internalServerException"), 500);
  EXPECT_EQ(error_status("throttling"), 500);
  EXPECT_EQ(error_status(""), 500);
}

TEST(Error, DecodesReplies) {
  Arena arena(1 << 20);
  json::Parser parser;
  const auto decode = [&](Bytes type, Bytes body) {
    return decode_error(429, type, body, parser, arena);
  };
  chat::event::Fault fault = decode("ThrottlingException:http://x/", R"({"message":"too \"many\""})");
  EXPECT_EQ(fault.status, 429);
  EXPECT_EQ(fault.type, "ThrottlingException:http://x/");
  EXPECT_EQ(fault.message, "too \"many\"");

  fault = decode("", R"({"Message":"with a capital"})");
  EXPECT_EQ(fault.type, "");
  EXPECT_EQ(fault.message, "with a capital");

  EXPECT_EQ(decode("X", R"({"other":1})").message, R"({"other":1})");
  EXPECT_EQ(decode("X", R"({"message":7})").message, R"({"message":7})");

  fault = decode("X", "<html>no</html>");
  EXPECT_EQ(fault.type, "AWSBedrockBackendError");
  EXPECT_EQ(fault.message, "<html>no</html>");
  EXPECT_EQ(decode("X", "").message, "");
  const std::string longest(limits::error_text_max, 'x');
  EXPECT_EQ(decode("X", longest).message, longest);
  EXPECT_EQ(decode("X", longest + "y").message, longest);
}

}  // namespace
}  // namespace aigw::dialect::bedrock_converse
