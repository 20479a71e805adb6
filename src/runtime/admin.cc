#include "runtime/admin.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/limits.h"
#include "base/quiet_thread.h"
#include "base/system_clock.h"

namespace aigw::runtime {
namespace {

constexpr uint64_t kPatienceNs = 5'000'000'000;  // with a client that says or takes nothing
constexpr int kTakeOverMs = 100;                 // how soon another answers when one goes
constexpr uint64_t kLookNs = 2'000'000 * kTakeOverMs;  // a look that took longer was held up, as all may have been

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Internal Server Error";
  }
}

bool equals_lower(Bytes text, Bytes lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

Bytes header(Bytes head, Bytes name) {
  for (size_t end; (end = head.find("\r\n")) != Bytes::npos;) {
    head.remove_prefix(end + 2);
    const size_t colon = head.find(':');
    if (colon == Bytes::npos || !equals_lower(head.substr(0, colon), name)) continue;
    Bytes value = head.substr(colon + 1, head.find("\r\n") - colon - 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

// One that has been accepted. Says what it waits for, and when it has waited long enough, by the time of the looks.
struct Connection {
  Connection(int accepted, uint64_t until) : fd(accepted), deadline(until) {}
  Connection(Connection&& other) noexcept
      : fd(std::exchange(other.fd, -1)),
        deadline(other.deadline),
        in(std::move(other.in)),
        out(std::move(other.out)),
        sent(other.sent) {}
  Connection& operator=(Connection&& other) noexcept {
    std::swap(fd, other.fd);
    deadline = other.deadline;
    in = std::move(other.in);
    out = std::move(other.out);
    sent = other.sent;
    return *this;
  }
  ~Connection() {
    if (fd >= 0) ::close(fd);
  }

  bool asked() const { return in.size() > limits::admin_request_max || in.find("\r\n\r\n") != std::string::npos; }

  // False when there is nothing more to do.
  bool read() {
    char piece[2048];
    const ssize_t got = ::recv(fd, piece, sizeof piece, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    in.append(piece, static_cast<size_t>(got));
    return got > 0;
  }
  bool write() {
    while (sent < out.size()) {
      const ssize_t wrote = ::send(fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
      if (wrote < 0) return errno == EAGAIN || errno == EINTR;
      sent += static_cast<size_t>(wrote);
    }
    ::shutdown(fd, SHUT_WR);
    return false;
  }

  int fd;
  uint64_t deadline;
  std::string in;
  std::string out;
  size_t sent = 0;
};

}  // namespace

Result<std::unique_ptr<Admin>> Admin::open(const std::string& address, ListenerShare* share,
                                           Handler handler) {
  std::unique_ptr<ListenerShare> own;
  if (share == nullptr) {
    own = std::make_unique<ListenerShare>();
    share = own.get();
  }
  Result<Listener> listener = Listener::open(*share, address);
  if (!listener) return std::move(listener).error();
  return std::unique_ptr<Admin>(new Admin(std::move(own), std::move(*listener),
                                          ::eventfd(0, EFD_CLOEXEC), std::move(handler)));
}

Admin::Admin(std::unique_ptr<ListenerShare> own, Listener listener, int wake, Handler handler)
    : own_(std::move(own)),
      listener_(std::move(listener)),
      wake_(wake),
      handler_(std::move(handler)),
      thread_(quiet_thread([this] { run(); })) {}

Admin::~Admin() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
  thread_.join();
  ::close(wake_);
}

void Admin::run() {
  std::vector<Connection> connections;
  std::vector<pollfd> wanted;
  uint64_t last = system_monotonic_now(), looked = 0;
  for (;;) {
    const bool answers = listener_.answers();
    const bool accepts = answers && connections.size() < limits::admin_connections_max;
    wanted.assign({{wake_, POLLIN, 0}, {accepts ? listener_.fd() : -1, POLLIN, 0}});
    for (const Connection& one : connections) {
      wanted.push_back({one.fd, static_cast<short>(one.out.empty() ? POLLIN : POLLOUT), 0});
    }
    const int timeout = answers && connections.empty() ? -1 : kTakeOverMs;
    if (::poll(wanted.data(), wanted.size(), timeout) < 0 && errno != EINTR) return;
    const bool leaves = wanted[0].revents != 0;
    const uint64_t now = system_monotonic_now();
    looked += std::min(now - last, kLookNs);
    last = now;
    std::vector<Connection> open;
    for (size_t i = 0; i < connections.size(); ++i) {
      Connection& one = connections[i];
      const size_t sent = one.sent;
      bool goes_on = true;
      // What has come is taken, however late it is seen.
      if (leaves || wanted[i + 2].revents != 0) {
        if (one.out.empty()) goes_on = one.read();
        if (goes_on && one.out.empty() && one.asked()) one.out = respond(one.in);
        if (goes_on && !one.out.empty()) goes_on = one.write();
      }
      if (one.sent > sent) one.deadline = looked + kPatienceNs;
      if (goes_on && one.deadline > looked) open.push_back(std::move(one));
    }
    connections = std::move(open);
    if (leaves) return;  // once it has answered who asked before
    // Another may have taken over while this one slept.
    if (wanted[1].revents == 0 || !listener_.answers()) continue;
    const int accepted =
        ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) connections.emplace_back(accepted, looked + kPatienceNs);
  }
}

std::string Admin::respond(Bytes head) const {
  const Bytes line = head.substr(0, head.find("\r\n"));
  const size_t space = line.find(' ');
  AdminReply reply;
  Bytes method = line.substr(0, space);
  if (head.size() > limits::admin_request_max) {
    reply.status = 431;
  } else if (space == Bytes::npos) {
    reply.status = 400;
  } else {
    Bytes target = line.substr(space + 1);
    target = target.substr(0, target.find(' '));
    const size_t question = target.find('?');
    AdminRequest request{method, target.substr(0, question), {}, header(head, "accept")};
    if (question != Bytes::npos) request.query = target.substr(question + 1);
    try {
      reply = handler_(request);
    } catch (const std::exception&) {
      reply.status = 500;
    }
  }
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + ' ' + reason_of(reply.status) +
                     "\r\ncontent-type: " + reply.content_type +
                     "\r\ncontent-length: " + std::to_string(reply.body.size()) +
                     "\r\ncache-control: no-store\r\nconnection: close\r\n\r\n";
  if (method != "HEAD") text += reply.body;
  return text;
}

}  // namespace aigw::runtime
