#include "config/checks.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace aigw::config {
namespace {

using namespace std::chrono_literals;

TEST(Checks, Durations) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  for (const char* bad : {"", "10", "s", "-1s", "1.5s", "1 s", "1d", "9999999999999999999s",
                          "99999999h", "1s1"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Checks, Times) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_time("2025-05-23T10:20:30Z"), 1747995630);
  EXPECT_EQ(parse_time("2025-05-23T12:20:30.123456789+02:00"), 1747995630);
  EXPECT_EQ(parse_time("2024-02-29T00:00:00-00:30"), 1709166600);
  EXPECT_EQ(parse_time("0001-01-01T00:00:00Z"), -62'135'596'800);
  for (const char* bad :
       {"", "2025-05-23", "2025-05-23 10:20:30Z", "2025-05-23T10:20:30", "2025-02-29T00:00:00Z",
        "2025-05-23T24:00:00Z", "2025-05-23T10:20:30.Z", "2025-05-23T10:20:30+2:00",
        "2025-05-23T10:20:30Zx", "25-05-23T10:20:30Z"}) {
    EXPECT_FALSE(parse_time(bad)) << bad;
  }
}

TEST(Checks, HostsAndPorts) {
  const auto port = [](Bytes text) {
    const auto parsed = parse_host_port(text);
    return parsed ? parsed->host + " " + std::to_string(parsed->port.value_or(0)) +
                        (parsed->is_ip ? " ip" : "")
                  : "-";
  };
  EXPECT_EQ(port("127.0.0.1:1975"), "127.0.0.1 1975 ip");
  EXPECT_EQ(port("[::1]:80"), "::1 80 ip");
  EXPECT_EQ(port("[2001:DB8::1]"), "2001:db8::1 0 ip");
  EXPECT_EQ(port("API.openai.com"), "api.openai.com 0");
  EXPECT_EQ(port("localhost:65535"), "localhost 65535");
  for (const char* bad : {"", ":80", "host:", "host:0", "host:65536", "host:+1", "::1", "[::1",
                          "[::1]80", "[host]:80", "a..b", ".a", "a b", "a/b", "user@host"}) {
    EXPECT_EQ(port(bad), "-") << bad;
  }
}

TEST(Checks, ANameOfAHostHasItsLimit) {
  const std::string most(limits::dns_name_max, 'a');
  EXPECT_TRUE(is_dns_name(most));
  EXPECT_FALSE(is_dns_name(most + "a"));
  EXPECT_TRUE(is_host_pattern("*." + most));
  EXPECT_FALSE(is_host_pattern("*." + most + "a"));
}

TEST(Checks, HostPatternsAndAuthorities) {
  for (const char* good : {"example.com", "*.example.com", "localhost", "::1", "[::1]",
                           "10.0.0.1"}) {
    EXPECT_TRUE(is_host_pattern(good)) << good;
  }
  for (const char* bad : {"", "*", "*.", "a.*", "*a.com", "**.com", "a.com:80", "[::1]:80",
                          "a b"}) {
    EXPECT_FALSE(is_host_pattern(bad)) << bad;
  }
  EXPECT_EQ(host_of("a.com:80"), "a.com");
  EXPECT_EQ(host_of("a.com"), "a.com");
  EXPECT_EQ(host_of("[::1]:80"), "::1");
  EXPECT_EQ(host_of("[::1]"), "::1");
  EXPECT_EQ(host_of("::1"), "::1");
  EXPECT_EQ(host_of("[::1"), "[::1");
  EXPECT_EQ(host_of(""), "");
}

TEST(Checks, Names) {
  EXPECT_TRUE(is_token("X-Api_Key.1"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
  EXPECT_FALSE(is_token("a:"));
  EXPECT_FALSE(is_token("h\xc3\xa9"));
  EXPECT_TRUE(is_variable_name("_OPENAI_API_KEY2"));
  EXPECT_FALSE(is_variable_name("2A"));
  EXPECT_FALSE(is_variable_name("A-B"));
  EXPECT_FALSE(is_variable_name(""));
  EXPECT_FALSE(is_header_value("a\nb"));
  EXPECT_FALSE(is_header_value(Bytes("a\0b", 3)));
  EXPECT_TRUE(is_header_value("a\tb"));
}

}  // namespace
}  // namespace aigw::config
