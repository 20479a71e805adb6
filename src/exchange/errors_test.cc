#include "exchange/errors.h"

#include <gtest/gtest.h>

namespace aigw::exchange {
namespace {

TEST(Errors, TheConstantBodyIsWhatWouldBeWritten) {
  using endpoint::Dialect;
  for (Dialect dialect :
       {Dialect::openai, Dialect::responses, Dialect::anthropic, Dialect::cohere, Dialect::gemini,
        Dialect::converse}) {
    EXPECT_EQ(failed_body(dialect), error_body(dialect, 500, "the gateway failed"));
  }
}

}  // namespace
}  // namespace aigw::exchange
