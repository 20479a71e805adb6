// The callbacks that Envoy's executable exports. A program links them and exports all, or only those of an older
// release: then the newer ones are null for the module.
#include <cmath>
#include <cstdio>

#include "fake_envoy/faults.h"
#include "fake_envoy/stream.h"
#include "json/text.h"

namespace aigw::fake {
namespace {

using EnvoyBuffer = envoy_dynamic_module_type_envoy_buffer;
using ModuleBuffer = envoy_dynamic_module_type_module_buffer;

constexpr std::string_view kBackendNamespace = "aigateway.envoy.io";

std::string text_of(ModuleBuffer buffer) {
  return buffer.ptr == nullptr ? std::string() : std::string(buffer.ptr, buffer.length);
}

// Names are given in lower case; Envoy would not find another.
void check_name(std::string_view name) {
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') Process::get().violation("a header name is not in lower case: " + std::string(name));
  }
}

std::string json_number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, value == std::floor(value) ? "%.0f" : "%.17g", value);
  return text;
}

// What begins every callback of a filter: the filter, or null for one that is gone.
struct Call {
  Call(void* pointer, const char* name) : filter(Stream::find(pointer, name)) {}
  explicit operator bool() const { return filter != nullptr; }
  Stream& stream() const { return filter->stream; }

  InEnvoy envoy;
  Filter* filter;
};

}  // namespace

tests::Headers* Stream::headers(envoy_dynamic_module_type_http_header_type type) {
  switch (type) {
    case envoy_dynamic_module_type_http_header_type_RequestHeader:
      return &request_headers_;
    case envoy_dynamic_module_type_http_header_type_RequestTrailer:
      return &request_trailers_;
    case envoy_dynamic_module_type_http_header_type_ResponseHeader:
      return &response_headers_;
    case envoy_dynamic_module_type_http_header_type_ResponseTrailer:
      return &response_trailers_;
  }
  Process::get().violation("there is no such header map");
  return nullptr;
}

Body* Stream::body(Filter& filter, envoy_dynamic_module_type_http_body_type type) {
  switch (type) {
    case envoy_dynamic_module_type_http_body_type_ReceivedRequestBody:
      return filter.in_request_body ? &filter.received_request : nullptr;
    case envoy_dynamic_module_type_http_body_type_BufferedRequestBody:
      return &filter.buffered_request;
    case envoy_dynamic_module_type_http_body_type_ReceivedResponseBody:
      return filter.in_response_body ? &filter.received_response : nullptr;
    case envoy_dynamic_module_type_http_body_type_BufferedResponseBody:
      return &filter.buffered_response;
  }
  Process::get().violation("there is no such body");
  return nullptr;
}

std::string_view Stream::lend_state(std::string_view bytes) {
  if (weather_.getters_kill) state_views_.kill();
  return state_views_.lend(bytes);
}

std::string_view Stream::metadata(const Filter& filter, envoy_dynamic_module_type_metadata_source source,
                                  std::string_view key) const {
  if (source == envoy_dynamic_module_type_metadata_source_Route && key == "aigw_route_name") return "default/route";
  const bool host = source == envoy_dynamic_module_type_metadata_source_Host;
  return host && key == "per_route_rule_backend_name" ? std::string_view(filter.backend) : std::string_view();
}

void Stream::set_metadata(std::string_view ns, std::string_view key, std::string json) {
  if (ns == "io.envoy.ai_gateway") outcome_.metadata[std::string(key)] = std::move(json);
}

void Stream::set_filter_state(const std::string& key, std::string value) {
  if (weather_.spoil_filter_state) weather_.spoil_filter_state(value);
  std::erase_if(filter_state, [&](const auto& entry) { return entry.first == key; });
  filter_state.emplace_back(key, std::move(value));
}

void Stream::clear_route_cache() {
  for (const auto& [name, value] : request_headers_) {
    if (name == "x-ai-eg-model") outcome_.model = value;
  }
}

}  // namespace aigw::fake

using aigw::fake::Body;
using aigw::fake::Call;
using aigw::fake::Filter;
using aigw::fake::FilterConfig;
using aigw::fake::InEnvoy;
using aigw::fake::ModuleBuffer;
using aigw::fake::Process;
using aigw::fake::text_of;

