#include "runtime/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

namespace aigw::runtime {
namespace {

// How long a connection that says nothing waits in the queue.
constexpr int kDeferSeconds = 5;

class Held {
 public:
  explicit Held(std::atomic<uint32_t>& lock) : lock_(lock) {
    while (lock_.exchange(1, std::memory_order_acquire) != 0) ::sched_yield();
  }
  ~Held() { lock_.store(0, std::memory_order_release); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  std::atomic<uint32_t>& lock_;
};

Failure failure(const std::string& address, const std::string& why) {
  return {FailureKind::unavailable, "cannot listen on the admin address " + address + ": " + why};
}

std::string last_error() { return std::generic_category().message(errno); }

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

Result<int> bind_and_listen(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return failure(address, "it has to be host:port");
  std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  const bool everywhere = host.empty();
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(everywhere ? "::" : host.c_str(), port.c_str(), &hints, &found) != 0) {
    return failure(address, "the host has to be an address in figures, and the port a number");
  }
  const std::unique_ptr<addrinfo, FreeAddresses> owner(found);
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return failure(address, last_error());
  const int on = 1, off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // One that has not asked yet stays in the queue, where whoever answers then finds it: accepted, it
  // would end with who accepted it.
  ::setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &kDeferSeconds, sizeof kDeferSeconds);
  if (everywhere) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, 64) != 0) {
    Failure failed = failure(address, last_error());
    ::close(fd);
    return failed;
  }
  return fd;
}

// The slot of this address, or an empty one.
ListenerShare::Slot* find_slot(ListenerShare& share, const std::string& address) {
  ListenerShare::Slot* empty = nullptr;
  for (ListenerShare::Slot& slot : share.slots) {
    if (slot.holders > 0 && address == slot.address) return &slot;
    if (slot.holders == 0 && empty == nullptr) empty = &slot;
  }
  return empty;
}

}  // namespace

Result<Listener> Listener::open(ListenerShare& share, const std::string& address) {
  const Held held(share.lock);
  ListenerShare::Slot* slot = find_slot(share, address);
  if (slot == nullptr || address.size() > limits::admin_address_max) {
    return failure(address, "there are too many, or it is too long");
  }
  if (slot->holders == 0) {
    Result<int> fd = bind_and_listen(address);
    if (!fd) return std::move(fd).error();
    slot->fd = *fd;
    std::memcpy(slot->address, address.c_str(), address.size() + 1);
  }
  ++slot->holders;
  const uint64_t id = share.next_owner.fetch_add(1) + 1;
  slot->owner = id;
  return Listener(share, *slot, id);
}

Listener::Listener(Listener&& other) noexcept
    : share_(other.share_), slot_(std::exchange(other.slot_, nullptr)), id_(other.id_) {}

Listener::~Listener() {
  if (slot_ == nullptr) return;
  const Held held(share_->lock);
  uint64_t mine = id_;
  slot_->owner.compare_exchange_strong(mine, 0);
  if (--slot_->holders == 0) ::close(slot_->fd);
}

bool Listener::answers() {
  uint64_t owner = slot_->owner.load();
  if (owner == 0) slot_->owner.compare_exchange_strong(owner, id_);
  return slot_->owner.load() == id_;
}

std::string Listener::bound() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (::getsockname(fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return slot_->address;
  }
  const bool v6 = address.ss_family == AF_INET6;
  return (v6 ? '[' + std::string(host) + ']' : std::string(host)) + ':' + port;
}

}  // namespace aigw::runtime
