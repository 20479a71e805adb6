// The hooks that Envoy calls. Each one goes through a guard and hands on to one of the two filters.

#include <atomic>
#include <initializer_list>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "exchange/exchange.h"
#include "fronts/module/abi.h"
#include "fronts/module/guard.h"
#include "fronts/module/handoff.h"
#include "fronts/module/router_filter.h"
#include "fronts/module/upstream_filter.h"
#include "runtime/runtime.h"

namespace aigw::module {
namespace {

constexpr Bytes kRouterName = "ai_gateway.router";
constexpr Bytes kUpstreamName = "ai_gateway.upstream";

// What a hook answers when it fails: the message does not go on.
constexpr int kStop = 1;
constexpr int kStopNoBuffer = 3;

LogLevel to_envoy(runtime::LogLevel level) {
  switch (level) {
    case runtime::LogLevel::debug:
      return envoy_dynamic_module_type_log_level_Debug;
    case runtime::LogLevel::info:
      return envoy_dynamic_module_type_log_level_Info;
    case runtime::LogLevel::warning:
      return envoy_dynamic_module_type_log_level_Warn;
    case runtime::LogLevel::error:
      break;
  }
  return envoy_dynamic_module_type_log_level_Error;
}

// Wakes Envoy's main thread from the runtime's. Goes after the runtime, whose watcher calls it.
class MainThreadCall {
 public:
  MainThreadCall() = default;
  MainThreadCall(const MainThreadCall&) = delete;
  MainThreadCall& operator=(const MainThreadCall&) = delete;
  ~MainThreadCall() {
    if (scheduler_ != nullptr) envoy_dynamic_module_callback_http_filter_config_scheduler_delete(scheduler_);
  }
  void open(void* envoy) { scheduler_ = envoy_dynamic_module_callback_http_filter_config_scheduler_new(envoy); }
  void operator()() const { envoy_dynamic_module_callback_http_filter_config_scheduler_commit(scheduler_, 0); }

 private:
  void* scheduler_ = nullptr;
};

// The generic secrets that a filter's configuration follows, with Envoy's numbers for them. Reading them is for the
// main thread, so the runtime's watcher has it look at them.
class SdsSecrets {
 public:
  static bool available() {
    return envoy_dynamic_module_callback_http_filter_config_generic_secret_subscribe != nullptr &&
           envoy_dynamic_module_callback_http_filter_config_get_generic_secret != nullptr;
  }
  // In config_new. False where Envoy does not take one of the names, which is logged.
  bool subscribe(void* envoy, runtime::Runtime& runtime) {
    for (std::string& name : runtime.sds_names()) {
      const size_t id = envoy_dynamic_module_callback_http_filter_config_generic_secret_subscribe(
          envoy, to_buffer(name), to_buffer(runtime.options().sds_config));
      if (id == 0) {
        log(envoy_dynamic_module_type_log_level_Error, "ai_gateway: Envoy does not know the secret " + name);
        return false;
      }
      followed_.emplace_back(std::move(name), id);
    }
    read(envoy, runtime);
    return true;
  }
  void read(void* envoy, runtime::Runtime& runtime) const {
    for (const auto& [name, id] : followed_) {
      EnvoyBuffer value{nullptr, 0};
      if (envoy_dynamic_module_callback_http_filter_config_get_generic_secret(envoy, id, &value)) {
        runtime.deliver_sds(name, to_bytes(value));
      }
    }
  }
  bool empty() const { return followed_.empty(); }

 private:
  std::vector<std::pair<std::string, size_t>> followed_;
};

struct RouterConfig final : exchange::CurrentConfig, exchange::DebugLog {
  MainThreadCall look_at_secrets;
  SdsSecrets secrets;
  std::atomic<bool> follows_secrets{false};  // set once, when the watcher runs already
  std::shared_ptr<runtime::Runtime> runtime;
  RouterCounters counters;
  std::shared_ptr<const config::Config> current() const override { return runtime->current(); }

