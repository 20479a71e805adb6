// The listening sockets of the admin address, one for each address in the process.
//
// Builds that overlap at a swap, and listeners that carry the gateway twice, name the same address.
// They share one socket, so that no connection that waits in its queue is lost when one of them
// goes: it is closed by the last. A connection waits there until it asks. Only one of them answers,
// the one that came last; when it goes, another takes over. What they share stands in memory of a
// frozen layout (kLayout).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/limits.h"
#include "base/result.h"

namespace aigw::runtime {

struct ListenerShare {
  static constexpr uint32_t kLayout = 1;
  struct Slot {
    char address[limits::admin_address_max + 1];  // as it was asked for, ended by a zero
    uint32_t holders;
    int32_t fd;
    std::atomic<uint64_t> owner;  // who answers; 0: nobody
  };
  std::atomic<uint32_t> lock;  // held for a moment by who opens or closes
  uint32_t reserved;
  std::atomic<uint64_t> next_owner;
  Slot slots[limits::admin_addresses_max];
};
static_assert(sizeof(ListenerShare::Slot) == 120 && sizeof(ListenerShare) == 16 + 8 * 120);

class Listener {
 public:
  // `address` is "host:port" or ":port" (every interface), the host in figures or localhost. The new
  // listener is the one that answers. `share` must outlive it and be zeroed before its first use.
  static Result<Listener> open(ListenerShare& share, const std::string& address);
  ~Listener();
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;

  int fd() const { return slot_->fd; }
  // Whether this one answers; takes over where nobody does.
  bool answers();
  // Where it listens, with the port that it got: "127.0.0.1:1064".
  std::string bound() const;

 private:
  Listener(ListenerShare& share, ListenerShare::Slot& slot, uint64_t id)
      : share_(&share), slot_(&slot), id_(id) {}

  ListenerShare* share_;
  ListenerShare::Slot* slot_;
  uint64_t id_;
};

}  // namespace aigw::runtime
