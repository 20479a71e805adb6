#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "control/address.h"
#include "mock/server.h"

namespace aigw::cli {
namespace {

struct MockFlags {
  std::string listen = "127.0.0.1:0";
  std::string required_key;
  unsigned delay_ms = 0;
};

int run_mock(const MockFlags& flags) {
  Result<control::Address> address = control::parse_address(flags.listen);
  if (!address) return fail(address.error().message);
  mock::ServerOptions options;
  options.host = address->host;
  options.port = address->port;
  options.event_delay = std::chrono::milliseconds(flags.delay_ms);
  options.provider.required_key = flags.required_key;
  options.provider.models = mock::default_models();
  const Result<void> served = mock::serve(options, [](const std::string& listening) {
    std::printf("embedded provider listening on http://%s\n", listening.c_str());
    std::fflush(stdout);
  });
  return served ? exit_ok : fail(served.error().message);
}

}  // namespace

void add_mock(CLI::App& program, Run& run) {
  auto flags = std::make_shared<MockFlags>();
  CLI::App* verb =
      program.add_subcommand("mock",
                             "Serve the embedded provider: OpenAI chat, Anthropic Messages and "
                             "Bedrock Converse, made-up answers");
  verb->add_option("--listen", flags->listen, "Where to listen; port 0 takes a free one")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  verb->add_option("--require-key", flags->required_key, "Answer only who has this key (see below)")
      ->type_name("KEY");
  verb->add_option("--delay-ms", flags->delay_ms,
                   "Wait so long before each answer and each event of a stream")
      ->type_name("MS");
  verb->footer(mock::prompt_help());
  verb->callback([flags, &run] { run = [flags] { return run_mock(*flags); }; });
}

}  // namespace aigw::cli
