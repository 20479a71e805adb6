// The verbs of `aigw`. Each adds its options to the program and returns the verb; when it has been
// parsed and was the one asked for, `run` holds what to do, and gives the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string_view>

namespace aigw::cli {

// Exit codes: 0 done, 1 refused or failed, 2 the command line makes no sense.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

using Run = std::function<int()>;

void add_mock(CLI::App& program, Run& run);

// One line on stderr, "aigw: <message>"; returns exit_failed.
int fail(std::string_view message);

}  // namespace aigw::cli
