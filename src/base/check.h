// CHECK states an invariant of this program and is never applied to input: what a peer can cause is
// a Failure.
#pragma once

#include <stdexcept>

namespace aigw {

// A rule of this program that does not hold. It is thrown, so that it costs the request that met it
// and nothing else: the guard of the hook logs it, counts it and fails that request closed. Nothing
// else catches it by its name. In a noexcept function it ends the process.
class BrokenInvariant : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Throws BrokenInvariant, which says what and where.
[[noreturn]] void check_failed(const char* what, const char* file, int line);

}  // namespace aigw

#define AIGW_CHECK(condition)                                               \
  do {                                                                      \
    if (!(condition)) ::aigw::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
