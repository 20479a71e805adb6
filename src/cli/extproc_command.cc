// The flags, their defaults and the way of ending are those of the peer's server, so that this one
// takes its place without a change to what starts it.
#include "cli/extproc_command.h"

#include <signal.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "cli/commands.h"
#include "cli/go_flags.h"
#include "cli/server_log.h"
#include "fronts/extproc/otlp_grpc.h"
#include "fronts/extproc/server.h"

namespace aigw::cli {
namespace {

using runtime::LogLevel;

constexpr const char* ready_line = "AI Gateway External Processor is ready";

// How often a draining server looks whether its streams have ended.
constexpr long drain_poll_ms = 20;

struct Flags {
  std::string config_path, config_bundle_path;
  std::string address = ":1063";
  std::string log_level = "info", log_format = "text";
  bool redact = false, log_bodies = false;
  int64_t admin_port = 1064;
  std::string admin_address;
  std::string request_log, request_log_path;
  std::string attributes, span_attributes, metrics_attributes, log_attributes;
  std::string root_prefix = "/", endpoint_prefixes;
  int64_t receive_max = std::numeric_limits<int64_t>::max();
  std::string mcp_address, mcp_seed = "default-insecure-seed", mcp_fallback_seed,
                           mcp_write_timeout = "2m0s";
  int64_t mcp_iterations = 100000, mcp_fallback_iterations = 100000;

