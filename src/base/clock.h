// Time comes in from outside, so that the core holds no clock and tests hold theirs.
#pragma once

#include <cstdint>

namespace aigw {

// Monotonic nanoseconds.
using MonotonicNow = uint64_t (*)();

// Seconds since 1970.
using UnixSecondsNow = uint64_t (*)();

}  // namespace aigw
