#include "net/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <thread>

#include "base/limits.h"

namespace aigw::net {
namespace {

// Takes one connection, reads until `until` has come, and answers with the pieces, one a write.
class Server {
 public:
  explicit Server(std::vector<std::string> pieces, std::string until = "\r\n\r\n")
      : fd_(::socket(AF_INET, SOCK_STREAM, 0)), pieces_(std::move(pieces)), until_(std::move(until)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(fd_, 1);
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  const std::string& request() const { return request_; }

 private:
  void serve() {
    const int peer = ::accept(fd_, nullptr, nullptr);
    if (peer < 0) return;
    char buffer[4096];
    while (request_.find(until_) == std::string::npos) {
      const ssize_t got = ::read(peer, buffer, sizeof buffer);
      if (got <= 0) break;
      request_.append(buffer, static_cast<size_t>(got));
    }
    for (const std::string& piece : pieces_) {
      if (piece == "hang") {
        pollfd gone{peer, POLLIN, 0};
        ::poll(&gone, 1, 10'000);
        break;
      }
      (void)::send(peer, piece.data(), piece.size(), MSG_NOSIGNAL);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::close(peer);
  }

  int fd_;
  uint16_t port_ = 0;
  std::vector<std::string> pieces_;
  std::string until_;
  std::string request_;
  std::thread thread_;
};

// On a machine that is as slow as it likes.
Result<HttpResponse> sent(HttpRequest request) {
  request.timeout = std::chrono::minutes(1);
  return HttpClient("", nullptr).send(request);
}

std::string shown(const Result<HttpResponse>& response) {
  if (!response) return response.error().message;
  return std::to_string(response->status) + " " + std::string(response->body.reveal());
}

std::string answer(std::vector<std::string> pieces) {
  const Server server(std::move(pieces));
  const std::string text = shown(sent({.url = server.url()}));
  const std::string name = server.url().substr(7, server.url().size() - 8) + ": ";
  return text.starts_with(name) ? text.substr(name.size()) : text;
}

TEST(HttpClient, SendsWhatItIsTold) {
  std::string request;
  std::string url;
  {
    const Server server({"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"}, "a=b");
    HttpRequest ask{.method = "POST", .url = server.url("/token?x=1"), .headers = {}, .body = Secret("a=b")};
    ask.headers.emplace_back("authorization", Secret("Bearer t"));
    EXPECT_EQ(shown(sent(ask)), "200 ok");
    request = server.request();
    url = server.url();
  }
  EXPECT_EQ(request, "POST /token?x=1 HTTP/1.1\r\nhost: " + url.substr(7, url.size() - 8) +
                         "\r\nconnection: close\r\nauthorization: Bearer t\r\ncontent-length: 3\r\n\r\na=b");
}

TEST(HttpClient, SendsABodyOfAnySize) {
  for (const size_t size : {size_t{16384}, size_t{16385}, size_t{300'000}}) {
    const std::string body = std::string(size - 3, 'x') + "END";
    Server server({"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"}, "END");
    HttpRequest request;
    request.method = "POST";
    request.url = server.url();
    request.body = Secret(body);
    EXPECT_EQ(shown(sent(request)), "200 ok") << size;
    EXPECT_NE(server.request().find("content-length: " + std::to_string(size) + "\r\n\r\nxxx"), std::string::npos);
    EXPECT_TRUE(server.request().ends_with(body)) << size;
  }
}

TEST(HttpClient, ReadsEachFraming) {
  EXPECT_EQ(answer({"HTTP/1.1 200 OK\r\nContent-", "Length: 5\r\n\r\nhe", "llo"}), "200 hello");
  EXPECT_EQ(answer({"HTTP/1.1 400 Bad\r\n\r\nto the ", "end"}), "400 to the end");
  EXPECT_EQ(answer({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n", "2\r\nde\r\n0\r\n\r\n"}),
            "200 abcde");
  EXPECT_EQ(answer({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n"}), "204 ");
}

TEST(HttpClient, FailsOnWhatIsNoAnswer) {
  EXPECT_EQ(answer({"SSH-2.0-x\r\n"}), "the answer is not HTTP/1.1, or too large");
  EXPECT_EQ(answer({"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel"}), "the connection ended in the answer");
  EXPECT_EQ(answer({"HTTP/1.1 200 OK\r\n"}), "the connection ended before the answer");
  EXPECT_EQ(answer({"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"}),
            "the answer is not HTTP/1.1, or too large");
  EXPECT_EQ(answer({"HTTP/1.1 200 OK\r\n\r\n", std::string(300'000, 'x')}),
            "the answer is not HTTP/1.1, or too large");
}

TEST(HttpClient, TakesSoLargeAnAnswerAndNoLarger) {
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  const std::string body(limits::token_answer_max - head.size(), 'x');
  EXPECT_EQ(answer({head + body}), "200 " + body);
  EXPECT_EQ(answer({head + body + "x"}), "the answer is not HTTP/1.1, or too large");
}

TEST(HttpClient, EndsInTimeAndWhenInterrupted) {
  const Server server({"hang"});
  HttpRequest ask{.url = server.url(), .timeout = std::chrono::milliseconds(50)};
  EXPECT_TRUE(shown(HttpClient("", nullptr).send(ask)).ends_with("no answer in time"));

  const Server other({"hang"});
  Interrupt interrupt;
  std::thread soon([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    interrupt.raise();
  });
  ask = {.url = other.url(), .timeout = std::chrono::milliseconds(60'000)};
  EXPECT_TRUE(shown(HttpClient("", &interrupt).send(ask)).ends_with("interrupted"));
  soon.join();
}

TEST(HttpClient, NamesTheServerAndNothingElse) {
  const std::string refused = shown(sent({.url = "http://127.0.0.1:1/?key=s3cr3t"}));
  EXPECT_EQ(refused, "cannot reach 127.0.0.1 at port 1: Connection refused");
  const std::string bad = shown(sent({.url = "gopher://s3cr3t"}));
  EXPECT_EQ(bad, "not a usable URL: it is neither http nor https");
}

TEST(HttpClient, HttpsNeedsAuthorities) {
  const Server server({"hang"});
  const std::string url = "https" + server.url().substr(4);
  EXPECT_TRUE(shown(sent({.url = url}))
                  .ends_with("TLS: cannot read certificates of authorities from any file"));
}

TEST(HttpClient, PlainRequestsGoToAProxyWhole) {
  std::string request;
  {
    const Server proxy({"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"});
    HttpRequest ask{.url = "http://token.example/a"};
    ask.proxy = proxy.url();
    EXPECT_EQ(shown(sent(ask)), "200 ");
    request = proxy.request();
  }
  EXPECT_TRUE(request.starts_with("GET http://token.example/a HTTP/1.1\r\nhost: token.example\r\n")) << request;
}

TEST(HttpClient, HttpsGoesThroughAProxysTunnel) {
  std::string request;
  {
    const Server proxy({"HTTP/1.1 403 No\r\n\r\n"});
    HttpRequest ask{.url = "https://token.example/a"};
    ask.proxy = proxy.url();
    EXPECT_EQ(shown(sent(ask)), "token.example: the proxy answers 403");
    request = proxy.request();
  }
  EXPECT_EQ(request, "CONNECT token.example:443 HTTP/1.1\r\nhost: token.example:443\r\n\r\n");
}

}  // namespace
}  // namespace aigw::net
