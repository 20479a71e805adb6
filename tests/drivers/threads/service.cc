#include "drivers/threads/service.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <stdexcept>

namespace aigw::tests {
namespace {

constexpr int kPatienceMs = 50;

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool send_all(int connection, const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const ssize_t sent = ::send(connection, text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    at += static_cast<size_t>(sent);
  }
  return true;
}

// Whether `request` has all of its body, which its content-length tells.
bool is_whole(const std::string& request) {
  const size_t head = request.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  size_t length = 0;
  const size_t at = request.find("ontent-length: ");
  if (at < head) {
    const char* begin = request.data() + at + 15;
    std::from_chars(begin, request.data() + head, length);
  }
  return request.size() >= head + 4 + length;
}

}  // namespace

Service::Service() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port for the token service");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

Service::~Service() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

std::string Service::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

void Service::run() {
  while (!stopping_) {
    pollfd wanted{listener_, POLLIN, 0};
    if (::poll(&wanted, 1, kPatienceMs) <= 0) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void Service::answer(int connection) {
  std::string request;
  while (!is_whole(request)) {
    char piece[4096];
    const ssize_t got = ::recv(connection, piece, sizeof piece, 0);
    if (got <= 0) return;
    request.append(piece, static_cast<size_t>(got));
  }
  const std::string token = "{\"access_token\":\"token-" + std::to_string(answered_) +
                            "\",\"token_type\":\"Bearer\",\"expires_in\":3600}";
  send_all(connection, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
                           std::to_string(token.size()) + "\r\nconnection: close\r\n\r\n" + token);
  ++answered_;
}

std::string http_ask(uint16_t port, const std::string& method, const std::string& target) {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{60, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const sockaddr_in address = loopback(port);
  std::string answer;
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      send_all(connection, method + ' ' + target + " HTTP/1.1\r\nhost: admin\r\n\r\n")) {
    char piece[16384];
    for (ssize_t got; (got = ::recv(connection, piece, sizeof piece, 0)) > 0 || (got < 0 && errno == EINTR);) {
      if (got > 0) answer.append(piece, static_cast<size_t>(got));
    }
  }
  ::close(connection);
  return answer;
}

}  // namespace aigw::tests
