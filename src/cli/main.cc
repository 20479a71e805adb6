// aigw: runs the gateway on one machine, checks its configuration, serves a provider for trying
// things out, and shows what the gateway does to a message.
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

namespace {

int run_program(int argc, char** argv) {
  CLI::App program("An AI gateway that lives inside Envoy.", "aigw");
  program.set_version_flag("--version", "aigw " AIGW_VERSION " (" AIGW_BUILD_TYPE ")");
  program.require_subcommand(1);
  Run run;
  add_run(program, run);
  add_validate(program, run);
  add_mock(program, run);
  add_translate(program, run);
  add_matrix(program, run);
  program.add_subcommand("version", "Print the version")->callback([&] {
    run = [] {
      std::puts("aigw " AIGW_VERSION " (" AIGW_BUILD_TYPE ")");
      return exit_ok;
    };
  });
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? exit_ok : exit_usage;
  }
  return run();
}

}  // namespace
}  // namespace aigw::cli

int main(int argc, char** argv) {
  try {
    return aigw::cli::run_program(argc, argv);
  } catch (const std::exception& error) {
    return aigw::cli::fail(error.what());
  }
}