  bool on() const override {
    return envoy_dynamic_module_callback_log_enabled(envoy_dynamic_module_type_log_level_Debug);
  }
  Bodies bodies() const override { return shown(runtime->options().log_bodies, runtime->options().redact_bodies); }
  void write(Bytes line) const override {
    log(envoy_dynamic_module_type_log_level_Debug, "ai_gateway: " + std::string(line));
  }
};

struct UpstreamConfig {
  UpstreamCounters counters;
};

using FilterConfig = std::variant<RouterConfig, UpstreamConfig>;
using Filter = std::variant<std::monostate, RouterFilter, UpstreamFilter>;

size_t define_counter(void* envoy, Bytes name, std::initializer_list<Bytes> labels) {
  std::vector<ModuleBuffer> names;
  for (Bytes label : labels) names.push_back(to_buffer(label));
  size_t id = 0;
  auto result = envoy_dynamic_module_callback_http_filter_config_define_counter(envoy, to_buffer(name), names.data(),
                                                                               names.size(), &id);
  return result == envoy_dynamic_module_type_metrics_result_Success ? id : 0;
}

std::unique_ptr<FilterConfig> make_config(void* envoy, Bytes name, Bytes text) {
  auto config = std::make_unique<FilterConfig>();
  if (name == kUpstreamName) {
    UpstreamConfig& upstream = config->emplace<UpstreamConfig>();
    upstream.counters.no_exchange = define_counter(envoy, "ai_gateway_no_exchange", {});
    upstream.counters.unknown_layout = define_counter(envoy, "ai_gateway_unknown_layout", {});
    return config;
  }
  if (name != kRouterName) {
    log(envoy_dynamic_module_type_log_level_Error,
        "ai_gateway: unknown filter name \"" + std::string(name) + "\": expected " + std::string(kRouterName) +
            " or " + std::string(kUpstreamName));
    return nullptr;
  }
  runtime::Process process;
  process.log = [](runtime::LogLevel level, Bytes message) {
    log(to_envoy(level), "ai_gateway: " + std::string(message));
  };
  process.workers = envoy_dynamic_module_callback_get_concurrency();
  process.watch = !envoy_dynamic_module_callback_is_validation_mode();
  process.shared.find = [](Bytes key) {
    void* found = nullptr;
    return envoy_dynamic_module_callback_get_shared_data(to_buffer(key), &found) ? found : nullptr;
  };
  process.shared.put = [](Bytes key, void* memory) {
    return envoy_dynamic_module_callback_register_shared_data(to_buffer(key), memory);
  };
  process.delivers_sds = SdsSecrets::available();
  RouterConfig& router = std::get<RouterConfig>(*config);
  process.tick = [&router] {
    if (router.follows_secrets.load(std::memory_order_acquire)) router.look_at_secrets();
  };
  Result<std::shared_ptr<runtime::Runtime>> opened = runtime::Runtime::open(text, std::move(process));
  if (!opened) {
    log(envoy_dynamic_module_type_log_level_Error, "ai_gateway: " + opened.error().message);
    return nullptr;
  }
  router.runtime = std::move(*opened);
  if (!router.secrets.subscribe(envoy, *router.runtime)) return nullptr;
  if (!router.secrets.empty()) {
    router.look_at_secrets.open(envoy);
    router.follows_secrets.store(true, std::memory_order_release);
  }
  router.counters.refused = define_counter(envoy, "ai_gateway_refused", {"type"});
  for (size_t i = 0; i < std::size(router.counters.requests); ++i) {
    const Bytes outcome = observe::name_of(static_cast<observe::RequestOutcome>(i));
    router.counters.requests[i] = define_counter(envoy, "ai_gateway_requests_" + std::string(outcome), {});
  }
  router.counters.input_tokens = define_counter(envoy, "ai_gateway_input_tokens", {});
  router.counters.output_tokens = define_counter(envoy, "ai_gateway_output_tokens", {});
  return config;
}

Filter& as_filter(const void* filter) { return *static_cast<Filter*>(const_cast<void*>(filter)); }

// Hands an event to whichever of the two filters this is. Returns at once: the filter may be gone. Envoy calls the
// hooks of a filter that on_http_filter_new could not make, too, with null.
template <class Event>
int dispatch(const void* filter, Event&& event) {
  if (filter == nullptr) return 0;
  Filter& held = as_filter(filter);
  if (auto* router = std::get_if<RouterFilter>(&held)) return event(*router);
  if (auto* upstream = std::get_if<UpstreamFilter>(&held)) return event(*upstream);
  return 0;
}

RouterFilter* as_router(const void* filter) {
  return filter == nullptr ? nullptr : std::get_if<RouterFilter>(&as_filter(filter));
}

// The client's. An attempt answers for itself.
endpoint::Dialect dialect_of(const void* filter) {
  RouterFilter* router = as_router(filter);
  return router == nullptr ? endpoint::Dialect::openai : router->dialect();
}

template <class Status, class Event>
Status on_event(const char* name, EnvoyFilter envoy, const void* filter, int stop, Event&& event) {
  return static_cast<Status>(guarded_or_closed(
      name, envoy, stop, [filter] { return dialect_of(filter); }, [&] { return dispatch(filter, event); }));
}

// The request of a filter that could not be made goes no further. Behind a router filter, that one knows the client's
// dialect.
envoy_dynamic_module_type_on_http_filter_request_headers_status refuse_unmade(EnvoyFilter envoy) {
  guarded("filter_new", [&] {
    EnvoyBuffer found{nullptr, 0};
    const bool routed =
        envoy_dynamic_module_callback_http_get_filter_state_bytes(envoy, to_buffer(kHandoffKey), &found);
    if (routed) return send_plain_reply(envoy, FailureKind::internal, "the gateway is out of memory");
    fail_closed(envoy, endpoint::Dialect::openai);
  });
  return envoy_dynamic_module_type_on_http_filter_request_headers_status_StopIteration;
}

}  // namespace
}  // namespace aigw::module

