#include "net/url.h"

#include <gtest/gtest.h>

namespace aigw::net {
namespace {

std::string shown(Bytes text) {
  const Result<Url> url = parse_url(text);
  if (!url) return url.error().message;
  return std::string(url->tls ? "tls " : "plain ") + url->host + " " + std::to_string(url->port) +
         " " + url->target + " " + url->authority();
}

TEST(Url, Parts) {
  EXPECT_EQ(shown("https://STS.Amazonaws.com"), "tls sts.amazonaws.com 443 / sts.amazonaws.com");
  EXPECT_EQ(shown("HTTP://127.0.0.1:8080/a/b?c=d#e"), "plain 127.0.0.1 8080 /a/b?c=d 127.0.0.1:8080");
  EXPECT_EQ(shown("http://[fd00:ec2::23]/v1?x"), "plain fd00:ec2::23 80 /v1?x [fd00:ec2::23]");
  EXPECT_EQ(shown("https://h:443?q=1"), "tls h 443 /?q=1 h");
}

TEST(Url, Refusals) {
  for (Bytes text : {"", "ftp://h", "h/path", "https://", "http://u:p@h/", "http://h:0/", "http://h:x",
                     "http://h:65536", "http://[::1/", "http://[::1]x/", "http://h/\r\nx: y", "http://h i/"}) {
    EXPECT_TRUE(shown(text).starts_with("not a usable URL")) << text;
  }
}

TEST(Url, PercentEncoding) {
  EXPECT_EQ(percent_encoded("aZ09-_.~"), "aZ09-_.~");
  EXPECT_EQ(percent_encoded("a b+c/=&\xc3\xa9"), "a%20b%2Bc%2F%3D%26%C3%A9");
}

}  // namespace
}  // namespace aigw::net
