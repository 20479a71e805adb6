#include "runtime/runtime.h"

#include <sys/stat.h>

#include <chrono>
#include <csignal>

#include "config/compile.h"

namespace aigw::runtime {
namespace {

// A change of the configuration is live within 200 ms.
constexpr std::chrono::milliseconds kWatchPeriod{100};

// What tells one content of a file from another without reading it; follows symbolic links, so that a mount that
// swaps a link counts as a change. Empty when there is no such file.
std::string file_version(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return {};
  return std::to_string(status.st_dev) + '/' + std::to_string(status.st_ino) + '/' +
         std::to_string(status.st_size) + '/' + std::to_string(status.st_mtim.tv_sec) + '.' +
         std::to_string(status.st_mtim.tv_nsec);
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
      slots_(process_.workers) {}

Result<std::shared_ptr<Runtime>> Runtime::open(Bytes filter_config, Process process) {
  Result<Options> options = parse_options(filter_config);
  if (!options) return std::move(options).error();
  std::shared_ptr<Runtime> runtime(new Runtime(std::move(*options), std::move(process)));
  for (const std::string& warning : runtime->options_.warnings) {
    runtime->process_.log(LogLevel::warning, warning);
  }
  runtime->loaded_version_ = file_version(runtime->options_.config_path);
  Result<std::shared_ptr<const config::Config>> config = runtime->load();
  if (!config) return std::move(config).error();
  runtime->publish(std::move(*config));
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

Result<std::shared_ptr<const config::Config>> Runtime::load() {
  config::Loaded from_file;
  if (!options_.has_inline) {
    from_file = config::load_file(options_.config_path, {.allow_literals = true, .gateway_keys = false});
  }
  const config::Loaded& loaded = options_.has_inline ? options_.inline_config : from_file;
  if (!loaded.ok()) {
    return Failure{FailureKind::internal, lines_of(loaded.diagnostics, config::Diagnostic::Severity::error)};
  }
  // A shell truncates a file before it writes it: nothing is not a configuration.
  if (!options_.has_inline && loaded.document.filter == config::Document{}) {
    return Failure{FailureKind::internal, options_.config_path + ": the document is empty"};
  }
  std::string warnings = lines_of(loaded.diagnostics, config::Diagnostic::Severity::warning);
  if (!warnings.empty()) process_.log(LogLevel::warning, warnings);
  return config::compile(loaded.document.filter, store_);
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
  std::string version = file_version(options_.config_path);
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
