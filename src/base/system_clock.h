// The clocks of this machine, for fronts to hand to the core.
#pragma once

#include <time.h>

#include <cstdint>

namespace aigw {

inline uint64_t system_monotonic_now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

inline uint64_t system_unix_nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

inline uint64_t system_unix_milliseconds() { return system_unix_nanoseconds() / 1'000'000; }

inline uint64_t system_unix_now() { return static_cast<uint64_t>(time(nullptr)); }

}  // namespace aigw
