// CHECK states an invariant of this program and is never applied to input: what a peer can cause is
// a Failure.
#pragma once

namespace aigw {

[[noreturn]] void check_failed(const char* what, const char* file, int line);

}  // namespace aigw

#define AIGW_CHECK(condition) \
  do {                        \
    if (!(condition)) ::aigw::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
