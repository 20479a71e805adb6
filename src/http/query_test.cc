#include "http/query.h"

#include <gtest/gtest.h>

namespace aigw::http {
namespace {

TEST(Query, ParametersAreFoundByTheirWholeName) {
  EXPECT_EQ(query_parameter("/p?a=1&ab=2&a=3", "a"), "1");
  EXPECT_EQ(query_parameter("/p?a=1&ab=2", "ab"), "2");
  EXPECT_EQ(query_parameter("/p?x=a=b&&y", "x"), "a=b");
  EXPECT_EQ(query_parameter("/p?x&y=", "x"), "");
  EXPECT_EQ(query_parameter("/p?x&y=", "y"), "");
  EXPECT_EQ(query_parameter("/p?x=1", "p"), std::nullopt);
  EXPECT_EQ(query_parameter("/a=1", "a"), std::nullopt);
  EXPECT_EQ(query_parameter("/p?", ""), std::nullopt);
}

TEST(Query, EscapesAreBytes) {
  EXPECT_EQ(percent_decoded("a%2Fb%c3%a9"), "a/b\xc3\xa9");
  EXPECT_EQ(percent_decoded("100%"), "100%");
  EXPECT_EQ(percent_decoded("%2"), "%2");
  EXPECT_EQ(percent_decoded("%zz+%41"), "%zz+A");
}

}  // namespace
}  // namespace aigw::http
