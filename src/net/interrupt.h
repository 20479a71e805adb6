// Wakes a thread that waits for the network, so that it can be joined at any moment.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/check.h"

namespace aigw::net {

class Interrupt {
 public:
  Interrupt() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { AIGW_CHECK(fd_ >= 0); }
  ~Interrupt() { ::close(fd_); }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // From any thread; for good.
  void raise() {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
  }

  // Readable once it is raised.
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace aigw::net