  GoFlags declare() {
    GoFlags flags;
    flags.add("configPath", config_path, "the configuration file, watched");
    flags.add("configBundlePath", config_bundle_path,
              "the directory of a configuration bundle, watched; wins");
    flags.add("extProcAddr", address, "where to listen: host:port, :port or unix:///path");
    flags.add("logLevel", log_level, "debug, info, warn or error");
    flags.add("logFormat", log_format, "text or json");
    flags.add("enableRedaction", redact, "redact bodies in debug logs");
    flags.add("logBodies", log_bodies, "show bodies in debug logs");
    flags.add("adminPort", admin_port, "the port of /metrics and /health, on all interfaces");
    flags.add("adminAddress", admin_address, "the same at host:port; wins over the port");
    flags.add("requestLog", request_log, "json or text: a line for each request");
    flags.add("requestLogPath", request_log_path, "where those lines go, otherwise to stderr");
    flags.add("requestHeaderAttributes", attributes,
              "header:attribute,... for metrics, spans and logs");
    flags.add("spanRequestHeaderAttributes", span_attributes, "the same for spans");
    flags.add("metricsRequestHeaderAttributes", metrics_attributes, "the same for metrics");
    flags.add("logRequestHeaderAttributes", log_attributes, "the same for access logs");
    flags.add("rootPrefix", root_prefix, "the prefix of every path");
    flags.add("endpointPrefixes", endpoint_prefixes,
              "prefixes by vendor: openai:/,cohere:/cohere,anthropic:/anthropic");
    flags.add("maxRecvMsgSize", receive_max, "bytes of the largest gRPC message");
    flags.add("mcpAddr", mcp_address, "not served by this build");
    flags.add("mcpSessionEncryptionSeed", mcp_seed, "as mcpAddr");
    flags.add("mcpSessionEncryptionIterations", mcp_iterations, "as mcpAddr");
    flags.add("mcpFallbackSessionEncryptionSeed", mcp_fallback_seed, "as mcpAddr");
    flags.add("mcpFallbackSessionEncryptionIterations", mcp_fallback_iterations, "as mcpAddr");
    flags.add("mcpWriteTimeout", mcp_write_timeout, "as mcpAddr");
    return flags;
  }
};

std::optional<LogLevel> level_of(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (name == "debug") return LogLevel::debug;
  if (name == "info") return LogLevel::info;
  if (name == "warn") return LogLevel::warning;
  if (name == "error") return LogLevel::error;
  return {};
}

// What the runtime reads: its options under the flags' own names.
std::string runtime_options(const Flags& flags, const std::vector<std::string>& given) {
  const auto is_given = [&](const char* name) {
    return std::find(given.begin(), given.end(), name) != given.end();
  };
  nlohmann::ordered_json options = {{"rootPrefix", flags.root_prefix},
                                    {"endpointPrefixes", flags.endpoint_prefixes}};
  if (flags.config_bundle_path.empty()) {
    options["configPath"] = flags.config_path;
  } else {
    options["configBundlePath"] = flags.config_bundle_path;
  }
  for (const auto& [name, value] :
       {std::pair<const char*, const std::string&>{"requestHeaderAttributes", flags.attributes},
        {"spanRequestHeaderAttributes", flags.span_attributes},
        {"metricsRequestHeaderAttributes", flags.metrics_attributes},
        {"logRequestHeaderAttributes", flags.log_attributes}}) {
    if (is_given(name)) options[name] = value;
  }
  if (!flags.request_log.empty()) options["requestLog"] = flags.request_log;
  if (!flags.request_log_path.empty()) options["requestLogPath"] = flags.request_log_path;
  if (flags.redact) options["enableRedaction"] = true;
  if (flags.log_bodies) options["logBodies"] = true;
  return options.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

class Signals {
 public:
  // Blocks them in this thread and those that it starts.
  Signals() {
    sigemptyset(&set_);
    for (int signal : {SIGINT, SIGTERM}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }
  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }
  bool wait(long milliseconds) const {
    const timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
    return sigtimedwait(&set_, nullptr, &time) > 0;
  }

 private:
  sigset_t set_;
};

// What is this server's own, beside what the runtime counts. The peer asks its own listener within a
// second whether all is well, so that the port tells of the server behind it.
runtime::AdminHooks admin_hooks(const extproc::Server& server, extproc::Gateway& gateway,
                                ServerLog& log) {
  constexpr unsigned patience_ms = 1000;
  runtime::AdminHooks hooks;
  hooks.healthy = [&server] { return server.answers_health_check(patience_ms); };
  hooks.set_log_level = [&log](Bytes name) {
    const std::optional<LogLevel> level = level_of(std::string(name));
    if (level) log.set_level(*level);
    return level.has_value();
  };
  hooks.more_metrics = [&](std::string& text) {
    observe::append_gauge(text, "aigw_extproc_streams_open", "Streams of Envoy that are open.", {},
                          static_cast<double>(server.streams_open()));
    observe::append_gauge(text, "aigw_extproc_exchanges_open",
                          "Requests whose router stream is open.", {},
                          static_cast<double>(gateway.exchanges_open()));
  };
  return hooks;
}

int serve(const Flags& flags, const std::vector<std::string>& given, ServerLog& log) {
  const Signals signals;
  runtime::Process process;
  const auto write = [&log](LogLevel level, Bytes message) { log.write(level, message); };
  process.log = write;
  process.open_otlp_grpc = extproc::open_otlp_grpc;
  process.workers = std::max(1u, std::thread::hardware_concurrency());
  Result<std::shared_ptr<runtime::Runtime>> runtime =
      runtime::Runtime::open(runtime_options(flags, given), std::move(process));
  if (!runtime) return fail(runtime.error().message);
  extproc::Gateway gateway(*runtime, write, log.takes(LogLevel::debug));
  extproc::ServerOptions options;
  options.address = flags.address;
  if (flags.receive_max < std::numeric_limits<int>::max())
    options.receive_max = static_cast<int>(flags.receive_max);
  Result<std::unique_ptr<extproc::Server>> server = extproc::Server::start(gateway, options);
  if (!server) return fail(server.error().message);
  std::string admin_address = flags.admin_address;
  if (admin_address.empty() && flags.admin_port > 0) {
    admin_address = ":" + std::to_string(flags.admin_port);
  }
  if (!admin_address.empty()) {
    const Result<void> opened =
        (*runtime)->open_admin(admin_address, admin_hooks(**server, gateway, log));
    if (!opened) return fail(opened.error().message);
  }
  std::fprintf(stderr, "%s\n", ready_line);
  signals.wait();
  // What runs goes on to its end, however long that takes; a second signal cuts it.
  log.write(LogLevel::info, "stopping when the open streams have ended");
  (*server)->begin_drain();
  while (!(*server)->drained() && !signals.wait(drain_poll_ms)) {
  }
  (*server)->stop((*server)->drained() ? 1000 : 0);
  (*runtime)->close_admin();
  return exit_ok;
}

}  // namespace

int run_extproc(const std::vector<std::string>& arguments) {
  Flags flags;
  const GoFlags declared = flags.declare();
  const std::string usage = declared.usage("extproc");
  const Result<GoFlags::Parsed> parsed = declared.parse(arguments);
  if (!parsed) {
    std::fprintf(stderr, "%s\n%s", parsed.error().message.c_str(), usage.c_str());
    return exit_failed;
  }
  if (parsed->help) {
    std::fputs(usage.c_str(), stdout);
    return exit_ok;
  }
  if (flags.config_path.empty() && flags.config_bundle_path.empty()) {
    return fail("one of -configPath and -configBundlePath has to be given");
  }
  const std::optional<LogLevel> level = level_of(flags.log_level);
  if (!level) return fail("-logLevel has to be debug, info, warn or error, not " + flags.log_level);
  if (flags.log_format != "text" && flags.log_format != "json") {
    return fail("-logFormat has to be text or json, not " + flags.log_format);
  }
  if (flags.admin_port < 0 || flags.admin_port > std::numeric_limits<uint16_t>::max()) {
    return fail("-adminPort has to be a port, or 0 for none");
  }
  if (flags.receive_max <= 0) return fail("-maxRecvMsgSize has to be positive");
  ServerLog log(*level, flags.log_format == "json");
  if (!flags.mcp_address.empty())
    log.write(LogLevel::warning, "-mcpAddr: this build has no MCP proxy");
  return serve(flags, parsed->given, log);
}

}  // namespace aigw::cli
