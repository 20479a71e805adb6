// aigw: runs the gateway on one machine, checks its configuration, serves a provider for trying
// things out, and shows what the gateway does to a message.
#include <cstdio>

#include "cli/commands.h"
#include "cli/extproc_command.h"
#include "version/version.h"

namespace aigw::cli {
namespace {

// The verb of the ext_proc server, whose arguments are read by the rules of the program that it
// stands in for; also when this program has that one's name.
constexpr std::string_view extproc_verb = "extproc";

#if AIGW_WITH_EXTPROC
bool has_name(std::string_view path, std::string_view name) {
  return path.substr(path.rfind('/') + 1) == name;
}
#endif

int run_program(int argc, char** argv) {
#if AIGW_WITH_EXTPROC
  if (argc > 0 && has_name(argv[0], extproc_verb)) return run_extproc({argv + 1, argv + argc});
  if (argc > 1 && argv[1] == extproc_verb) return run_extproc({argv + 2, argv + argc});
#endif
  CLI::App program("An AI gateway that lives inside Envoy.", "aigw");
  program.set_version_flag("--version", "aigw " + version::text());
  program.require_subcommand(1);
  Run run;
  add_run(program, run);
  add_validate(program, run);
  add_mock(program, run);
  add_translate(program, run);
  add_cost(program, run);
  add_matrix(program, run);
  add_tap(program, run);
#if AIGW_WITH_EXTPROC
  program.add_subcommand(
      std::string(extproc_verb),
      "Serve Envoy's ext_proc filters instead of the module; see `aigw extproc -help`");
#endif
  program.add_subcommand("version", "Print the version")->callback([&] {
    run = [] {
      std::puts(("aigw " + version::text()).c_str());
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
