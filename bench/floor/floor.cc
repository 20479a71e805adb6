// libfloor.so: the least that Envoy accepts as an HTTP filter. It exports every mandatory hook and
// does nothing in it, so a benchmark that puts it in the router's place and in the cluster's
// measures what the border itself costs: what the real module takes above this floor is its own.
#include "fronts/module/abi.h"

namespace {

// Envoy takes null for a failure, so there has to be an object; it holds nothing and is never
// freed.
constexpr char object = 0;

using FilterConfig = envoy_dynamic_module_type_http_filter_config_module_ptr;
using FilterConfigEnvoy = envoy_dynamic_module_type_http_filter_config_envoy_ptr;
using Filter = envoy_dynamic_module_type_http_filter_module_ptr;
using FilterEnvoy = envoy_dynamic_module_type_http_filter_envoy_ptr;
using EnvoyBuffer = envoy_dynamic_module_type_envoy_buffer;
using EnvoyHeader = envoy_dynamic_module_type_envoy_http_header;

}  // namespace

#define ON(event) envoy_dynamic_module_on_##event
#define STATUS(hook, value) envoy_dynamic_module_type_on_http_filter_##hook##_status_##value

extern "C" {

const char* ON(program_init)(void) { return AIGW_ENVOY_ABI_VERSION; }

FilterConfig ON(http_filter_config_new)(FilterConfigEnvoy, EnvoyBuffer, EnvoyBuffer) {
  return &object;
}
void ON(http_filter_config_destroy)(FilterConfig) {}
Filter ON(http_filter_new)(FilterConfig, FilterEnvoy) { return &object; }
void ON(http_filter_destroy)(Filter) {}

envoy_dynamic_module_type_on_http_filter_request_headers_status ON(http_filter_request_headers)(
    FilterEnvoy, Filter, bool) {
  return STATUS(request_headers, Continue);
}
envoy_dynamic_module_type_on_http_filter_request_body_status ON(http_filter_request_body)(
    FilterEnvoy, Filter, bool) {
  return STATUS(request_body, Continue);
}
envoy_dynamic_module_type_on_http_filter_request_trailers_status ON(http_filter_request_trailers)(
    FilterEnvoy, Filter) {
  return STATUS(request_trailers, Continue);
}
envoy_dynamic_module_type_on_http_filter_response_headers_status ON(http_filter_response_headers)(
    FilterEnvoy, Filter, bool) {
  return STATUS(response_headers, Continue);
}
envoy_dynamic_module_type_on_http_filter_response_body_status ON(http_filter_response_body)(
    FilterEnvoy, Filter, bool) {
  return STATUS(response_body, Continue);
}
envoy_dynamic_module_type_on_http_filter_response_trailers_status ON(http_filter_response_trailers)(
    FilterEnvoy, Filter) {
  return STATUS(response_trailers, Continue);
}

void ON(http_filter_stream_complete)(FilterEnvoy, Filter) {}
void ON(http_filter_scheduled)(FilterEnvoy, Filter, uint64_t) {}
void ON(http_filter_downstream_above_write_buffer_high_watermark)(FilterEnvoy, Filter) {}
void ON(http_filter_downstream_below_write_buffer_low_watermark)(FilterEnvoy, Filter) {}

void ON(http_filter_http_callout_done)(FilterEnvoy, Filter, uint64_t,
                                       envoy_dynamic_module_type_http_callout_result, EnvoyHeader*,
                                       size_t, EnvoyBuffer*, size_t) {}
void ON(http_filter_http_stream_headers)(FilterEnvoy, Filter, uint64_t, EnvoyHeader*, size_t,
                                         bool) {}
void ON(http_filter_http_stream_data)(FilterEnvoy, Filter, uint64_t, const EnvoyBuffer*, size_t,
                                      bool) {}
void ON(http_filter_http_stream_trailers)(FilterEnvoy, Filter, uint64_t, EnvoyHeader*, size_t) {}
void ON(http_filter_http_stream_complete)(FilterEnvoy, Filter, uint64_t) {}
void ON(http_filter_http_stream_reset)(FilterEnvoy, Filter, uint64_t,
                                       envoy_dynamic_module_type_http_stream_reset_reason) {}

}  // extern "C"
