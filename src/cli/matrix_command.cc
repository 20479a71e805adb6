#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/matrix.h"
#include "cli/parity.h"

namespace aigw::cli {
namespace {

struct MatrixFlags {
  std::string cases;
  bool json = false;
  bool parity = false;
};

// The lines of the list without its comments.
void print_parity() {
  std::string_view text = parity_text();
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  }
}

int run_matrix(MatrixFlags flags) {
  if (flags.parity) {
    print_parity();
    return exit_ok;
  }
  if (flags.cases.empty()) {
    if (has_cases("tests/cases")) flags.cases = "tests/cases";
  } else if (!has_cases(flags.cases)) {
    return fail(flags.cases + " holds no cases");
  }
  const std::vector<MatrixRow> rows = matrix(flags.cases);
  std::fputs((flags.json ? to_json(rows) : to_text(rows)).c_str(), stdout);
  return exit_ok;
}

}  // namespace

void add_matrix(CLI::App& program, Run& run) {
  auto flags = std::make_shared<MatrixFlags>();
  CLI::App* verb = program.add_subcommand(
      "matrix", "List which endpoint can be served by which kind of backend, and how");
  verb->add_option("--cases", flags->cases,
                   "A folder of cases to count for each; tests/cases where that is there")
      ->type_name("FOLDER");
  verb->add_flag("--json", flags->json, "Print JSON");
  verb->add_flag("--parity", flags->parity,
                 "Print instead what differs between the module and ext_proc, and why");
  verb->footer(
      "splice: the client's bytes with a few edits, where both sides speak one language.\n"
      "hub: the message is read and written anew in the other language.\n"
      "direct: what is no conversation, translated whole.\n");
  verb->callback([flags, &run] { run = [flags] { return run_matrix(*flags); }; });
}

}  // namespace aigw::cli
