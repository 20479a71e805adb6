#include "fronts/extproc/admin.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace aigw::extproc {
namespace {

constexpr size_t kRequestMax = 8 << 10;
constexpr time_t kPatienceSeconds = 2;  // with a client that says or takes nothing

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    default:
      return "Internal Server Error";
  }
}

// The request's head; cut where it is longer than anybody's.
std::string read_head(int connection) {
  std::string head;
  char piece[1024];
  while (head.size() < kRequestMax && head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(connection, piece, sizeof piece, 0);
    if (got <= 0) break;
    head.append(piece, static_cast<size_t>(got));
  }
  return head;
}

void send_all(int connection, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

}  // namespace

Result<std::unique_ptr<Admin>> Admin::open(uint16_t port, Handler handler) {
  const auto failure = [port] {
    return Failure{FailureKind::unavailable, "cannot listen on the admin port " +
                                                 std::to_string(port) + ": " +
                                                 std::generic_category().message(errno)};
  };
  const int listener = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return failure();
  const int on = 1, off = 0;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = in6addr_any;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 64) != 0) {
    Failure failed = failure();
    ::close(listener);
    return failed;
  }
  return std::unique_ptr<Admin>(new Admin(listener, ::eventfd(0, EFD_CLOEXEC), std::move(handler)));
}

Admin::Admin(int listener, int wake, Handler handler)
    : listener_(listener), wake_(wake), handler_(std::move(handler)), thread_([this] { run(); }) {}

Admin::~Admin() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
  thread_.join();
  ::close(listener_);
  ::close(wake_);
}

void Admin::run() {
  for (;;) {
    pollfd wanted[2] = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
    if (::poll(wanted, 2, -1) < 0 && errno != EINTR) return;
    if (wanted[1].revents != 0) return;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const timeval patience{kPatienceSeconds, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    serve(connection);
    ::close(connection);
  }
}

void Admin::serve(int connection) const {
  const std::string head = read_head(connection);
  const Bytes line = Bytes(head).substr(0, head.find("\r\n"));
  const size_t space = line.find(' ');
  if (space == Bytes::npos) return;
  const Bytes method = line.substr(0, space);
  Bytes path = line.substr(space + 1);
  path = path.substr(0, path.find_first_of(" ?"));
  AdminReply reply;
  if (method == "GET" || method == "HEAD") {
    reply = handler_(path);
  } else {
    reply.status = 405;
  }
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + ' ' + reason_of(reply.status) +
                     "\r\ncontent-type: " + reply.content_type +
                     "\r\ncontent-length: " + std::to_string(reply.body.size()) +
                     "\r\nconnection: close\r\n\r\n";
  if (method != "HEAD") text += reply.body;
  send_all(connection, text);
}

}  // namespace aigw::extproc
