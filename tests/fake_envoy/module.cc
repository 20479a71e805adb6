#include "fake_envoy/module.h"

#include <dlfcn.h>
#include <sanitizer/lsan_interface.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "fake_envoy/body.h"
#include "fake_envoy/faults.h"

namespace aigw::fake {
namespace {

thread_local std::vector<std::string> logged;
thread_local uint32_t worker_index = 1;

template <class Hook>
void find(void* library, const char* name, Hook& hook) {
  hook = reinterpret_cast<Hook>(dlsym(library, (std::string("envoy_dynamic_module_on_") + name).c_str()));
  if (hook == nullptr) throw std::runtime_error(std::string("the module has no hook ") + name);
}

Hooks find_hooks(void* library) {
  Hooks hooks;
  find(library, "program_init", hooks.program_init);
  find(library, "http_filter_config_new", hooks.config_new);
  find(library, "http_filter_config_destroy", hooks.config_destroy);
  find(library, "http_filter_config_scheduled", hooks.config_scheduled);
  find(library, "http_filter_new", hooks.filter_new);
  find(library, "http_filter_destroy", hooks.filter_destroy);
  find(library, "http_filter_request_headers", hooks.request_headers);
  find(library, "http_filter_request_body", hooks.request_body);
  find(library, "http_filter_request_trailers", hooks.request_trailers);
  find(library, "http_filter_response_headers", hooks.response_headers);
  find(library, "http_filter_response_body", hooks.response_body);
  find(library, "http_filter_response_trailers", hooks.response_trailers);
  find(library, "http_filter_stream_complete", hooks.stream_complete);
  find(library, "http_filter_local_reply", hooks.local_reply);
  find(library, "http_filter_scheduled", hooks.scheduled);
  find(library, "http_filter_downstream_above_write_buffer_high_watermark", hooks.above_watermark);
  find(library, "http_filter_downstream_below_write_buffer_low_watermark", hooks.below_watermark);
  return hooks;
}

}  // namespace

Process& Process::get() {
  // Never destroyed, so that what the module leaves in Envoy's shared data for ever is not taken for a leak.
  static Process& process = *new Process;
  return process;
}

void Process::log(envoy_dynamic_module_type_log_level, std::string_view message) {
  logged.emplace_back(message);
}

std::vector<std::string> Process::take_log() { return std::exchange(logged, {}); }

void Process::become_worker(uint32_t index) { worker_index = index; }

uint32_t Process::worker() const { return worker_index; }

size_t Process::define_counter(std::string_view name) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto known = std::find(counter_names_.begin(), counter_names_.end(), name);
  if (known != counter_names_.end()) return static_cast<size_t>(known - counter_names_.begin()) + 1;
  if (counter_names_.size() == kCountersMax) throw std::runtime_error("the module defines too many counters");
  counter_names_.emplace_back(name);
  return counter_names_.size();
}

bool Process::count(size_t id, uint64_t value) {
  if (id == 0 || id > kCountersMax) return false;
  counters_[id - 1].fetch_add(value, std::memory_order_relaxed);
  return true;
}

uint64_t Process::counter(const std::string& name) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto known = std::find(counter_names_.begin(), counter_names_.end(), name);
  return known == counter_names_.end() ? 0 : counters_[static_cast<size_t>(known - counter_names_.begin())].load();
}

void* Process::shared_data(const std::string& name) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = shared_data_.find(name);
  return found == shared_data_.end() ? nullptr : found->second;
}

void Process::register_shared_data(const std::string& name, void* data) {
  std::lock_guard<std::mutex> lock(mutex_);
  shared_data_[name] = data;
}

void Process::set_secret(const std::string& name, const std::string& value) {
  std::lock_guard<std::mutex> lock(mutex_);
  secrets_[name] = value;
}

std::optional<std::string> Process::secret(const std::string& name) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = secrets_.find(name);
  return found == secrets_.end() ? std::nullopt : std::optional(found->second);
}

