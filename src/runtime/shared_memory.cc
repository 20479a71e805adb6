#include "runtime/shared_memory.h"

#include <sys/mman.h>

#include <new>

namespace aigw::runtime {

SharedMemory::SharedMemory(const SharedRegistry& registry, Bytes name, size_t bytes) {
  if (registry.find) memory_ = registry.find(name);
  if (memory_ != nullptr) return;
  memory_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory_ == MAP_FAILED) throw std::bad_alloc();
  own_bytes_ = bytes;
  if (registry.put && registry.put(name, memory_)) own_bytes_ = 0;
}

SharedMemory::~SharedMemory() {
  if (own_bytes_ != 0) ::munmap(memory_, own_bytes_);
}

}  // namespace aigw::runtime
