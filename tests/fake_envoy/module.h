// The library under test as Envoy holds it: opened, its hooks found by name, its configurations and counters.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "fake_envoy/body.h"
#include "fronts/module/abi.h"

namespace aigw::fake {

// The hooks that Envoy calls for an HTTP filter. Each runs the module's code; none may throw.
struct Hooks {
  decltype(&envoy_dynamic_module_on_program_init) program_init;
  decltype(&envoy_dynamic_module_on_http_filter_config_new) config_new;
  decltype(&envoy_dynamic_module_on_http_filter_config_destroy) config_destroy;
  decltype(&envoy_dynamic_module_on_http_filter_config_scheduled) config_scheduled;
  decltype(&envoy_dynamic_module_on_http_filter_new) filter_new;
  decltype(&envoy_dynamic_module_on_http_filter_destroy) filter_destroy;
  decltype(&envoy_dynamic_module_on_http_filter_request_headers) request_headers;
  decltype(&envoy_dynamic_module_on_http_filter_request_body) request_body;
  decltype(&envoy_dynamic_module_on_http_filter_request_trailers) request_trailers;
  decltype(&envoy_dynamic_module_on_http_filter_response_headers) response_headers;
  decltype(&envoy_dynamic_module_on_http_filter_response_body) response_body;
  decltype(&envoy_dynamic_module_on_http_filter_response_trailers) response_trailers;
  decltype(&envoy_dynamic_module_on_http_filter_stream_complete) stream_complete;
  decltype(&envoy_dynamic_module_on_http_filter_local_reply) local_reply;
  decltype(&envoy_dynamic_module_on_http_filter_scheduled) scheduled;
  decltype(&envoy_dynamic_module_on_http_filter_downstream_above_write_buffer_high_watermark) above_watermark;
  decltype(&envoy_dynamic_module_on_http_filter_downstream_below_write_buffer_low_watermark) below_watermark;
};

// What the process keeps for the module: logs and counters, for any thread. What a request does here orders no thread
// before another, so that a race of the module's between two requests stays one.
class Process {
 public:
  static Process& get();

  void log(envoy_dynamic_module_type_log_level level, std::string_view message);
  // Takes all lines that this thread has logged since its last call.
  std::vector<std::string> take_log();

  size_t define_counter(std::string_view name);
  bool count(size_t id, uint64_t value);
  uint64_t counter(const std::string& name);

  // How many workers there are, before a module is opened, and which of them this thread is.
  void set_workers(uint32_t count) { workers_ = count; }
  uint32_t workers() const { return workers_; }
  void become_worker(uint32_t index);
  uint32_t worker() const;

  // A rule of the ABI that the module has broken.
  void violation(const std::string& what);
  std::vector<std::string> take_violations();

  // What is delivered by SDS; from any thread. A secret that was never set has not come.
  void set_secret(const std::string& name, const std::string& value);
  std::optional<std::string> secret(const std::string& name);
  // What waits for the main thread, from any thread; and the main thread, which runs all that waits now and says how
  // much that was.
  void post(std::function<void()> event);
  size_t run_main_thread();

  // What the module has registered under this name; null for nothing.
  void* shared_data(const std::string& name);
  void register_shared_data(const std::string& name, void* data);

 private:
  static constexpr size_t kCountersMax = 64;

  std::mutex mutex_;
  std::map<std::string, void*> shared_data_;
  std::map<std::string, std::string> secrets_;
  std::vector<std::function<void()>> events_;
  std::vector<std::string> violations_;
  std::vector<std::string> counter_names_;  // an id is an index and one
  std::array<std::atomic<uint64_t>, kCountersMax> counters_{};
  uint32_t workers_ = 2;
};

class Module {
 public:
  // Throws std::runtime_error where the library can not be loaded.
  explicit Module(const std::string& path);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  const Hooks& hooks() const { return hooks_; }

 private:
  void throw_once() const;

  void* library_;
  Hooks hooks_;
};

// A filter's configuration. Its Envoy pointer is its own address. Made on the main thread, destroyed on any.
class FilterConfig {
 public:
  // Where an event for the configuration finds it, or that it is gone.
  struct Door {
    std::mutex mutex;
    FilterConfig* config;  // null: gone
  };
  // What the module wakes the main thread with.
  struct Scheduler {
    std::shared_ptr<Door> door;
    void commit(uint64_t event) const;
  };

  // Throws std::runtime_error, with the module's log, where the module refuses it.
  FilterConfig(const Module& module, std::string_view name, std::string_view config);
  ~FilterConfig();
  FilterConfig(const FilterConfig&) = delete;
  FilterConfig& operator=(const FilterConfig&) = delete;

  const Module& module() const { return module_; }
  const void* get() const { return config_; }

  // Callbacks of this configuration. The number of a secret by its name, from 1.
  size_t follow_secret(std::string_view name);
  // False while it has not come. What is lent dies with the hook.
  bool read_secret(size_t id, std::string_view& value);
  Scheduler* make_scheduler() const { return new Scheduler{door_}; }

 private:
  void require_hook(const char* what) const;
  void scheduled(uint64_t event);

  const Module& module_;
  const std::shared_ptr<Door> door_;
  std::vector<std::string> secret_names_;
  std::thread::id in_hook_;  // who runs a hook of the configuration's
  bool is_new_ = true;       // that hook is config_new
  Views lent_;
  const void* config_ = nullptr;
};

}  // namespace aigw::fake
