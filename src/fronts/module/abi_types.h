// The types of the ABI: see abi.h for the rules of ownership and releases.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What envoy_dynamic_module_on_program_init returns. Envoy 1.40 expects this very string; 1.38 and
// 1.39 expect "v0.1.0", log a warning at this one and go on.
#define AIGW_ENVOY_ABI_VERSION "v0.2.0"

// Marks a callback that the named release brought: a weak symbol, null in older releases.
#define AIGW_ENVOY_1_39 __attribute__((weak))
#define AIGW_ENVOY_1_40 __attribute__((weak))

#ifdef __cplusplus
extern "C" {
#endif

// ----------------------------------------------------------------------------- buffers and headers

// A null-terminated string of the module; it has to live until on_program_init has returned.
typedef const char* envoy_dynamic_module_type_abi_version_module_ptr;

typedef const char* envoy_dynamic_module_type_buffer_module_ptr;
typedef const char* envoy_dynamic_module_type_buffer_envoy_ptr;

// Bytes of Envoy's, not terminated, {null, 0} for nothing. Read only. How long they live depends on
// the source; each callback says so. "Until a setter" means: until the module changes any part of
// the same stream.
typedef struct envoy_dynamic_module_type_envoy_buffer {
  envoy_dynamic_module_type_buffer_envoy_ptr ptr;
  size_t length;
} envoy_dynamic_module_type_envoy_buffer;

// Bytes of the module's, {null, 0} for nothing. Envoy copies what it keeps.
typedef struct envoy_dynamic_module_type_module_buffer {
  envoy_dynamic_module_type_buffer_module_ptr ptr;
  size_t length;
} envoy_dynamic_module_type_module_buffer;

// One header of a message that the module builds (local replies, callouts). Pseudo headers are
// spelled with their colon (":method").
typedef struct envoy_dynamic_module_type_module_http_header {
  envoy_dynamic_module_type_buffer_module_ptr key_ptr;
  size_t key_length;
  envoy_dynamic_module_type_buffer_module_ptr value_ptr;
  size_t value_length;
} envoy_dynamic_module_type_module_http_header;

// One header of Envoy's: names in lower case. Lives until a setter of the same map or the end of
// the hook.
typedef struct envoy_dynamic_module_type_envoy_http_header {
  envoy_dynamic_module_type_buffer_envoy_ptr key_ptr;
  size_t key_length;
  envoy_dynamic_module_type_buffer_envoy_ptr value_ptr;
  size_t value_length;
} envoy_dynamic_module_type_envoy_http_header;

// ----------------------------------------------------------------------------------------- handles

// Envoy's filter configuration. Lives from on_http_filter_config_new until
// on_http_filter_config_destroy has been called for the object made in it.
typedef void* envoy_dynamic_module_type_http_filter_config_envoy_ptr;
// The module's filter configuration, made by on_http_filter_config_new.
typedef const void* envoy_dynamic_module_type_http_filter_config_module_ptr;
// The module's configuration of one route, made by on_http_filter_per_route_config_new.
typedef const void* envoy_dynamic_module_type_http_filter_per_route_config_module_ptr;
// Envoy's filter of one stream (of one attempt, where the filter is in a cluster). Lives until
// on_http_filter_destroy, in which it may no longer be used. Only its worker thread may use it.
typedef void* envoy_dynamic_module_type_http_filter_envoy_ptr;
// The module's filter of one stream, made by on_http_filter_new.
typedef const void* envoy_dynamic_module_type_http_filter_module_ptr;

// Made by Envoy, but the module has to delete it. May outlive the filter, or the configuration,
// that it was made for: a commit then does nothing.
typedef void* envoy_dynamic_module_type_http_filter_scheduler_module_ptr;
typedef void* envoy_dynamic_module_type_http_filter_config_scheduler_module_ptr;

// The span of a stream, or of an attempt. Envoy's; lives as long as the stream; the module never
// finishes it.
typedef void* envoy_dynamic_module_type_span_envoy_ptr;
// A span made by the module, which has to finish it. Serves as a span_envoy_ptr too.
typedef void* envoy_dynamic_module_type_child_span_module_ptr;

// ------------------------------------------------------------------------------ arguments, results

typedef enum envoy_dynamic_module_type_http_header_type {
  envoy_dynamic_module_type_http_header_type_RequestHeader = 0,
  envoy_dynamic_module_type_http_header_type_RequestTrailer = 1,
  envoy_dynamic_module_type_http_header_type_ResponseHeader = 2,
  envoy_dynamic_module_type_http_header_type_ResponseTrailer = 3,
} envoy_dynamic_module_type_http_header_type;

// Which bytes of a body. Received: what this call of the body hook brought; exists in the body
// hooks only. Buffered: what StopIterationAndBuffer of this filter has gathered; when any was
// gathered, the last call has it all here, its own bytes included, and nothing in Received.
typedef enum envoy_dynamic_module_type_http_body_type {
  envoy_dynamic_module_type_http_body_type_ReceivedRequestBody = 0,
  envoy_dynamic_module_type_http_body_type_BufferedRequestBody = 1,
  envoy_dynamic_module_type_http_body_type_ReceivedResponseBody = 2,
  envoy_dynamic_module_type_http_body_type_BufferedResponseBody = 3,
} envoy_dynamic_module_type_http_body_type;

typedef enum envoy_dynamic_module_type_log_level {
  envoy_dynamic_module_type_log_level_Trace = 0,
  envoy_dynamic_module_type_log_level_Debug = 1,
  envoy_dynamic_module_type_log_level_Info = 2,
  envoy_dynamic_module_type_log_level_Warn = 3,
  envoy_dynamic_module_type_log_level_Error = 4,
  envoy_dynamic_module_type_log_level_Critical = 5,
  envoy_dynamic_module_type_log_level_Off = 6,
} envoy_dynamic_module_type_log_level;

// Where metadata is read. Route, Cluster, Host and HostLocality come from the configuration;
// Cluster is known once a route is, Host and HostLocality in an upstream filter.
typedef enum envoy_dynamic_module_type_metadata_source {
  envoy_dynamic_module_type_metadata_source_Dynamic = 0,
  envoy_dynamic_module_type_metadata_source_Route = 1,
  envoy_dynamic_module_type_metadata_source_Cluster = 2,
  envoy_dynamic_module_type_metadata_source_Host = 3,
  envoy_dynamic_module_type_metadata_source_HostLocality = 4,
} envoy_dynamic_module_type_metadata_source;

// Of Envoy's 68 attributes, those worth reading; the values are Envoy's, counted from RequestPath =
// 0. Strings unless noted. UpstreamRequestAttemptCount counts from 1 and is not answered before
// 1.39. UpstreamLocality (55) and XdsUpstreamHostMetadata (65) exist in name only: Envoy does not
// answer them.
typedef enum envoy_dynamic_module_type_attribute_id {
  envoy_dynamic_module_type_attribute_id_RequestId = 9,
  envoy_dynamic_module_type_attribute_id_RequestProtocol = 10,
  envoy_dynamic_module_type_attribute_id_ResponseCode = 15,  // int
  envoy_dynamic_module_type_attribute_id_ResponseCodeDetails = 16,
  envoy_dynamic_module_type_attribute_id_ResponseFlags = 17,  // int
  envoy_dynamic_module_type_attribute_id_SourceAddress = 24,
  envoy_dynamic_module_type_attribute_id_UpstreamAddress = 41,
  envoy_dynamic_module_type_attribute_id_UpstreamPort = 42,                 // int
  envoy_dynamic_module_type_attribute_id_UpstreamRequestAttemptCount = 53,  // int
  envoy_dynamic_module_type_attribute_id_XdsClusterName = 57,
  envoy_dynamic_module_type_attribute_id_XdsRouteName = 61,
} envoy_dynamic_module_type_attribute_id;

typedef enum envoy_dynamic_module_type_metrics_result {
  envoy_dynamic_module_type_metrics_result_Success = 0,
  envoy_dynamic_module_type_metrics_result_MetricNotFound = 1,
  envoy_dynamic_module_type_metrics_result_InvalidLabels = 2,
  envoy_dynamic_module_type_metrics_result_Frozen = 3,  // defined after on_http_filter_config_new
} envoy_dynamic_module_type_metrics_result;

typedef enum envoy_dynamic_module_type_http_callout_init_result {
  envoy_dynamic_module_type_http_callout_init_result_Success = 0,
  // One of :method, :path and host is missing.
  envoy_dynamic_module_type_http_callout_init_result_MissingRequiredHeaders = 1,
  envoy_dynamic_module_type_http_callout_init_result_ClusterNotFound = 2,
  envoy_dynamic_module_type_http_callout_init_result_DuplicateCalloutId = 3,
  // The cluster has no healthy host, for one.
  envoy_dynamic_module_type_http_callout_init_result_CannotCreateRequest = 4,
} envoy_dynamic_module_type_http_callout_init_result;

typedef enum envoy_dynamic_module_type_http_callout_result {
  envoy_dynamic_module_type_http_callout_result_Success = 0,
  envoy_dynamic_module_type_http_callout_result_Reset = 1,
  envoy_dynamic_module_type_http_callout_result_ExceedResponseBufferLimit = 2,
} envoy_dynamic_module_type_http_callout_result;

// Why the stream of a callout ended early.
typedef enum envoy_dynamic_module_type_http_stream_reset_reason {
  envoy_dynamic_module_type_http_stream_reset_reason_ConnectionFailure = 0,
  envoy_dynamic_module_type_http_stream_reset_reason_ConnectionTermination = 1,
  envoy_dynamic_module_type_http_stream_reset_reason_LocalReset = 2,
  envoy_dynamic_module_type_http_stream_reset_reason_LocalRefusedStreamReset = 3,
  envoy_dynamic_module_type_http_stream_reset_reason_Overflow = 4,
  envoy_dynamic_module_type_http_stream_reset_reason_RemoteReset = 5,
  envoy_dynamic_module_type_http_stream_reset_reason_RemoteRefusedStreamReset = 6,
  envoy_dynamic_module_type_http_stream_reset_reason_ProtocolError = 7,
} envoy_dynamic_module_type_http_stream_reset_reason;

// How the module ends its own stream. In an upstream filter LocalReset leaves the client's request
// hanging; only LocalRefusedStreamReset is of use there, and the router retries it under `retry_on:
// reset`.
typedef enum envoy_dynamic_module_type_http_filter_stream_reset_reason {
  envoy_dynamic_module_type_http_filter_stream_reset_reason_LocalReset = 0,
  envoy_dynamic_module_type_http_filter_stream_reset_reason_LocalRefusedStreamReset = 1,
} envoy_dynamic_module_type_http_filter_stream_reset_reason;

// ------------------------------------------------------------------------------- what hooks answer

// Continue: the next filter gets the headers. StopIteration: they are held, the body hooks still
// come. The two StopAll hold the body hooks too, until continue_decoding or continue_encoding.
// ContinueAndDontEndStream: the headers pass, the end of the stream is kept back and has to be made
// up for by a later event. A body for headers that came without one needs it not: append to the
// Buffered body, set content-length and answer Continue; with ContinueAndDontEndStream what was
// appended is never sent.
typedef enum envoy_dynamic_module_type_on_http_filter_request_headers_status {
  envoy_dynamic_module_type_on_http_filter_request_headers_status_Continue = 0,
  envoy_dynamic_module_type_on_http_filter_request_headers_status_StopIteration = 1,
  envoy_dynamic_module_type_on_http_filter_request_headers_status_ContinueAndDontEndStream = 2,
  envoy_dynamic_module_type_on_http_filter_request_headers_status_StopAllIterationAndBuffer = 3,
  envoy_dynamic_module_type_on_http_filter_request_headers_status_StopAllIterationAndWatermark = 4,
} envoy_dynamic_module_type_on_http_filter_request_headers_status;

typedef enum envoy_dynamic_module_type_on_http_filter_response_headers_status {
  envoy_dynamic_module_type_on_http_filter_response_headers_status_Continue = 0,
  envoy_dynamic_module_type_on_http_filter_response_headers_status_StopIteration = 1,
  envoy_dynamic_module_type_on_http_filter_response_headers_status_ContinueAndDontEndStream = 2,
  envoy_dynamic_module_type_on_http_filter_response_headers_status_StopAllIterationAndBuffer = 3,
  envoy_dynamic_module_type_on_http_filter_response_headers_status_StopAllIterationAndWatermark = 4,
} envoy_dynamic_module_type_on_http_filter_response_headers_status;

// Continue also lets go of headers that are held. ...AndBuffer gathers in the Buffered body, and
// past the buffer limit Envoy answers in our place (413 for a request, 500 for a response).
// ...AndWatermark asks the sender to pause instead. ...NoBuffer gathers nothing: what the module
// did not take away is lost.
typedef enum envoy_dynamic_module_type_on_http_filter_request_body_status {
  envoy_dynamic_module_type_on_http_filter_request_body_status_Continue = 0,
  envoy_dynamic_module_type_on_http_filter_request_body_status_StopIterationAndBuffer = 1,
  envoy_dynamic_module_type_on_http_filter_request_body_status_StopIterationAndWatermark = 2,
  envoy_dynamic_module_type_on_http_filter_request_body_status_StopIterationNoBuffer = 3,
} envoy_dynamic_module_type_on_http_filter_request_body_status;

typedef enum envoy_dynamic_module_type_on_http_filter_response_body_status {
  envoy_dynamic_module_type_on_http_filter_response_body_status_Continue = 0,
  envoy_dynamic_module_type_on_http_filter_response_body_status_StopIterationAndBuffer = 1,
  envoy_dynamic_module_type_on_http_filter_response_body_status_StopIterationAndWatermark = 2,
  envoy_dynamic_module_type_on_http_filter_response_body_status_StopIterationNoBuffer = 3,
} envoy_dynamic_module_type_on_http_filter_response_body_status;

typedef enum envoy_dynamic_module_type_on_http_filter_request_trailers_status {
  envoy_dynamic_module_type_on_http_filter_request_trailers_status_Continue = 0,
  envoy_dynamic_module_type_on_http_filter_request_trailers_status_StopIteration = 1,
} envoy_dynamic_module_type_on_http_filter_request_trailers_status;

typedef enum envoy_dynamic_module_type_on_http_filter_response_trailers_status {
  envoy_dynamic_module_type_on_http_filter_response_trailers_status_Continue = 0,
  envoy_dynamic_module_type_on_http_filter_response_trailers_status_StopIteration = 1,
} envoy_dynamic_module_type_on_http_filter_response_trailers_status;

typedef enum envoy_dynamic_module_type_on_http_filter_local_reply_status {
  envoy_dynamic_module_type_on_http_filter_local_reply_status_Continue = 0,
  // Once all filters have been told, the stream is reset and the reply is not sent.
  envoy_dynamic_module_type_on_http_filter_local_reply_status_ContinueAndResetStream = 1,
} envoy_dynamic_module_type_on_http_filter_local_reply_status;

#ifdef __cplusplus
}  // extern "C"
#endif
