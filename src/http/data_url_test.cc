#include "http/data_url.h"

#include <gtest/gtest.h>

namespace aigw::http {
namespace {

TEST(DataUrl, GivesTypeAndBase64) {
  const std::optional<DataUrl> plain = read_data_url("data:image/png;base64,iVBO");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->media_type, "image/png");
  EXPECT_EQ(plain->base64, "iVBO");
  const std::optional<DataUrl> with = read_data_url("data:text/plain;charset=utf-8;base64,aGk=");
  ASSERT_TRUE(with.has_value());
  EXPECT_EQ(with->media_type, "text/plain");
  const std::optional<DataUrl> bare = read_data_url("data:;base64,");
  ASSERT_TRUE(bare.has_value());
  EXPECT_EQ(bare->media_type, "");
  EXPECT_EQ(bare->base64, "");
}

TEST(DataUrl, IsNothingElse) {
  for (const char* url : {"", "data:", "data:text/plain,hi", "data:image/png;base64", "https://h/",
                          "DATA", "xdata:;base64,AA"}) {
    EXPECT_FALSE(read_data_url(url).has_value()) << url;
  }
}

}  // namespace
}  // namespace aigw::http
