#include "net/stream.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/system_clock.h"

namespace aigw::net {
namespace {

Failure unavailable(std::string message) {
  return Failure{FailureKind::unavailable, std::move(message)};
}

std::string of_errno(int error) { return std::generic_category().message(error); }

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// A socket that connects, or -1; `problem` then says why.
Result<int> connect_to(const addrinfo& address, const Patience& patience) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return unavailable(of_errno(errno));
  int error = ::connect(fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    if (Result<void> ready = wait_for(fd, POLLOUT, patience); !ready) {
      ::close(fd);
      return std::move(ready).error();
    }
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error == 0) return fd;
  ::close(fd);
  return unavailable(of_errno(error));
}

}  // namespace

Result<void> wait_for(int fd, short events, const Patience& patience) {
  for (;;) {
    const uint64_t now = system_monotonic_now();
    if (now >= patience.deadline_ns) return unavailable("no answer in time");
    pollfd watched[2] = {{fd, events, 0},
                         {patience.interrupt == nullptr ? -1 : patience.interrupt->fd(), POLLIN, 0}};
    const uint64_t left_ms = (patience.deadline_ns - now) / 1'000'000 + 1;
    const int ready = ::poll(watched, 2, static_cast<int>(std::min<uint64_t>(left_ms, 60'000)));
    if (ready < 0 && errno != EINTR) return unavailable(of_errno(errno));
    if (ready <= 0) continue;
    if (watched[1].revents != 0) return unavailable("interrupted");
    return {};
  }
}

Result<std::unique_ptr<Stream>> Stream::connect(const std::string& host, uint16_t port,
                                                const Patience& patience) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int looked_up = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (looked_up != 0) return unavailable("cannot find " + host + ": " + ::gai_strerror(looked_up));
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  std::string problem = "it has no address";
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const Result<int> fd = connect_to(*address, patience);
    if (fd) return std::unique_ptr<Stream>(new Stream(*fd));
    problem = fd.error().message;
  }
  return unavailable("cannot reach " + host + " at port " + std::to_string(port) + ": " + problem);
}

Stream::~Stream() {
  tls_.reset();
  ::close(fd_);
}

Result<void> Stream::start_tls(const std::string& host, const TlsFiles& files,
                               const Patience& patience) {
  Result<std::unique_ptr<Tls>> tls = Tls::open(fd_, host, files);
  if (!tls) return std::move(tls).error();
  tls_ = std::move(*tls);
  for (;;) {
    const Result<Tls::Want> step = tls_->handshake();
    if (!step) return step.error();
    if (*step == Tls::Want::nothing) return {};
    AIGW_TRY(wait_for(fd_, *step == Tls::Want::write ? POLLOUT : POLLIN, patience));
  }
}

Result<void> Stream::write(Bytes bytes, const Patience& patience) {
  while (!bytes.empty()) {
    size_t sent = 0;
    short wants = POLLOUT;
    if (tls_ != nullptr) {
      const Result<Tls::Want> step = tls_->write(bytes, sent);
      if (!step) return step.error();
      if (*step == Tls::Want::read) wants = POLLIN;
    } else {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN && errno != EINTR) return unavailable(of_errno(errno));
      if (count > 0) sent = static_cast<size_t>(count);
    }
    bytes.remove_prefix(sent);
    if (sent == 0) AIGW_TRY(wait_for(fd_, wants, patience));
  }
  return {};
}

Result<size_t> Stream::read(char* into, size_t capacity, const Patience& patience) {
  for (;;) {
    short wants = POLLIN;
    if (tls_ != nullptr) {
      size_t got = 0;
      const Result<Tls::Want> step = tls_->read(into, capacity, got);
      if (!step) return step.error();
      if (*step == Tls::Want::nothing) return got;
      if (*step == Tls::Want::write) wants = POLLOUT;
    } else {
      const ssize_t count = ::recv(fd_, into, capacity, 0);
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EAGAIN && errno != EINTR) return unavailable(of_errno(errno));
    }
    AIGW_TRY(wait_for(fd_, wants, patience));
  }
}

}  // namespace aigw::net
