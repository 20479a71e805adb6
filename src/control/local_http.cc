#include "control/local_http.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace aigw::control {
namespace {

// The data of a chunked body; what is cut short ends there.
std::string unchunked(std::string_view body) {
  std::string data;
  while (true) {
    size_t size = 0;
    std::from_chars(body.data(), body.data() + body.size(), size, 16);
    const size_t begin = body.find("\r\n");
    if (size == 0 || begin == body.npos) return data;
    body.remove_prefix(begin + 2);
    data.append(body.substr(0, size));
    body.remove_prefix(std::min(size + 2, body.size()));
  }
}

}  // namespace

LocalReply local_get(uint16_t port, const std::string& path, int timeout_ms) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {};
  const timeval timeout{timeout_ms / 1000, timeout_ms % 1000 * 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Envoy's admin interface takes no HTTP/1.0.
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 &&
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char piece[4096];
    // With a timeout, a read is interrupted where the program is stopped and goes on, as in a terminal.
    for (ssize_t got = 0; (got = recv(fd, piece, sizeof piece, 0)) > 0 || (got < 0 && errno == EINTR);) {
      if (got > 0) answer.append(piece, static_cast<size_t>(got));
    }
  }
  close(fd);
  const size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos || !answer.starts_with("HTTP/1.")) return {};
  const bool chunked =
      answer.substr(0, head).find("transfer-encoding: chunked") != std::string::npos;
  const std::string body = answer.substr(head + 4);
  return {std::atoi(answer.c_str() + 9), chunked ? unchunked(body) : body};
}

}  // namespace aigw::control
