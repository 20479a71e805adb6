#include "runtime/admin.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/limits.h"

namespace aigw::runtime {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

int connect_to(const std::string& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  return fd;
}

void say(int fd, const std::string& text) {
  EXPECT_EQ(::send(fd, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
}

std::string answer_on(int fd) {
  std::string answer;
  char piece[4096];
  for (ssize_t got; (got = ::recv(fd, piece, sizeof piece, 0)) > 0;) {
    answer.append(piece, static_cast<size_t>(got));
  }
  ::close(fd);
  return answer;
}

std::string ask(const std::string& address, const std::string& request) {
  const int fd = connect_to(address);
  say(fd, request);
  return answer_on(fd);
}

Admin::Handler saying(std::string what) {
  return [what](const AdminRequest& request) {
    return AdminReply{200, "text/plain",
                      what + ' ' + std::string(request.path) + ' ' + std::string(request.query) +
                          ' ' + std::string(request.accept)};
  };
}

std::unique_ptr<Admin> open(const std::string& address, ListenerShare* share, std::string what) {
  Result<std::unique_ptr<Admin>> admin = Admin::open(address, share, saying(std::move(what)));
  EXPECT_TRUE(admin) << (admin ? "" : admin.error().message);
  return admin ? std::move(*admin) : nullptr;
}

TEST(Admin, AnswersWithPathQueryAndAccept) {
  const auto admin = open("127.0.0.1:0", nullptr, "one");
  const std::string answer =
      ask(admin->address(), "GET /metrics?a=b HTTP/1.1\r\nAccept: text/x\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\none /metrics a=b text/x"));
  EXPECT_THAT(ask(admin->address(), "HEAD / HTTP/1.1\r\n\r\n"), EndsWith("\r\n\r\n"));
  EXPECT_THAT(ask(admin->address(), "nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST(Admin, ARequestHasItsLimit) {
  const auto admin = open("127.0.0.1:0", nullptr, "one");
  const auto request_of = [](size_t size) {
    const std::string begin = "GET /a HTTP/1.1\r\nfill: ", end = "\r\naccept: text/x\r\n\r\n";
    return begin + std::string(size - begin.size() - end.size(), 'f') + end;
  };
  EXPECT_THAT(ask(admin->address(), request_of(limits::admin_request_max)), EndsWith("one /a  text/x"));
  EXPECT_THAT(ask(admin->address(), request_of(limits::admin_request_max + 1)), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(admin->address(), std::string(limits::admin_request_max + 1, 'x')), StartsWith("HTTP/1.1 431 "));
}

// Whether this end is there and the other has said nothing, not even goodbye.
bool is_open(int fd) {
  char byte;
  return ::recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

// Does `scene` until it is over while all of the silent connections that it makes are held open: the admin address ends
// them after a few seconds, which a machine that is busy may take over the scene. Closes them.
template <class Scene>
bool with_silent_ones(Scene&& scene) {
  for (int i = 0; i < 20; ++i) {
    std::vector<int> silent;
    scene(silent);
    const bool all_open = std::all_of(silent.begin(), silent.end(), is_open);
    for (const int fd : silent) ::close(fd);
    if (all_open) return true;
  }
  return false;
}

TEST(Admin, OneConnectionTooManyWaits) {
  const auto admin = open("127.0.0.1:0", nullptr, "one");
  const std::string request = "GET / HTTP/1.1\r\n\r\n";
  int waiting = -1, answered = 0;
  EXPECT_TRUE(with_silent_ones([&](std::vector<int>& silent) {
    if (waiting >= 0) answer_on(waiting);
    // One that has said nothing at all is not accepted.
    const auto begin = [&] {
      silent.push_back(connect_to(admin->address()));
      say(silent.back(), request.substr(0, 1));
    };
    while (silent.size() < limits::admin_connections_max - 1) begin();
    EXPECT_THAT(ask(admin->address(), request), EndsWith("one /  "));
    begin();
    waiting = connect_to(admin->address());
    say(waiting, request);
    pollfd answer{waiting, POLLIN, 0};
    answered = ::poll(&answer, 1, 300);
  }));
  EXPECT_EQ(answered, 0) << "answered beside as many as there may be";
  EXPECT_THAT(answer_on(waiting), EndsWith("one /  "));
}

// An address is at most so long as its place in the memory that builds share, and there are so many places.
TEST(Admin, AddressesAreBounded) {
  ListenerShare share{};
  const auto padded = [](size_t size) {
    const std::string host = "127.0.0.1:";
    return host + std::string(size - host.size(), '0');
  };
  std::vector<std::unique_ptr<Admin>> open_ones;
  const auto opens = [&](const std::string& address) {
    Result<std::unique_ptr<Admin>> admin = Admin::open(address, &share, saying("x"));
    if (admin) open_ones.push_back(std::move(*admin));
    return admin ? std::string() : admin.error().message;
  };
  EXPECT_EQ(opens(padded(limits::admin_address_max)), "");
  EXPECT_THAT(opens(padded(limits::admin_address_max + 1)), EndsWith("there are too many, or it is too long"));
  for (size_t i = 1; i < limits::admin_addresses_max; ++i) EXPECT_EQ(opens(padded(20 + i)), "");
  EXPECT_THAT(opens(padded(20)), EndsWith("there are too many, or it is too long"));
}

TEST(Admin, NobodyWaitsForOneThatIsSlow) {
  const auto admin = open("localhost:0", nullptr, "one");
  EXPECT_TRUE(with_silent_ones([&](std::vector<int>& silent) {
    silent.push_back(connect_to(admin->address()));
    say(silent.back(), "G");
    EXPECT_THAT(ask(admin->address(), "GET / HTTP/1.1\r\n\r\n"), HasSubstr("one /"));
  })) << "answered when the slow one had gone";
}

// An admin address whose thread is kept in one request when another connection has been accepted.
class KeptAdmin {
 public:
  KeptAdmin() {
    Result<std::unique_ptr<Admin>> opened = Admin::open("127.0.0.1:0", nullptr, [this](const AdminRequest& request) {
      keeps_ = request.path == "/first";
      while (keeps_ && !released_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return AdminReply{200, "text/plain", std::string(request.path)};
    });
    EXPECT_TRUE(opened);
    admin = std::move(*opened);
    for (;;) {
      keeps_ = released_ = false;
      other_ = connect_to(admin->address());
      say(other_, "GET /other");
      first_ = connect_to(admin->address());
      say(first_, "GET /first HTTP/1.1\r\n\r\n");
      while (!keeps_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (is_open(other_)) break;
      // This machine took seconds so far, and what was silent is gone: once more.
      released_ = true;
      answer_on(first_);
      ::close(other_);
    }
    say(other_, " HTTP/1.1\r\n\r\n");
  }

  // Lets the thread go on, which has to answer both.
  void expect_answers() {
    released_ = true;
    EXPECT_THAT(answer_on(first_), EndsWith("/first"));
    EXPECT_THAT(answer_on(other_), EndsWith("/other"));
  }

  std::unique_ptr<Admin> admin;

 private:
  std::atomic<bool> keeps_{false}, released_{false};
  int first_ = -1, other_ = -1;
};

TEST(Admin, WhatHasComeIsAnsweredHoweverLate) {
  KeptAdmin kept;
  std::this_thread::sleep_for(std::chrono::milliseconds(5500));  // longer than a silent connection is held open
  kept.expect_answers();
}

TEST(Admin, ALargeAnswerArrivesWhole) {
  Result<std::unique_ptr<Admin>> admin =
      Admin::open("127.0.0.1:0", nullptr, [](const AdminRequest&) {
        return AdminReply{200, "text/plain", std::string(4u << 20, 'x')};
      });
  ASSERT_TRUE(admin);
  EXPECT_GT(ask((*admin)->address(), "GET / HTTP/1.1\r\n\r\n").size(), 4u << 20);
}

TEST(Admin, AnAddressThatIsTakenOrNoneIsAFailure) {
  const auto first = open("127.0.0.1:0", nullptr, "one");
  EXPECT_FALSE(Admin::open(first->address(), nullptr, saying("two")));
  for (const char* address : {"", "1064", "nowhere.test:1", "127.0.0.1:x", "256.0.0.1:1"}) {
    EXPECT_FALSE(Admin::open(address, nullptr, saying("x"))) << address;
  }
}

// As at a swap: the new one answers as soon as it is there, and the old one again when that goes.
TEST(Admin, TheLastOneThatCameAnswers) {
  ListenerShare share{};
  auto old_build = open("127.0.0.1:0", &share, "old");
  const std::string address = old_build->address();
  EXPECT_THAT(ask(address, "GET / HTTP/1.1\r\n\r\n"), HasSubstr("old /"));
  auto new_build = open("127.0.0.1:0", &share, "new");
  EXPECT_EQ(new_build->address(), address);
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(ask(address, "GET / HTTP/1.1\r\n\r\n"), HasSubstr("new /"));
  }
  auto refused = open("127.0.0.1:0", &share, "refused");
  refused.reset();
  const std::string after = ask(address, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(after.find("new /") != std::string::npos || after.find("old /") != std::string::npos);
  old_build.reset();
  EXPECT_THAT(ask(address, "GET / HTTP/1.1\r\n\r\n"), HasSubstr("new /"));
  new_build.reset();
  EXPECT_EQ(share.slots[0].holders, 0u);
}

TEST(Admin, OneThatAsksLateIsAnsweredByWhoCameNext) {
  ListenerShare share{};
  auto old_build = open("127.0.0.1:0", &share, "old");
  const int late = connect_to(old_build->address());
  EXPECT_THAT(ask(old_build->address(), "GET / HTTP/1.1\r\n\r\n"), HasSubstr("old /"));
  const auto new_build = open("127.0.0.1:0", &share, "new");
  old_build.reset();
  say(late, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(answer_on(late), HasSubstr("new /"));
}

TEST(Admin, OneThatHasAskedIsAnsweredBeforeTheEnd) {
  std::promise<void> asked, go_on;
  const auto handler = [&](const AdminRequest& request) {
    if (request.path == "/first") {
      asked.set_value();
      go_on.get_future().wait();
    }
    return AdminReply{200, "text/plain", "it is " + std::string(request.path)};
  };
  Result<std::unique_ptr<Admin>> admin = Admin::open("127.0.0.1:0", nullptr, handler);
  ASSERT_TRUE(admin);
  const int first = connect_to((*admin)->address()), second = connect_to((*admin)->address());
  say(first, "GET /first");
  say(second, "GET /second");
  // Both are accepted by then.
  EXPECT_THAT(ask((*admin)->address(), "GET /third HTTP/1.1\r\n\r\n"), EndsWith("it is /third"));
  say(first, " HTTP/1.1\r\n\r\n");
  asked.get_future().wait();
  say(second, " HTTP/1.1\r\n\r\n");
  std::thread end([&] { admin->reset(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  go_on.set_value();
  EXPECT_THAT(answer_on(first), EndsWith("it is /first"));
  EXPECT_THAT(answer_on(second), EndsWith("it is /second"));
  end.join();
}

}  // namespace
}  // namespace aigw::runtime
