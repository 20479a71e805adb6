#include "exchange/errors.h"

#include <gtest/gtest.h>

#include "base/limits.h"

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

TEST(Errors, WhatAMessageQuotesIsCutAtTheLimit) {
  const std::string fits(limits::quoted_in_error_max, 'q');
  EXPECT_EQ(exchange::quoted(fits), fits);
  EXPECT_EQ(exchange::quoted(fits + "q"), fits + "…");
}

}  // namespace
}  // namespace aigw::exchange
