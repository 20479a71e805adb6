#include "fake_envoy/faults.h"

#include <malloc.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <stdexcept>

namespace aigw::fake {
namespace {

thread_local bool in_module = false;
thread_local int64_t blocks = 0;
thread_local int64_t bytes = 0;
thread_local int64_t bytes_peak = 0;
thread_local int64_t bytes_before = 0;
// Only the thread that plays the worker arms faults.
thread_local Fault armed;
thread_local uint64_t counted = 0;
thread_local bool happened = false;
uint64_t fixed_time = 0;

bool allocation_fails() {
  if (!in_module || (armed.kind != Fault::Kind::allocation && armed.kind != Fault::Kind::out_of_memory)) return false;
  ++counted;
  const bool fails = armed.kind == Fault::Kind::allocation ? counted == armed.at : counted >= armed.at;
  happened = happened || fails;
  return fails;
}

void* allocate(size_t size, size_t alignment) {
  if (allocation_fails()) return nullptr;
  size = (size + alignment - 1) / alignment * alignment;
  void* memory = alignment <= alignof(max_align_t) ? std::malloc(size == 0 ? 1 : size)
                                                   : std::aligned_alloc(alignment, size == 0 ? alignment : size);
  if (memory == nullptr || !in_module) return memory;
  ++blocks;
  bytes += static_cast<int64_t>(malloc_usable_size(memory));
  bytes_peak = std::max(bytes_peak, bytes);
  return memory;
}

void* allocate_or_throw(size_t size, size_t alignment) {
  void* memory = allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) {
  if (memory != nullptr && in_module) {
    --blocks;
    bytes -= static_cast<int64_t>(malloc_usable_size(memory));
  }
  std::free(memory);
}

}  // namespace

void arm(Fault fault) {
  armed = fault;
  counted = 0;
  happened = false;
}

void disarm() { armed = {}; }

bool fault_happened() { return happened; }

int64_t module_blocks() { return blocks; }

int64_t take_module_bytes_peak() {
  const int64_t more = bytes_peak - bytes_before;
  bytes_peak = bytes_before = bytes;
  return more;
}

bool runs_module() { return in_module; }

InModule::InModule() : before_(in_module) { in_module = true; }
InModule::~InModule() { in_module = before_; }

InEnvoy::InEnvoy() : before_(in_module) {
  if (armed.kind == Fault::Kind::callback && ++counted == armed.at) {
    happened = true;
    // Of the standard's exceptions, and of others, since a guard has to stop both.
    if (armed.at % 2 == 0) throw 17;
    throw std::runtime_error("thrown in a callback");
  }
  in_module = false;
}
InEnvoy::~InEnvoy() { in_module = before_; }

void set_time(uint64_t unix_seconds) { fixed_time = unix_seconds; }

}  // namespace aigw::fake

using aigw::fake::allocate;
using aigw::fake::allocate_or_throw;
using aigw::fake::release;

// What the standard aligns to without being asked.
constexpr size_t kUsual = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
#define AIGW_VISIBLE __attribute__((visibility("default")))

AIGW_VISIBLE void* operator new(size_t size) { return allocate_or_throw(size, kUsual); }
AIGW_VISIBLE void* operator new[](size_t size) { return allocate_or_throw(size, kUsual); }
AIGW_VISIBLE void* operator new(size_t size, const std::nothrow_t&) noexcept { return allocate(size, kUsual); }
AIGW_VISIBLE void* operator new[](size_t size, const std::nothrow_t&) noexcept { return allocate(size, kUsual); }
AIGW_VISIBLE void* operator new(size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<size_t>(alignment));
}
AIGW_VISIBLE void* operator new[](size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<size_t>(alignment));
}
AIGW_VISIBLE void operator delete(void* memory) noexcept { release(memory); }
AIGW_VISIBLE void operator delete[](void* memory) noexcept { release(memory); }
AIGW_VISIBLE void operator delete(void* memory, size_t) noexcept { release(memory); }
AIGW_VISIBLE void operator delete[](void* memory, size_t) noexcept { release(memory); }
AIGW_VISIBLE void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
AIGW_VISIBLE void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }
AIGW_VISIBLE void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
AIGW_VISIBLE void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
AIGW_VISIBLE void operator delete(void* memory, size_t, std::align_val_t) noexcept { release(memory); }
AIGW_VISIBLE void operator delete[](void* memory, size_t, std::align_val_t) noexcept { release(memory); }

// The wall clock stands still where it has been set; durations go on.
extern "C" AIGW_VISIBLE int clock_gettime(clockid_t clock, timespec* now) {
  if (clock == CLOCK_REALTIME && aigw::fake::fixed_time != 0) {
    *now = {static_cast<time_t>(aigw::fake::fixed_time), 0};
    return 0;
  }
  return static_cast<int>(syscall(SYS_clock_gettime, clock, now));
}

extern "C" AIGW_VISIBLE time_t time(time_t* out) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
