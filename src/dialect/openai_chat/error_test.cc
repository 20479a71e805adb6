#include "dialect/openai_chat/error.h"

#include <gtest/gtest.h>

namespace aigw::dialect::openai_chat {
namespace {

TEST(ErrorBody, IsJsonWhateverTheMessageQuotes) {
  EXPECT_EQ(
      error_body(400, "BadRequest", "expected ':' after \"a\\b\"\n\x01"),
      R"({"type":"error","error":{"type":"BadRequest","code":"400","message":"expected ':' after \"a\\b\"\n\u0001"}})");
}

}  // namespace
}  // namespace aigw::dialect::openai_chat
