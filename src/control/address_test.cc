#include "control/address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace aigw::control {
namespace {

TEST(Address, IsReadAndWritten) {
  const std::pair<const char*, Address> cases[] = {
      {"127.0.0.1:1975", {"127.0.0.1", 1975}},
      {"[::1]:0", {"::1", 0}},
      {"localhost:80", {"127.0.0.1", 80}},
      {":80", {"0.0.0.0", 80}},
  };
  for (const auto& [text, address] : cases) EXPECT_EQ(*parse_address(text), address) << text;
  EXPECT_EQ(to_string({"::1", 80}), "[::1]:80");
  EXPECT_EQ(to_string({"10.0.0.1", 80}), "10.0.0.1:80");
}

TEST(Address, RefusesWhatNobodyCanListenOn) {
  for (const char* text : {"", "1975", "host:1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "::1:80", "[::1]", "127.0.0.1:80x"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(Address, KnowsLoopback) {
  EXPECT_TRUE(is_loopback({"127.1.2.3", 1}));
  EXPECT_TRUE(is_loopback({"::1", 1}));
  EXPECT_FALSE(is_loopback({"0.0.0.0", 1}));
  EXPECT_FALSE(is_loopback({"::", 1}));
}

// A socket that is bound to the loopback port, or to any free one, and lets others be bound to it until one listens.
int bound_to(sockaddr_in& name) {
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  socklen_t size = sizeof name;
  EXPECT_EQ(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&name), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size), 0);
  return fd;
}

TEST(Address, TellsABusyPort) {
  sockaddr_in name{};
  const int kept = bound_to(name);  // while it is there, nobody gets this port by chance
  const int busy = bound_to(name);
  ASSERT_EQ(listen(busy, 1), 0);
  const Address address{"127.0.0.1", ntohs(name.sin_port)};
  EXPECT_EQ(check_bindable(address).error().message,
            to_string(address) + " is in use by another program");
  close(busy);
  EXPECT_TRUE(check_bindable(address));
  close(kept);
  EXPECT_FALSE(check_bindable({"192.0.2.1", 0}));
}

}  // namespace
}  // namespace aigw::control
