#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "config/load_prices.h"
#include "control/bootstrap.h"
#include "control/locate.h"

namespace aigw::cli {
namespace {

int validate(const std::string& file) {
  const config::Loaded loaded = config::load_file(file, {true, true});
  print(loaded.diagnostics);
  if (!loaded.ok()) return exit_failed;
  const auto& prices = loaded.document.filter.prices;
  if (prices && !prices->file.empty()) {
    if (const std::string problems = config::check_prices(prices->file); !problems.empty()) return fail(problems);
  }
  // What the loader takes and Envoy could not do.
  control::BootstrapOptions options;
  options.system_ca = control::find_system_ca();
  const Result<control::Json> bootstrap = control::make_bootstrap(loaded.document, options);
  if (!bootstrap) return fail(file + ": " + bootstrap.error().message);
  std::printf("%s: ok, %zu backends, %zu routes\n", file.c_str(),
              loaded.document.filter.backends.size(), loaded.document.routes.size());
  return exit_ok;
}

}  // namespace

void add_validate(CLI::App& program, Run& run) {
  auto file = std::make_shared<std::string>();
  CLI::App* verb =
      program.add_subcommand("validate", "Check a configuration and say all that is wrong with it");
  verb->add_option("-c,--config", *file, "The document that `aigw run -c` takes")
      ->required()
      ->type_name("FILE");
  verb->footer("Exit codes: 0 fine (there may be warnings), 1 errors, 2 a bad command line.\n");
  verb->callback([file, &run] { run = [file] { return validate(*file); }; });
}

}  // namespace aigw::cli
