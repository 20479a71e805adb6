#include "fake_envoy/locks.h"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <utility>

#include "fake_envoy/faults.h"

namespace aigw::fake {
namespace {

thread_local uint64_t locks = 0;

// The C library's own function of this name. `known` is plain data: a lock may be taken before any
// constructor runs.
template <class Function>
Function* original(std::atomic<Function*>& known, const char* name) {
  Function* function = known.load(std::memory_order_relaxed);
  if (function == nullptr) {
    function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
    known.store(function, std::memory_order_relaxed);
  }
  return function;
}

}  // namespace

uint64_t take_module_locks() { return std::exchange(locks, 0); }

}  // namespace aigw::fake

#define AIGW_COUNTED_LOCK(name, type)                                               \
  extern "C" __attribute__((visibility("default"))) int name(type* lock) noexcept { \
    static constinit std::atomic<int (*)(type*)> known{nullptr};                    \
    if (aigw::fake::runs_module()) ++aigw::fake::locks;                             \
    return aigw::fake::original<int(type*)>(known, #name)(lock);                    \
  }

AIGW_COUNTED_LOCK(pthread_mutex_lock, pthread_mutex_t)
AIGW_COUNTED_LOCK(pthread_mutex_trylock, pthread_mutex_t)
AIGW_COUNTED_LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
AIGW_COUNTED_LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)
AIGW_COUNTED_LOCK(pthread_rwlock_tryrdlock, pthread_rwlock_t)
AIGW_COUNTED_LOCK(pthread_rwlock_trywrlock, pthread_rwlock_t)
AIGW_COUNTED_LOCK(pthread_spin_lock, pthread_spinlock_t)
