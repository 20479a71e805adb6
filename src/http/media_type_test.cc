#include "http/media_type.h"

#include <gtest/gtest.h>

namespace aigw::http {
namespace {

TEST(MediaType, ParametersAndCaseDoNotMatter) {
  EXPECT_TRUE(is_json("application/json"));
  EXPECT_TRUE(is_json("Application/JSON; charset=utf-8"));
  EXPECT_TRUE(is_json("application/problem+json"));
  EXPECT_FALSE(is_json("text/json5"));
  EXPECT_FALSE(is_json(""));
  EXPECT_TRUE(is_event_stream("text/event-stream;charset=utf-8"));
  EXPECT_FALSE(is_event_stream("text/event-streams"));
}

TEST(AcceptEncoding, NamesStarsAndQualities) {
  EXPECT_TRUE(accepts_coding("gzip, deflate", "gzip"));
  EXPECT_TRUE(accepts_coding("br;q=1.0, GZIP;q=0.5", "gzip"));
  EXPECT_TRUE(accepts_coding("*", "gzip"));
  EXPECT_FALSE(accepts_coding("gzip;q=0, *", "gzip"));
  EXPECT_FALSE(accepts_coding("gzip; q=0.000", "gzip"));
  EXPECT_FALSE(accepts_coding("br", "gzip"));
  EXPECT_FALSE(accepts_coding("", "gzip"));
}

TEST(AcceptEncoding, OtherCodingsAreSeen) {
  const Bytes known[] = {"gzip", "deflate"};
  EXPECT_TRUE(accepts_only("gzip, deflate", known));
  EXPECT_TRUE(accepts_only("GZIP;q=0.5,identity", known));
  EXPECT_TRUE(accepts_only("", known));
  EXPECT_FALSE(accepts_only("gzip, deflate, br", known));
  EXPECT_FALSE(accepts_only("zstd", known));
  EXPECT_FALSE(accepts_only("*", known));
}

TEST(Parameter, IsReadWithoutQuotes) {
  EXPECT_EQ(parameter("multipart/form-data; boundary=abc", "boundary"), "abc");
  EXPECT_EQ(parameter("multipart/form-data;charset=utf-8 ; BOUNDARY = \"a;b=\\\"c\" ;x", "boundary"), "a;b=\"c");
  EXPECT_EQ(parameter("form-data; name=\"fi\\le\"; filename=\"name=x\"", "name"), "file");
  EXPECT_EQ(parameter("form-data; filename=\"; name=model\"", "name"), std::nullopt);
  EXPECT_EQ(parameter("form-data; xname=a; name", "name"), "");
  EXPECT_EQ(parameter("form-data; name=\"open", "name"), "open");
  EXPECT_EQ(parameter("boundary=abc", "boundary"), std::nullopt);
  EXPECT_EQ(parameter("a;;;", "boundary"), std::nullopt);
}

}  // namespace
}  // namespace aigw::http
