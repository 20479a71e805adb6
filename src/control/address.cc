#include "control/address.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <variant>

namespace aigw::control {
namespace {

Failure refused(std::string_view text, std::string_view why) {
  std::string message = "\"";
  message.append(text).append("\" is not an address to listen on: ").append(why);
  return {FailureKind::malformed_request, message};
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// The kernel's form of an IP literal, or an empty one.
SocketAddress socket_address(const Address& address) {
  SocketAddress result;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    result.size = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    result.size = sizeof(sockaddr_in6);
  }
  return result;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return refused(text, "expected host:port");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  Address address;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), address.port);
  if (error != std::errc() || end != digits.end()) {
    return refused(text, "expected a port from 0 to 65535 after the last colon");
  }
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find(':') != host.npos) {
    return refused(text, "an IPv6 address goes into brackets");
  }
  address.host = host.empty() ? "0.0.0.0" : host == "localhost" ? "127.0.0.1" : std::string(host);
  if (socket_address(address).size == 0) return refused(text, "the host must be an IP address");
  return address;
}

std::string to_string(const Address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  std::string text = v6 ? "[" : "";
  text.append(address.host).append(v6 ? "]:" : ":").append(std::to_string(address.port));
  return text;
}

bool is_loopback(const Address& address) {
  const SocketAddress socket = socket_address(address);
  if (socket.size == sizeof(sockaddr_in6)) {
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(&socket.storage)->sin6_addr);
  }
  return socket.size > 0 && address.host.starts_with("127.");
}

Result<void> check_bindable(const Address& address) {
  const SocketAddress socket_name = socket_address(address);
  const auto failure = [&](const char* why) {
    return Failure{FailureKind::unavailable, to_string(address).append(" ").append(why)};
  };
  if (socket_name.size == 0) return failure("is not an IP address and a port");
  const int fd = socket(socket_name.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return failure(std::strerror(errno));
  // Connections of an earlier listener that linger in TIME_WAIT do not keep the port busy.
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto* name = reinterpret_cast<const sockaddr*>(&socket_name.storage);
  const bool bound = bind(fd, name, socket_name.size) == 0 && listen(fd, 1) == 0;
  const int error = errno;
  close(fd);
  if (bound) return {};
  if (error == EADDRINUSE) return failure("is in use by another program");
  if (error == EADDRNOTAVAIL) return failure("is not an address of this machine");
  if (error == EACCES) return failure("needs more rights than this program has");
  return failure(std::strerror(error));
}

}  // namespace aigw::control