void Process::post(std::function<void()> event) {
  std::lock_guard<std::mutex> lock(mutex_);
  events_.push_back(std::move(event));
}

size_t Process::run_main_thread() {
  std::vector<std::function<void()>> events;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    events.swap(events_);
  }
  for (const auto& event : events) event();
  return events.size();
}

void Process::violation(const std::string& what) {
  std::lock_guard<std::mutex> lock(mutex_);
  violations_.push_back(what);
}

std::vector<std::string> Process::take_violations() {
  std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(violations_, {});
}

Module::Module(const std::string& path) : library_(dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL)) {
  if (library_ == nullptr) throw std::runtime_error(dlerror());
  hooks_ = find_hooks(library_);
  if (hooks_.program_init() == nullptr) throw std::runtime_error("the module refuses to be loaded");
  throw_once();
}

// The library has an unwinder of its own, which sets itself up when something is first thrown in the library. An
// exception that comes from outside (faults.h) would find it without. A text that is no YAML is thrown over.
void Module::throw_once() const {
  constexpr std::string_view kName = "ai_gateway.router", kNoYaml = "[";
  if (hooks_.config_new(nullptr, {kName.data(), kName.size()}, {kNoYaml.data(), kNoYaml.size()}) != nullptr) {
    throw std::runtime_error("the module takes a configuration that is none");
  }
  Process::get().take_log();
}

Module::~Module() {
#ifdef __SANITIZE_ADDRESS__
  // While the library is there, its functions have names in the report. What it leaves at its end shows at the
  // program's.
  if (__lsan_do_recoverable_leak_check() != 0) Process::get().violation("memory has leaked");
#endif
  dlclose(library_);
}

FilterConfig::FilterConfig(const Module& module, std::string_view name, std::string_view config)
    : module_(module), door_(std::make_shared<Door>()), in_hook_(std::this_thread::get_id()) {
  door_->config = this;
  // What a hook is given dies with the hook.
  const std::string_view lent_name = lent_.lend(name);
  const std::string_view lent_config = lent_.lend(config);
  config_ = module.hooks().config_new(this, {lent_name.data(), lent_name.size()},
                                      {lent_config.data(), lent_config.size()});
  lent_.kill();
  in_hook_ = {};
  is_new_ = false;
  if (config_ != nullptr) return;
  std::string why = "the module refuses the configuration";
  for (const std::string& line : Process::get().take_log()) why += "\n" + line;
  throw std::runtime_error(why);
}

FilterConfig::~FilterConfig() {
  {
    std::lock_guard<std::mutex> lock(door_->mutex);
    door_->config = nullptr;
  }
  module_.hooks().config_destroy(config_);
}

void FilterConfig::Scheduler::commit(uint64_t event) const {
  Process::get().post([to = door, event] {
    std::lock_guard<std::mutex> lock(to->mutex);
    if (to->config != nullptr) to->config->scheduled(event);
  });
}

void FilterConfig::scheduled(uint64_t event) {
  in_hook_ = std::this_thread::get_id();
  module_.hooks().config_scheduled(this, config_, event);
  lent_.kill();
  in_hook_ = {};
}

void FilterConfig::require_hook(const char* what) const {
  if (in_hook_ != std::this_thread::get_id()) Process::get().violation(what);
}

size_t FilterConfig::follow_secret(std::string_view name) {
  require_hook("a secret is asked for outside of a hook of the configuration's");
  if (!is_new_) Process::get().violation("a secret is asked for when the configuration is made already");
  secret_names_.emplace_back(name);
  return secret_names_.size();
}

bool FilterConfig::read_secret(size_t id, std::string_view& value) {
  require_hook("a secret is read outside of a hook of the configuration's");
  if (id == 0 || id > secret_names_.size()) {
    Process::get().violation("there is no secret of this number");
    return false;
  }
  const std::optional<std::string> found = Process::get().secret(secret_names_[id - 1]);
  if (found) value = lent_.lend(*found);
  return found.has_value();
}

}  // namespace aigw::fake
