#include "credential/answer.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace aigw::credential {
namespace {

TEST(TokenAnswer, ARefusalNamesACodeUpToTheLimit) {
  const std::string most(limits::token_error_code_max, 'c');
  const auto said = [](const std::string& body) {
    return refusal("the service", {400, Secret(body)}).message;
  };
  const std::string named = "the service answers 400 (" + most + ")";
  EXPECT_EQ(said(R"({"error":")" + most + "\"}"), named);
  EXPECT_EQ(said(R"({"error":")" + most + "c\"}"), "the service answers 400");
  EXPECT_EQ(said("<E><Code>" + most + "</Code></E>"), named);
  EXPECT_EQ(said("<E><Code>" + most + "c</Code></E>"), "the service answers 400");
}

}  // namespace
}  // namespace aigw::credential
