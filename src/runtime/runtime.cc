#include "runtime/runtime.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/quiet_thread.h"
#include "base/system_clock.h"
#include "config/compile.h"
#include "config/reader.h"
#include "net/http_client.h"
#include "version/version.h"

namespace aigw::runtime {
namespace {

// A change of the configuration is live within 200 ms.
constexpr std::chrono::milliseconds kWatchPeriod{100};

// How long an admin address that is taken is let alone.
constexpr uint64_t kAdminAgainNs = 1'000'000'000;

// How long a configuration waits for the tokens that it needs: no worker waits, but Envoy's main thread does at the
// start. Without them it serves what needs none, and answers 503 for the rest until they come.
constexpr std::chrono::milliseconds kFirstTokens{1'500};

std::string environment_of_process(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

// As Linux tells it, so that it is the same for every build in the process.
uint64_t process_began_ms() {
  std::FILE* file = std::fopen("/proc/self/stat", "re");
  if (file == nullptr) return 0;
  char text[1024];
  const size_t size = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  const Bytes stat(text, size);
  // The 22nd field; the second is a name in parentheses that may hold anything.
  Bytes rest = stat.substr(std::min(stat.size(), stat.rfind(')') + 1));
  for (int field = 2; field < 22; ++field) {
    const size_t space = rest.find(' ');
    if (space == Bytes::npos) return 0;
    rest.remove_prefix(space + 1);
  }
  uint64_t ticks = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), ticks);
  const uint64_t began_ms = ticks * 1000 / static_cast<uint64_t>(::sysconf(_SC_CLK_TCK));
  timespec up;
  ::clock_gettime(CLOCK_BOOTTIME, &up);
  const uint64_t up_ms = static_cast<uint64_t>(up.tv_sec) * 1000 + static_cast<uint64_t>(up.tv_nsec) / 1'000'000;
  return system_unix_milliseconds() - (up_ms - began_ms);
}

std::string lines_of(const std::vector<config::Diagnostic>& diagnostics, config::Diagnostic::Severity severity) {
  std::string lines;
  for (const config::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != severity) continue;
    if (!lines.empty()) lines += '\n';
    lines += config::to_string(diagnostic);
  }
  return lines;
}

}  // namespace

Runtime::Runtime(Options options, Process process)
    : options_(std::move(options)),
      process_(std::move(process)),
      endpoints_(std::make_shared<const endpoint::Table>(options_.prefixes)),
      sight_(process_.shared, process_.workers),
      store_([this](const std::string& path, const std::string& problem) {
        process_.log(LogLevel::warning, "credential file " + path + ": " + problem);
      }, process_.watch ? credential::Fetching::on : credential::Fetching::off,
      [this](const credential::Fetcher::Outcome& fetch) { note_fetch(fetch); }),
      slots_(process_.workers),
      source_(options_.config_path, options_.config_bundle_path),
      source_path_(source_.path()),
      listeners_(process_.shared, "ai_gateway.admin.1", sizeof(ListenerShare)) {
  static_assert(ListenerShare::kLayout == 1);
}

Result<std::shared_ptr<Runtime>> Runtime::open(Bytes filter_config, Process process) {
  Result<Options> options = parse_options(filter_config);
  if (!options) return std::move(options).error();
  if (!process.environment) process.environment = environment_of_process;
  Result<OtelOptions> otel = read_otel_options(process.environment, process.open_otlp_grpc != nullptr);
  if (!otel) return std::move(otel).error();
  std::shared_ptr<Runtime> runtime(new Runtime(std::move(*options), std::move(process)));
  for (const auto& [name, value] : otel->resource.attributes) {
    if (!runtime->target_.empty()) runtime->target_ += ',';
    observe::append_label(runtime->target_, name, value);
  }
  for (const std::string& warning : runtime->options_.warnings) {
    runtime->process_.log(LogLevel::warning, warning);
  }
  if (runtime->process_.delivers_sds) runtime->store_.allow_sds();
  if (Result<void> begun = runtime->load_first(); !begun) return std::move(begun).error();
  if (runtime->process_.watch) {
    runtime->open_request_log();
    runtime->open_exporter(std::move(*otel));
    if (!runtime->options_.admin_address.empty()) runtime->open_own_admin();
    runtime->watcher_ = quiet_thread([self = runtime.get()] { self->watch(); });
  }
  return runtime;
}

