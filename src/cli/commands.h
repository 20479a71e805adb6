// The verbs of `aigw`. Each adds its options to the program; when the command line asked for it,
// `run` afterwards holds what to do, and gives the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace aigw::cli {

// Exit codes: done; refused or failed; the command line makes no sense.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

using Run = std::function<int()>;

void add_run(CLI::App& program, Run& run);
void add_validate(CLI::App& program, Run& run);
void add_mock(CLI::App& program, Run& run);
void add_translate(CLI::App& program, Run& run);
void add_cost(CLI::App& program, Run& run);
void add_matrix(CLI::App& program, Run& run);
void add_tap(CLI::App& program, Run& run);

// "aigw: <message>" on stderr; returns exit_failed.
int fail(std::string_view message);

// All of them on stderr, one a line.
void print(const std::vector<config::Diagnostic>& diagnostics);

}  // namespace aigw::cli
