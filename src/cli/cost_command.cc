#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "cli/ledger.h"
#include "control/address.h"
#include "control/local_http.h"

namespace aigw::cli {
namespace {

struct CostFlags {
  std::string access_log;
  std::string counters;
  std::string field = kCostField;
  std::string key = kMoneyKey;
};

constexpr const char* cost_help = R"(The access log is one of `aigw run --access-log` with prices in its document. The
sums are of its costs in millionths of the currency's unit, by backend and by the
model that clients asked for.

With --counters the sums are compared with what the gateway has counted since it
started: a file with its metrics, or the URL of its admin address, as `aigw run`
prints it. The log has to be that of the same run, and no request may be under
way.

Exit codes: 0 summed (and they agree), 1 they do not agree or cannot be read, 2 a
bad command line.
)";

// A port of this machine, of a URL without a path.
std::optional<uint16_t> port_of(const std::string& url) {
  const std::string scheme = "http://";
  if (!url.starts_with(scheme)) return std::nullopt;
  std::string rest = url.substr(scheme.size());
  while (rest.ends_with('/')) rest.pop_back();
  const Result<control::Address> address = control::parse_address(rest);
  if (!address || address->host != "127.0.0.1") return std::nullopt;
  return address->port;
}

Result<std::string> metrics_of(const std::string& from) {
  if (from.starts_with("http")) {
    constexpr int patience_ms = 10'000;
    const std::optional<uint16_t> port = port_of(from);
    if (!port) return Failure{FailureKind::unprocessable, "expected http://127.0.0.1:PORT, not " + from};
    control::LocalReply reply = control::local_get(*port, "/metrics", patience_ms);
    if (reply.status == 200) return std::move(reply.body);
    return Failure{FailureKind::unavailable, from + " has no metrics to give"};
  }
  std::ifstream file(from);
  if (!file) return Failure{FailureKind::unavailable, from + ": cannot be read"};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int run_cost(const CostFlags& flags) {
  std::ifstream file;
  if (flags.access_log != "-") {
    file.open(flags.access_log);
    if (!file) return fail(flags.access_log + ": cannot be read");
  }
  std::istream& log = flags.access_log == "-" ? std::cin : static_cast<std::istream&>(file);
  const Result<Ledger> ledger = read_ledger(log, flags.field);
  if (!ledger) return fail(flags.access_log + ": " + ledger.error().message);
  std::fputs(to_text(*ledger).c_str(), stdout);
  if (flags.counters.empty()) return exit_ok;
  const Result<std::string> metrics = metrics_of(flags.counters);
  if (!metrics) return fail(metrics.error().message);
  const auto counters = read_counters(*metrics, flags.key);
  if (!counters) return fail(counters.error().message);
  const Reconciled reconciled = reconcile(*ledger, *counters);
  std::fputs(reconciled.text.c_str(), stdout);
  return reconciled.agrees ? exit_ok : exit_failed;
}

}  // namespace

void add_cost(CLI::App& program, Run& run) {
  auto flags = std::make_shared<CostFlags>();
  CLI::App* verb = program.add_subcommand("cost", "Sum what requests cost, and compare it with the counters");
  verb->add_option("--access-log", flags->access_log, "The access log, - is stdin")->required()->type_name("FILE|-");
  verb->add_option("--counters", flags->counters, "The gateway's metrics")->type_name("FILE|URL");
  verb->add_option("--field", flags->field, "The field of the log that holds the cost")->capture_default_str();
  verb->add_option("--key", flags->key, "The metadataKey of the document's prices")->capture_default_str();
  verb->footer(cost_help);
  verb->callback([flags, &run] { run = [flags] { return run_cost(*flags); }; });
}

}  // namespace aigw::cli