Runtime::~Runtime() {
  {
    std::lock_guard<std::mutex> lock(stop_mutex_);
    stopping_ = true;
  }
  stop_changed_.notify_all();
  if (watcher_.joinable()) watcher_.join();
  admin_.reset();
}

void Runtime::note_fetch(const credential::Fetcher::Outcome& fetch) {
  sight_.count(observe::Family::token_fetches,
               observe::Labels().add("source", fetch.kind).add("result", fetch.result));
  if (!fetch.changed) return;
  process_.log(fetch.problem.empty() ? LogLevel::info : LogLevel::warning,
               fetch.source + ": " + (fetch.problem.empty() ? "fetched again" : fetch.problem));
}

void Runtime::open_exporter(OtelOptions otel) {
  for (const std::string& warning : otel.warnings) process_.log(LogLevel::warning, warning);
  if (!otel.exports()) return;
  if (otel.traces.to != ExportTo::nowhere) {
    uint64_t seed = 0;
    AIGW_CHECK(::getrandom(&seed, sizeof seed, 0) == sizeof seed);
    tracer_ = std::make_unique<observe::Tracer>(otel.tracing, seed);
    sight_.export_spans([this](const observe::RequestRecord& request) { exporter_->span(request); });
  }
  const auto dropped = [this](Bytes exporter, uint64_t count) {
    sight_.count(observe::Family::exports_dropped, observe::Labels().add("exporter", exporter), count);
  };
  const bool grpc = otel.traces.grpc || otel.metrics.grpc;
  for (OtelExport* to : {&otel.traces, &otel.metrics}) {
    if (to->tls.authorities.empty()) to->tls.authorities = net::system_ca_file();
  }
  exporter_ = std::make_unique<OtelExporter>(std::move(otel), sight_.block(), dropped,
                                             grpc ? process_.open_otlp_grpc() : nullptr);
}

void Runtime::open_request_log() {
  if (!options_.request_log) return;
  const auto lost = [this](uint64_t lines) {
    sight_.count(observe::Family::exports_dropped, observe::Labels().add("exporter", "request_log"),
                 lines);
  };
  request_log_ = std::make_unique<RequestLog>(options_.request_log_path, *options_.request_log, lost);
  sight_.log_requests(&request_log_->feed());
}

Result<void> Runtime::open_admin(const std::string& address, AdminHooks hooks) {
  Result<std::unique_ptr<Admin>> opened = Admin::open(
      address, static_cast<ListenerShare*>(listeners_.get()),
      [this, hooks = std::move(hooks)](const AdminRequest& request) {
        return answer(request, hooks);
      });
  if (!opened) return std::move(opened).error();
  admin_ = std::move(*opened);
  process_.log(LogLevel::info, "the admin address is " + admin_->address());
  return {};
}

// Requests go on where it cannot be opened: another process has it, perhaps one that is leaving.
void Runtime::open_own_admin() {
  const bool first = admin_again_ns_ == 0;
  Result<void> opened = open_admin(options_.admin_address, {});
  admin_again_ns_ = opened ? 0 : system_monotonic_now() + kAdminAgainNs;
  if (!opened && first) process_.log(LogLevel::warning, opened.error().message + "; it is tried again");
}

AdminReply Runtime::answer(const AdminRequest& request, const AdminHooks& hooks) {
  const std::shared_ptr<const config::Config> config = current();
  ConfigurationState state{*config, loaded_ms_, refused_ms_, {}, source_path_};
  {
    std::lock_guard<std::mutex> lock(mutex_);
    state.refusal = refusal_;
  }
  return answer_admin(request, {sight_, hooks, std::move(state), process_began_ms(), target_});
}

std::string Runtime::version_now() const {
  std::string version = options_.has_inline ? "inline" : source_.version();
  const std::shared_ptr<const config::Config> config = current();
  if (version.empty() || config == nullptr || config->prices_file().empty()) return version;
  const std::string prices = file_version(config->prices_file());
  return prices.empty() ? prices : version + ' ' + prices;
}

