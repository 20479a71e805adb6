#include <cstdio>

#include "cli/commands.h"

namespace aigw::cli {

int fail(std::string_view message) {
  std::fprintf(stderr, "aigw: %.*s\n", static_cast<int>(message.size()), message.data());
  return exit_failed;
}

void print(const std::vector<config::Diagnostic>& diagnostics) {
  for (const config::Diagnostic& one : diagnostics) {
    std::fprintf(stderr, "%s\n", to_string(one).c_str());
  }
}

}  // namespace aigw::cli
