#include "dialect/anthropic/models.h"

#include <gtest/gtest.h>

namespace aigw::dialect::anthropic {
namespace {

TEST(AnthropicModels, ListsThemAsTheApiDoes) {
  const ListedModel models[] = {{.id = "a", .display_name = "A", .created = 1'709'209'845},
                                {.id = "b\"", .created = 0}};
  EXPECT_EQ(models_body(models, false),
            R"({"data":[{"id":"a","type":"model","display_name":"A",)"
            R"("created_at":"2024-02-29T12:30:45Z"},{"id":"b\"","type":"model",)"
            R"("display_name":"b\"","created_at":"1970-01-01T00:00:00Z"}],)"
            R"("has_more":false,"first_id":"a","last_id":"b\""})");
}

TEST(AnthropicModels, AnEmptyListHasNoFirstAndLast) {
  EXPECT_EQ(models_body({}, false), R"({"data":[],"has_more":false})");
}

TEST(AnthropicModels, SaysWhetherThereAreMore) {
  const ListedModel models[] = {{.id = "a"}};
  EXPECT_NE(models_body(models, true).find(R"("has_more":true,"first_id":"a")"), std::string::npos);
}

TEST(AnthropicModels, ATimeOutsideOfFourDigitYearsIsTheNearestInside) {
  const ListedModel models[] = {{.id = "a", .created = INT64_MAX}};
  EXPECT_NE(models_body(models, true).find("9999-12-31T23:59:59Z"), std::string::npos);
}

}  // namespace
}  // namespace aigw::dialect::anthropic
