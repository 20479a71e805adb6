#include "runtime/runtime.h"

#include <chrono>
#include <csignal>

#include "config/compile.h"
#include "config/reader.h"

namespace aigw::runtime {
namespace {

// A change of the configuration is live within 200 ms.
constexpr std::chrono::milliseconds kWatchPeriod{100};

std::string lines_of(const std::vector<config::Diagnostic>& diagnostics, config::Diagnostic::Severity severity) {
  std::string lines;
  for (const config::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != severity) continue;
    if (!lines.empty()) lines += '\n';
    lines += config::to_string(diagnostic);
  }
  return lines;
}

// The host process owns its signals: a thread of ours takes none of them.
template <class Body>
std::thread quiet_thread(Body body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Runtime::Runtime(Options options, Process process)
    : options_(std::move(options)),
      process_(std::move(process)),
      endpoints_(std::make_shared<const endpoint::Table>(options_.prefixes)),
      store_([this](const std::string& path, const std::string& problem) {
        process_.log(LogLevel::warning, "credential file " + path + ": " + problem);
      }),
      slots_(process_.workers),
      source_(options_.config_path, options_.config_bundle_path) {}

Result<std::shared_ptr<Runtime>> Runtime::open(Bytes filter_config, Process process) {
  Result<Options> options = parse_options(filter_config);
  if (!options) return std::move(options).error();
  std::shared_ptr<Runtime> runtime(new Runtime(std::move(*options), std::move(process)));
  for (const std::string& warning : runtime->options_.warnings) {
    runtime->process_.log(LogLevel::warning, warning);
  }
  if (Result<void> begun = runtime->load_first(); !begun) return std::move(begun).error();
  if (runtime->process_.watch) {
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
}

Result<void> Runtime::load_first() {
  loaded_version_ = source_.version();
  Result<std::shared_ptr<const config::Config>> config = load();
  if (config) {
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
                                              ", which this build (" + AIGW_VERSION + ") does not understand"};
  }
  std::string warnings = lines_of(loaded.diagnostics, config::Diagnostic::Severity::warning);
  if (!warnings.empty()) process_.log(LogLevel::warning, warnings);
  return config::compile(document, store_);
}

void Runtime::publish(std::shared_ptr<const config::Config> config) {
  std::lock_guard<std::mutex> lock(mutex_);
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
      store_.refresh();
      reload_if_changed();
    } catch (const std::exception& error) {
      process_.log(LogLevel::error, std::string("watching the configuration: ") + error.what());
    }
    lock.lock();
  }
}

void Runtime::reload_if_changed() {
  if (options_.has_inline) return;
  std::string version = source_.version();
  // A file that is away for a moment is being replaced.
  if (version.empty() || version == loaded_version_) return;
  loaded_version_ = version;
  Result<std::shared_ptr<const config::Config>> config = load();
  if (!config) {
    process_.log(LogLevel::error, "the configuration is not taken, the one before goes on serving:\n" +
                                      config.error().message);
    return;
  }
  process_.log(LogLevel::info, "configuration " + std::string((*config)->uuid()) + " is live");
  publish(std::move(*config));
}

}  // namespace aigw::runtime
