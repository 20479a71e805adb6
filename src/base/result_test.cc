#include "base/result.h"

#include <gtest/gtest.h>

namespace aigw {
namespace {

TEST(FailureTraits, StandInTheOrderOfTheKinds) {
  EXPECT_EQ(traits(FailureKind::malformed_request).status, 400);
  EXPECT_EQ(traits(FailureKind::request_too_large).status, 413);
  EXPECT_EQ(traits(FailureKind::unprocessable).status, 422);
  EXPECT_EQ(traits(FailureKind::upstream_timeout).status, 504);
}

TEST(Limit, NamesStandInTheOrderOfTheLimits) {
  EXPECT_STREQ(name_of(Limit::none), "none");
  EXPECT_STREQ(name_of(Limit::json_depth), "json_depth");
  EXPECT_STREQ(name_of(Limit::form_part_headers), "form_part_headers");
  EXPECT_STREQ(name_of(Limit::hub_answer), "hub_answer");
  EXPECT_STREQ(name_of(Limit::sse_event), "sse_event");
  EXPECT_STREQ(name_of(Limit::streamed_image), "streamed_image");
  EXPECT_EQ(static_cast<size_t>(Limit::streamed_image) + 1, kLimits);
}

TEST(FailureTraits, AStatusFindsItsKind) {
  EXPECT_EQ(kind_of_status(503), FailureKind::unavailable);
  EXPECT_EQ(kind_of_status(418), FailureKind::malformed_request);
  EXPECT_EQ(kind_of_status(599), FailureKind::internal);
}

Result<int> half(int n) {
  if (n % 2 != 0) return Failure{FailureKind::malformed_request, "odd"};
  return n / 2;
}

Result<void> try_half(int n) {
  AIGW_TRY(half(n));
  return {};
}

TEST(Result, CarriesAValueOrAFailure) {
  EXPECT_EQ(*half(4), 2);
  EXPECT_EQ(half(3).error().message, "odd");
  EXPECT_TRUE(try_half(2).has_value());
  EXPECT_EQ(try_half(1).error().kind, FailureKind::malformed_request);
}

}  // namespace
}  // namespace aigw
