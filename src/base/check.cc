#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace aigw {

void check_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "aigw: broken invariant at %s:%d: %s\n", file, line, what);
  std::abort();
}

}  // namespace aigw