Result<void> Runtime::load_first() {
  loaded_version_ = source_.version();
  Result<std::shared_ptr<const config::Config>> config = load();
  if (config) {
    store_.wait_for_tokens(kFirstTokens);
    publish(std::move(*config));
    return {};
  }
  if (!source_.is_bundle() || config.error().kind != FailureKind::unavailable) return std::move(config).error();
  process_.log(LogLevel::warning, config.error().message + "; there is no configuration until it does");
  loaded_version_.clear();
  Result<std::shared_ptr<const config::Config>> empty = config::compile(config::Document{}, store_);
  if (!empty) return std::move(empty).error();
  publish(std::move(*empty));
  return {};
}

Result<std::shared_ptr<const config::Config>> Runtime::load() {
  config::Loaded loaded;
  if (options_.has_inline) {
    loaded = options_.inline_config;
  } else {
    Result<config::Loaded> read = source_.read();
    if (!read) return std::move(read).error();
    loaded = std::move(*read);
  }
  if (!loaded.ok()) {
    return Failure{FailureKind::internal, lines_of(loaded.diagnostics, config::Diagnostic::Severity::error)};
  }
  const config::Document& document = loaded.document.filter;
  // A shell truncates a file before it writes it: nothing is not a configuration.
  if (!options_.has_inline && document == config::Document{}) {
    return Failure{FailureKind::internal, source_.path() + ": the document is empty"};
  }
  if (!understands_version(document.version)) {
    return Failure{FailureKind::internal, "the document is of version " + config::quoted(document.version) +
                                              ", which this build, " + version::text() + ", does not understand"};
  }
  std::string warnings = lines_of(loaded.diagnostics, config::Diagnostic::Severity::warning);
  if (!warnings.empty()) process_.log(LogLevel::warning, warnings);
  return config::compile(document, store_);
}

void Runtime::publish(std::shared_ptr<const config::Config> config) {
  std::lock_guard<std::mutex> lock(mutex_);
  loaded_ms_ = system_unix_milliseconds();
  refused_ms_ = 0;
  current_ = std::move(config);
  generation_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const config::Config> Runtime::current() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return current_;
}

const std::shared_ptr<const config::Config>& Runtime::config_for_worker(uint32_t index) {
  AIGW_CHECK(index < slots_.size());
  Slot& slot = slots_[index];
  uint64_t generation = generation_.load(std::memory_order_acquire);
  if (slot.generation != generation) {
    slot.config = current();
    slot.generation = generation;
  }
  return slot.config;
}

void Runtime::watch() {
  std::unique_lock<std::mutex> lock(stop_mutex_);
  while (!stop_changed_.wait_for(lock, kWatchPeriod, [this] { return stopping_; })) {
    lock.unlock();
    try {
      if (process_.tick) process_.tick();
      store_.refresh();
      reload_if_changed();
      if (admin_again_ns_ != 0 && system_monotonic_now() > admin_again_ns_) open_own_admin();
    } catch (const std::exception& error) {
      process_.log(LogLevel::error, std::string("watching the configuration: ") + error.what());
    }
    lock.lock();
  }
}

void Runtime::reload_if_changed() {
  // An inline document changes with its price file only.
  if (options_.has_inline && current()->prices_file().empty()) return;
  const std::string version = version_now();
  // A file that is away for a moment is being replaced.
  if (version.empty() || version == loaded_version_) return;
  loaded_version_ = version;
  Result<std::shared_ptr<const config::Config>> config = load();
  sight_.count(observe::Family::configurations,
               observe::Labels().add("result", config ? "taken" : "refused"));
  if (!config) {
    process_.log(LogLevel::error, "the configuration is not taken, the one before goes on serving:\n" +
                                      config.error().message);
    std::lock_guard<std::mutex> lock(mutex_);
    refused_ms_ = system_unix_milliseconds();
    refusal_ = config.error().message;
    return;
  }
  store_.wait_for_tokens(kFirstTokens);
  const std::string uuid((*config)->uuid());
  publish(std::move(*config));
  process_.log(LogLevel::info, "configuration " + uuid + " is live");
}

}  // namespace aigw::runtime
