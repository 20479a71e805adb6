// Memory that outlives the build that asked for it: in the module, builds hand it on under a name in
// Envoy's registry, and it is never given back. Everything in it is plain data of a frozen layout; the
// layout's number is part of the name.
#pragma once

#include <cstddef>
#include <functional>

#include "base/bytes.h"

namespace aigw::runtime {

// What the process keeps for all builds; both empty where there is but one.
struct SharedRegistry {
  std::function<void*(Bytes name)> find;             // null for a name that nobody has put
  std::function<bool(Bytes name, void*)> put;
};

class SharedMemory {
 public:
  // The memory of this name, or `bytes` zeroed ones that get it. Throws std::bad_alloc. Not to be
  // called from two threads at once with the same registry.
  SharedMemory(const SharedRegistry& registry, Bytes name, size_t bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  void* get() const { return memory_; }

 private:
  void* memory_ = nullptr;
  size_t own_bytes_ = 0;  // 0: the process keeps it
};

}  // namespace aigw::runtime
