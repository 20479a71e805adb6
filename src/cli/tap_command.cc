#include <time.h>

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/tap.h"
#include "control/local_http.h"

namespace aigw::cli {
namespace {

constexpr int patience_ms = 10'000;
constexpr long period_ms = 250;

struct TapFlags {
  uint16_t port = 1064;
  unsigned long long count = 0;
};

int run_tap(const TapFlags& flags) {
  std::string next;
  unsigned long long requests = 0;
  for (;;) {
    const control::LocalReply reply =
        control::local_get(flags.port, next.empty() ? "/tap" : "/tap?after=" + next, patience_ms);
    const TapPage page = reply.status == 200 ? tap_page(reply.body) : TapPage();
    if (page.next.empty()) {
      return fail("no gateway answers at the admin address 127.0.0.1:" + std::to_string(flags.port));
    }
    if (next.empty()) std::printf("%s\n", tap_heading().c_str());
    if (!next.empty() && page.lost > 0) std::printf("(%llu more)\n", page.lost);
    std::fputs(page.lines.c_str(), stdout);
    std::fflush(stdout);
    next = page.next;
    requests += page.requests;
    if (flags.count > 0 && requests >= flags.count) return exit_ok;
    const timespec period{0, period_ms * 1'000'000};
    ::nanosleep(&period, nullptr);
  }
}

}  // namespace

void add_tap(CLI::App& program, Run& run) {
  auto flags = std::make_shared<TapFlags>();
  CLI::App* verb = program.add_subcommand(
      "tap", "Show requests as they come: who, model, backend, attempts, tokens, times, costs");
  verb->add_option("--admin-port", flags->port, "Of a gateway on this machine")
      ->capture_default_str()
      ->type_name("PORT");
  verb->add_option("--count", flags->count, "End after so many requests; 0: at Ctrl-C")->type_name("N");
  verb->footer("Nothing that a client or a provider says is shown, only names, counts and times.");
  verb->callback([flags, &run] { run = [flags] { return run_tap(*flags); }; });
}

}  // namespace aigw::cli
