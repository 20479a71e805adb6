#include "base/check.h"

#include <string>

namespace aigw {

void check_failed(const char* what, const char* file, int line) {
  throw BrokenInvariant("broken invariant at " + std::string(file) + ":" + std::to_string(line) +
                        ": " + what);
}

}  // namespace aigw
