// A bump allocator for what one exchange keeps until it ends: names, paths, header edits. The first
// block is inline, so that an ordinary request allocates nothing; everything is given back at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <new>

#include "base/bytes.h"

namespace aigw {

class Arena {
 public:
  // Past `bytes_max` an allocation throws std::bad_alloc, which the front's guard turns into a
  // failed request.
  explicit Arena(size_t bytes_max)
      : bytes_max_(bytes_max), resource_(first_.data(), first_.size()) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // A copy of `bytes` that lives as long as the arena.
  Bytes copy(Bytes bytes) {
    char* to = allocate(bytes.size());
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return {to, bytes.size()};
  }

  // `size` bytes to write into, without alignment.
  char* allocate(size_t size) {
    if (size > bytes_max_ - used_) throw std::bad_alloc();
    used_ += size;
    return static_cast<char*>(resource_.allocate(size == 0 ? 1 : size, 1));
  }

  size_t used() const { return used_; }

 private:
  size_t bytes_max_;
  size_t used_ = 0;
  std::array<char, 2048> first_;
  std::pmr::monotonic_buffer_resource resource_;
};

}  // namespace aigw