#define AIGW_CB(name) envoy_dynamic_module_callback_##name

extern "C" {
#pragma GCC visibility push(default)

// ------------------------------------------------------------------------------------------------- the process

void AIGW_CB(log)(envoy_dynamic_module_type_log_level level, ModuleBuffer message) {
  const InEnvoy envoy;
  Process::get().log(level, text_of(message));
}

bool AIGW_CB(log_enabled)(envoy_dynamic_module_type_log_level) { return true; }

uint32_t AIGW_CB(get_concurrency)(void) { return Process::get().workers(); }

bool AIGW_CB(is_validation_mode)(void) { return false; }

bool AIGW_CB(register_shared_data)(ModuleBuffer key, void* data) {
  const InEnvoy envoy;
  if (data == nullptr) return false;
  Process::get().register_shared_data(text_of(key), data);
  return true;
}

bool AIGW_CB(get_shared_data)(ModuleBuffer key, void** out) {
  const InEnvoy envoy;
  void* const found = Process::get().shared_data(text_of(key));
  if (found != nullptr) *out = found;
  return found != nullptr;
}

// ----------------------------------------------------------------------------------------------------- secrets
//
// Since 1.40, but for the scheduler, which wakes the main thread to look at them.

size_t AIGW_CB(http_filter_config_generic_secret_subscribe)(void* config, ModuleBuffer name, ModuleBuffer) {
  const InEnvoy envoy;
  return static_cast<FilterConfig*>(config)->follow_secret(text_of(name));
}

bool AIGW_CB(http_filter_config_get_generic_secret)(void* config, size_t id,
                                                    envoy_dynamic_module_type_envoy_buffer* result) {
  const InEnvoy envoy;
  std::string_view value;
  if (!static_cast<FilterConfig*>(config)->read_secret(id, value)) return false;
  *result = {value.data(), value.size()};
  return true;
}

void* AIGW_CB(http_filter_config_scheduler_new)(void* config) {
  const InEnvoy envoy;
  return static_cast<FilterConfig*>(config)->make_scheduler();
}

void AIGW_CB(http_filter_config_scheduler_commit)(void* scheduler, uint64_t event) {
  const InEnvoy envoy;
  static_cast<FilterConfig::Scheduler*>(scheduler)->commit(event);
}

void AIGW_CB(http_filter_config_scheduler_delete)(void* scheduler) {
  const InEnvoy envoy;
  delete static_cast<FilterConfig::Scheduler*>(scheduler);
}

// ----------------------------------------------------------------------------------------------------- metrics

envoy_dynamic_module_type_metrics_result AIGW_CB(http_filter_config_define_counter)(void*, ModuleBuffer name,
                                                                                    ModuleBuffer*, size_t,
                                                                                    size_t* id) {
  const InEnvoy envoy;
  *id = Process::get().define_counter(text_of(name));
  return envoy_dynamic_module_type_metrics_result_Success;
}

envoy_dynamic_module_type_metrics_result AIGW_CB(http_filter_increment_counter)(void* filter, size_t id, ModuleBuffer*,
                                                                                size_t, uint64_t value) {
  const Call call(filter, "http_filter_increment_counter");
  if (call && Process::get().count(id, value)) return envoy_dynamic_module_type_metrics_result_Success;
  return envoy_dynamic_module_type_metrics_result_MetricNotFound;
}

// Since 1.39: the program of an older release does not export it.
envoy_dynamic_module_type_metrics_result AIGW_CB(http_filter_config_increment_counter)(void*, size_t id, ModuleBuffer*,
                                                                                       size_t, uint64_t value) {
  const InEnvoy envoy;
  return Process::get().count(id, value) ? envoy_dynamic_module_type_metrics_result_Success
                                         : envoy_dynamic_module_type_metrics_result_MetricNotFound;
}

// ----------------------------------------------------------------------------------------------------- headers

bool AIGW_CB(http_get_header)(void* filter, envoy_dynamic_module_type_http_header_type type, ModuleBuffer key,
                              envoy_dynamic_module_type_envoy_buffer* result, size_t index, size_t* count) {
  const Call call(filter, "http_get_header");
  *result = {nullptr, 0};
  if (count != nullptr) *count = 0;
  if (!call) return false;
  const std::string wanted = text_of(key);
  aigw::fake::check_name(wanted);
  size_t found = 0;
  for (const auto& [name, value] : *call.stream().headers(type)) {
    if (name != wanted) continue;
    if (found++ != index) continue;
    const std::string_view lent = call.stream().lend(value);
    *result = {lent.data(), lent.size()};
  }
  if (count != nullptr) *count = found;
  return index < found;
}

size_t AIGW_CB(http_get_headers_size)(void* filter, envoy_dynamic_module_type_http_header_type type) {
  const Call call(filter, "http_get_headers_size");
  return call ? call.stream().headers(type)->size() : 0;
}

bool AIGW_CB(http_get_headers)(void* filter, envoy_dynamic_module_type_http_header_type type,
                               envoy_dynamic_module_type_envoy_http_header* result) {
  const Call call(filter, "http_get_headers");
  if (!call) return false;
  for (const auto& [name, value] : *call.stream().headers(type)) {
    const std::string_view lent_name = call.stream().lend(name);
    const std::string_view lent_value = call.stream().lend(value);
    *result++ = {lent_name.data(), lent_name.size(), lent_value.data(), lent_value.size()};
  }
  return true;
}

bool AIGW_CB(http_add_header)(void* filter, envoy_dynamic_module_type_http_header_type type, ModuleBuffer key,
                              ModuleBuffer value) {
  const Call call(filter, "http_add_header");
  if (!call) return false;
  const std::string name = text_of(key);
  aigw::fake::check_name(name);
  call.stream().headers(type)->emplace_back(name, text_of(value));
  call.stream().changed();
  return true;
}

bool AIGW_CB(http_set_header)(void* filter, envoy_dynamic_module_type_http_header_type type, ModuleBuffer key,
                              ModuleBuffer value) {
  const Call call(filter, "http_set_header");
  if (!call) return false;
  const std::string name = text_of(key);
  aigw::fake::check_name(name);
  aigw::tests::Headers& headers = *call.stream().headers(type);
  std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  if (value.ptr != nullptr) headers.emplace_back(name, text_of(value));
  call.stream().changed();
  return true;
}

// -------------------------------------------------------------------------------------------------------- body

size_t AIGW_CB(http_get_body_size)(void* filter, envoy_dynamic_module_type_http_body_type type) {
  const Call call(filter, "http_get_body_size");
  const Body* body = call ? call.stream().body(*call.filter, type) : nullptr;
  return body == nullptr ? 0 : body->size();
}

size_t AIGW_CB(http_get_body_chunks_size)(void* filter, envoy_dynamic_module_type_http_body_type type) {
  const Call call(filter, "http_get_body_chunks_size");
  const Body* body = call ? call.stream().body(*call.filter, type) : nullptr;
  return body == nullptr ? 0 : body->slice_count();
}

bool AIGW_CB(http_get_body_chunks)(void* filter, envoy_dynamic_module_type_http_body_type type,
                                   envoy_dynamic_module_type_envoy_buffer* result) {
  const Call call(filter, "http_get_body_chunks");
  const Body* body = call ? call.stream().body(*call.filter, type) : nullptr;
  if (body == nullptr) return false;
  body->write_slices(result);
  return true;
}

bool AIGW_CB(http_append_body)(void* filter, envoy_dynamic_module_type_http_body_type type, ModuleBuffer data) {
  const Call call(filter, "http_append_body");
  Body* body = call ? call.stream().body(*call.filter, type) : nullptr;
  if (body == nullptr) return false;
  body->append(text_of(data), 16384);
  call.stream().changed();
  return true;
}

bool AIGW_CB(http_drain_body)(void* filter, envoy_dynamic_module_type_http_body_type type, size_t count) {
  const Call call(filter, "http_drain_body");
  Body* body = call ? call.stream().body(*call.filter, type) : nullptr;
  if (body == nullptr) return false;
  if (count > body->size()) Process::get().violation("more is drained than there is");
  body->drain(count);
  call.stream().changed();
  return true;
}

uint64_t AIGW_CB(http_get_buffer_limit)(void* filter) {
  const Call call(filter, "http_get_buffer_limit");
  return call ? call.stream().buffer_limit : 0;
}

void AIGW_CB(http_set_buffer_limit)(void* filter, uint64_t limit) {
  const Call call(filter, "http_set_buffer_limit");
  if (call) call.stream().buffer_limit = limit;
}

// ----------------------------------------------------------------------------------------------------- replies

void AIGW_CB(http_send_response)(void* filter, uint32_t status, envoy_dynamic_module_type_module_http_header* headers,
                                 size_t count, ModuleBuffer body, ModuleBuffer details) {
  const Call call(filter, "http_send_response");
  if (!call) return;
  call.stream().changed();
  call.stream().send_response(*call.filter, status, headers, count, body, details);
}

void AIGW_CB(http_send_response_headers)(void* filter, envoy_dynamic_module_type_module_http_header* headers,
                                         size_t count, bool end_stream) {
  const Call call(filter, "http_send_response_headers");
  if (!call) return;
  call.stream().changed();
  call.stream().send_response_headers(*call.filter, headers, count, end_stream);
}

void AIGW_CB(http_send_response_data)(void* filter, ModuleBuffer data, bool end_stream) {
  const Call call(filter, "http_send_response_data");
  if (!call) return;
  call.stream().changed();
  call.stream().send_response_data(*call.filter, text_of(data), end_stream);
}

void AIGW_CB(http_clear_route_cache)(void* filter) {
  const Call call(filter, "http_clear_route_cache");
  if (!call) return;
  call.stream().clear_route_cache();
  call.stream().changed();
}

// ------------------------------------------------------------------------------------- metadata, filter state

void AIGW_CB(http_set_dynamic_metadata_number)(void* filter, ModuleBuffer ns, ModuleBuffer key, double value) {
  const Call call(filter, "http_set_dynamic_metadata_number");
  if (!call) return;
  call.stream().set_metadata(text_of(ns), text_of(key), aigw::fake::json_number(value));
  call.stream().changed();
}

void AIGW_CB(http_set_dynamic_metadata_string)(void* filter, ModuleBuffer ns, ModuleBuffer key, ModuleBuffer value) {
  const Call call(filter, "http_set_dynamic_metadata_string");
  if (!call) return;
  std::string quoted;
  aigw::json::append_quoted(quoted, text_of(value));
  call.stream().set_metadata(text_of(ns), text_of(key), std::move(quoted));
  call.stream().changed();
}

bool AIGW_CB(http_get_metadata_string)(void* filter, envoy_dynamic_module_type_metadata_source source,
                                       ModuleBuffer ns, ModuleBuffer key,
                                       envoy_dynamic_module_type_envoy_buffer* result) {
  const Call call(filter, "http_get_metadata_string");
  if (!call || text_of(ns) != aigw::fake::kBackendNamespace) return false;
  const std::string_view value = call.stream().metadata(*call.filter, source, text_of(key));
  if (value.empty()) return false;
  const std::string_view lent = call.stream().lend_state(value);
  *result = {lent.data(), lent.size()};
  return true;
}

bool AIGW_CB(http_set_filter_state_bytes)(void* filter, ModuleBuffer key, ModuleBuffer value) {
  const Call call(filter, "http_set_filter_state_bytes");
  if (!call) return false;
  call.stream().set_filter_state(text_of(key), text_of(value));
  call.stream().changed();
  return true;
}

bool AIGW_CB(http_get_filter_state_bytes)(void* filter, ModuleBuffer key,
                                          envoy_dynamic_module_type_envoy_buffer* result) {
  const Call call(filter, "http_get_filter_state_bytes");
  if (!call) return false;
  for (const auto& [name, value] : call.stream().filter_state) {
    if (name != text_of(key)) continue;
    const std::string_view lent = call.stream().lend_state(value);
    *result = {lent.data(), lent.size()};
    return true;
  }
  return false;
}

uint32_t AIGW_CB(http_filter_get_worker_index)(void* filter) {
  const Call call(filter, "http_filter_get_worker_index");
  return Process::get().worker();
}

#pragma GCC visibility pop
}  // extern "C"