namespace module = aigw::module;

// The static C++ library sets memory aside for exceptions that are thrown when there is none, as it is loaded, and
// gives it back to nobody: 72 KB for each build that was ever swapped in.
namespace __gnu_cxx {
void __freeres();
}
__attribute__((destructor)) static void give_back_emergency_memory() { __gnu_cxx::__freeres(); }

extern "C" {

envoy_dynamic_module_type_abi_version_module_ptr envoy_dynamic_module_on_program_init(void) {
  return AIGW_ENVOY_ABI_VERSION;
}

envoy_dynamic_module_type_http_filter_config_module_ptr envoy_dynamic_module_on_http_filter_config_new(
    envoy_dynamic_module_type_http_filter_config_envoy_ptr filter_config_envoy_ptr,
    envoy_dynamic_module_type_envoy_buffer name, envoy_dynamic_module_type_envoy_buffer config) {
  return module::guarded(
      "config_new", static_cast<const void*>(nullptr),
      [&]() -> const void* {
        return module::make_config(filter_config_envoy_ptr, module::to_bytes(name), module::to_bytes(config))
            .release();
      },
      [] {});
}

void envoy_dynamic_module_on_http_filter_config_destroy(
    envoy_dynamic_module_type_http_filter_config_module_ptr filter_config_ptr) {
  module::guarded("config_destroy", [&] {
    delete static_cast<module::FilterConfig*>(const_cast<void*>(filter_config_ptr));
  });
}

// What the watcher asked for: to look at the secrets.
void envoy_dynamic_module_on_http_filter_config_scheduled(
    envoy_dynamic_module_type_http_filter_config_envoy_ptr filter_config_envoy_ptr,
    envoy_dynamic_module_type_http_filter_config_module_ptr filter_config_ptr, uint64_t) {
  module::guarded("config_scheduled", [&] {
    auto* config = static_cast<module::FilterConfig*>(const_cast<void*>(filter_config_ptr));
    if (auto* router = std::get_if<module::RouterConfig>(config)) {
      router->secrets.read(filter_config_envoy_ptr, *router->runtime);
    }
  });
}

envoy_dynamic_module_type_http_filter_module_ptr envoy_dynamic_module_on_http_filter_new(
    envoy_dynamic_module_type_http_filter_config_module_ptr filter_config_ptr,
    envoy_dynamic_module_type_http_filter_envoy_ptr filter_envoy_ptr) {
  return module::guarded(
      "filter_new", static_cast<const void*>(nullptr),
      [&]() -> const void* {
        auto* config = static_cast<module::FilterConfig*>(const_cast<void*>(filter_config_ptr));
        auto filter = std::make_unique<module::Filter>();
        if (auto* router = std::get_if<module::RouterConfig>(config)) {
          filter->emplace<module::RouterFilter>(filter_envoy_ptr, *router->runtime, *router, *router, router->counters);
        } else {
          filter->emplace<module::UpstreamFilter>(filter_envoy_ptr,
                                                  std::get<module::UpstreamConfig>(*config).counters);
        }
        return filter.release();
      },
      [] {});
}

void envoy_dynamic_module_on_http_filter_destroy(
    envoy_dynamic_module_type_http_filter_module_ptr filter_module_ptr) {
  module::guarded("filter_destroy", [&] { delete &module::as_filter(filter_module_ptr); });
}

envoy_dynamic_module_type_on_http_filter_request_headers_status envoy_dynamic_module_on_http_filter_request_headers(
    envoy_dynamic_module_type_http_filter_envoy_ptr filter_envoy_ptr,
    envoy_dynamic_module_type_http_filter_module_ptr filter_module_ptr, bool end_of_stream) {
  if (filter_module_ptr == nullptr) return module::refuse_unmade(filter_envoy_ptr);
  return module::on_event<envoy_dynamic_module_type_on_http_filter_request_headers_status>(
      "request_headers", filter_envoy_ptr, filter_module_ptr, module::kStop,
      [&](auto& filter) { return filter.request_headers(end_of_stream); });
}

envoy_dynamic_module_type_on_http_filter_request_body_status envoy_dynamic_module_on_http_filter_request_body(
    envoy_dynamic_module_type_http_filter_envoy_ptr filter_envoy_ptr,
    envoy_dynamic_module_type_http_filter_module_ptr filter_module_ptr, bool end_of_stream) {
  return module::on_event<envoy_dynamic_module_type_on_http_filter_request_body_status>(
      "request_body", filter_envoy_ptr, filter_module_ptr, module::kStopNoBuffer,
      [&](auto& filter) { return filter.request_body(end_of_stream); });
}

envoy_dynamic_module_type_on_http_filter_request_trailers_status
envoy_dynamic_module_on_http_filter_request_trailers(
    envoy_dynamic_module_type_http_filter_envoy_ptr filter_envoy_ptr,
    envoy_dynamic_module_type_http_filter_module_ptr filter_module_ptr) {
  return module::on_event<envoy_dynamic_module_type_on_http_filter_request_trailers_status>(
      "request_trailers", filter_envoy_ptr, filter_module_ptr, module::kStop,
      [&](auto& filter) { return filter.request_trailers(); });
}

envoy_dynamic_module_type_on_http_filter_response_headers_status
envoy_dynamic_module_on_http_filter_response_headers(
    envoy_dynamic_module_type_http_filter_envoy_ptr filter_envoy_ptr,
    envoy_dynamic_module_type_http_filter_module_ptr filter_module_ptr, bool end_of_stream) {
  return module::on_event<envoy_dynamic_module_type_on_http_filter_response_headers_status>(
      "response_headers", filter_envoy_ptr, filter_module_ptr, module::kStop,
      [&](auto& filter) { return filter.response_headers(end_of_stream); });
}

envoy_dynamic_module_type_on_http_filter_response_body_status envoy_dynamic_module_on_http_filter_response_body(
    envoy_dynamic_module_type_http_filter_envoy_ptr filter_envoy_ptr,
    envoy_dynamic_module_type_http_filter_module_ptr filter_module_ptr, bool end_of_stream) {
  return module::on_event<envoy_dynamic_module_type_on_http_filter_response_body_status>(
      "response_body", filter_envoy_ptr, filter_module_ptr, module::kStopNoBuffer,
      [&](auto& filter) { return filter.response_body(end_of_stream); });
}

envoy_dynamic_module_type_on_http_filter_response_trailers_status
envoy_dynamic_module_on_http_filter_response_trailers(
    envoy_dynamic_module_type_http_filter_envoy_ptr filter_envoy_ptr,
    envoy_dynamic_module_type_http_filter_module_ptr filter_module_ptr) {
  return module::on_event<envoy_dynamic_module_type_on_http_filter_response_trailers_status>(
      "response_trailers", filter_envoy_ptr, filter_module_ptr, module::kStop,
      [&](auto& filter) { return filter.response_trailers(); });
}

void envoy_dynamic_module_on_http_filter_stream_complete(
    envoy_dynamic_module_type_http_filter_envoy_ptr,
    envoy_dynamic_module_type_http_filter_module_ptr filter_module_ptr) {
  module::guarded("stream_complete", [&] {
    if (auto* router = module::as_router(filter_module_ptr)) router->stream_complete();
  });
}

envoy_dynamic_module_type_on_http_filter_local_reply_status envoy_dynamic_module_on_http_filter_local_reply(
    envoy_dynamic_module_type_http_filter_envoy_ptr,
    envoy_dynamic_module_type_http_filter_module_ptr filter_module_ptr, uint32_t response_code,
    envoy_dynamic_module_type_envoy_buffer details, bool reset_imminent) {
  module::guarded("local_reply", [&] {
    auto* router = module::as_router(filter_module_ptr);
    if (router != nullptr && !reset_imminent) router->local_reply(response_code, module::to_bytes(details));
  });
  return envoy_dynamic_module_type_on_http_filter_local_reply_status_Continue;
}

// Envoy refuses a module that lacks one of the hooks below; nothing here asks for these events.

void envoy_dynamic_module_on_http_filter_http_callout_done(
    envoy_dynamic_module_type_http_filter_envoy_ptr, envoy_dynamic_module_type_http_filter_module_ptr, uint64_t,
    envoy_dynamic_module_type_http_callout_result, envoy_dynamic_module_type_envoy_http_header*, size_t,
    envoy_dynamic_module_type_envoy_buffer*, size_t) {}

void envoy_dynamic_module_on_http_filter_http_stream_headers(
    envoy_dynamic_module_type_http_filter_envoy_ptr, envoy_dynamic_module_type_http_filter_module_ptr, uint64_t,
    envoy_dynamic_module_type_envoy_http_header*, size_t, bool) {}

void envoy_dynamic_module_on_http_filter_http_stream_data(envoy_dynamic_module_type_http_filter_envoy_ptr,
                                                          envoy_dynamic_module_type_http_filter_module_ptr, uint64_t,
                                                          const envoy_dynamic_module_type_envoy_buffer*, size_t,
                                                          bool) {}

void envoy_dynamic_module_on_http_filter_http_stream_trailers(envoy_dynamic_module_type_http_filter_envoy_ptr,
                                                              envoy_dynamic_module_type_http_filter_module_ptr,
                                                              uint64_t, envoy_dynamic_module_type_envoy_http_header*,
                                                              size_t) {}

void envoy_dynamic_module_on_http_filter_http_stream_complete(envoy_dynamic_module_type_http_filter_envoy_ptr,
                                                              envoy_dynamic_module_type_http_filter_module_ptr,
                                                              uint64_t) {}

void envoy_dynamic_module_on_http_filter_http_stream_reset(envoy_dynamic_module_type_http_filter_envoy_ptr,
                                                           envoy_dynamic_module_type_http_filter_module_ptr, uint64_t,
                                                           envoy_dynamic_module_type_http_stream_reset_reason) {}

void envoy_dynamic_module_on_http_filter_scheduled(envoy_dynamic_module_type_http_filter_envoy_ptr,
                                                   envoy_dynamic_module_type_http_filter_module_ptr, uint64_t) {}

void envoy_dynamic_module_on_http_filter_downstream_above_write_buffer_high_watermark(
    envoy_dynamic_module_type_http_filter_envoy_ptr, envoy_dynamic_module_type_http_filter_module_ptr) {}

void envoy_dynamic_module_on_http_filter_downstream_below_write_buffer_low_watermark(
    envoy_dynamic_module_type_http_filter_envoy_ptr, envoy_dynamic_module_type_http_filter_module_ptr) {}

}  // extern "C"
