// Every bound that an input can run into, in one place. Sizes are bytes unless the name says
// otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aigw::limits {

// A request body; above it the client gets a 413. The peer's generated configuration buffers the
// same 50 MiB.
inline constexpr uint64_t request_body_max = 50ull << 20;

// What maxRequestBodyBytes may raise it to. Envoy's buffer limits are 32-bit.
inline constexpr uint64_t request_body_max_configurable = 4095ull << 20;

// What all requests of a process hold together unless maxBufferedBytes says otherwise: bodies until an answer begins,
// and answers until they are whole. Above it a client gets a 503.
inline constexpr uint64_t buffered_max = 4ull << 30;

// Nesting of arrays and objects in any JSON that is scanned.
inline constexpr size_t json_depth_max = 512;

// Values in one JSON document that is read whole: a tree takes 40 bytes for each.
inline constexpr size_t json_values_max = 1 << 20;

// What the hub lane may allocate for one exchange: the padded copy of a body, its tree, the texts
// that have to be unescaped, and the conversation made of them.
inline constexpr uint64_t hub_arena_max(uint64_t body) { return 4 * body + (160ull << 20); }

// The different members named in a report of what a translation dropped; all are counted.
inline constexpr size_t drops_kept_max = 32;

// A model name, after unescaping.
inline constexpr size_t model_name_max = 256;

// A string or number that the scanner is asked to capture, still escaped.
inline constexpr size_t json_capture_max = 2048;

// The parts of a form, and the header lines of one of them.
inline constexpr size_t form_parts_max = 1000;
inline constexpr size_t form_part_headers_max = 16u << 10;

// A unary answer is held back up to this size, so that an attempt that dies half-way can still be
// retried; a larger one is passed on as it comes.
inline constexpr size_t response_hold_max = 1 << 20;

// What a compressed body may become: so much whatever it was, and so many times of what has come of it.
inline constexpr uint64_t decoded_free = 16ull << 20;
inline constexpr uint64_t decoded_ratio_max = 256;

// The text of a provider's error that is not JSON; what is longer is cut.
inline constexpr size_t error_text_max = 64u << 10;

// A whole answer that is translated. A stream is bounded event by event.
inline constexpr size_t hub_answer_max = 32u << 20;

// What a response of the Responses API repeats of its request, as the client wrote it: three events of
// a stream carry it.
inline constexpr size_t responses_echo_max = 256u << 10;

// One server-sent event, as the observer sees it. A larger one is passed on and not looked into.
inline constexpr size_t sse_event_max = 8u << 20;

// The type of a server-sent event; what is longer is cut.
inline constexpr size_t sse_event_type_max = 256;

// The headers and the payload of one message of an AWS event stream. AWS documents 128 KiB and
// 16 MiB, and its own clients take 24 MiB.
inline constexpr size_t eventstream_headers_max = 128u << 10;
inline constexpr size_t eventstream_payload_max = 24u << 20;

// The buffer that an event stream's decoder keeps from one message to the next.
inline constexpr size_t eventstream_buffer_kept_max = 64u << 10;

// A JSON schema whose references are resolved in place: each may stand in many places.
inline constexpr size_t schema_expanded_max = 1u << 20;

// An image that a provider streams in pieces, in base64: the hub carries images whole.
inline constexpr size_t streamed_image_max = 32u << 20;

// What an exchange may allocate for itself (names, paths, header edits), not counting bodies.
inline constexpr size_t exchange_arena_max = 256u << 10;

// A secret as read from a file or from the configuration.
inline constexpr size_t credential_max = 16u << 10;

// An answer of a token service, with its headers.
inline constexpr size_t token_answer_max = 256u << 10;

// What a debug log shows of one piece of a body.
inline constexpr size_t debug_body_max = 64u << 10;

// A configuration document.
inline constexpr size_t config_document_max = 64u << 20;

// The parts that such a document may come in as a bundle. The peer mounts 8 at most.
inline constexpr size_t config_bundle_parts_max = 64;

// Nesting, values, values that YAML aliases stand for, and reported problems of such a document.
inline constexpr size_t config_depth_max = 64;
inline constexpr size_t config_nodes_max = 2'000'000;
inline constexpr size_t config_alias_nodes_max = 100'000;
inline constexpr size_t config_diagnostics_max = 200;

// A cost's expression: its text, the nodes of its tree, how deep that and its parentheses go, and the steps of one
// evaluation. The steps of a pattern of matches().
inline constexpr size_t cel_text_max = 16u << 10;
inline constexpr size_t cel_nodes_max = 4000;
inline constexpr size_t cel_tree_depth_max = 300;
inline constexpr size_t cel_depth_max = 60;
inline constexpr size_t cel_steps_max = 20'000;
inline constexpr size_t cel_pattern_steps_max = 500;
// The value of a metric's label, such as a model that a client names; what is longer is cut.
inline constexpr size_t label_value_max = 256;

// What is kept of a request's body, and of an answer, for the span that shows them; of what is longer it shows the
// beginning. A stream is kept as it came, so that its span holds no more however long it is.
inline constexpr size_t span_content_max = 1u << 20;

// The spans that wait for a collector, in bytes: one that comes above it is dropped. What one request to the collector
// carries, but for a single span that is larger: collectors over gRPC take 4 MiB.
inline constexpr size_t spans_waiting_max = 64u << 20;
inline constexpr size_t span_batch_max = 2u << 20;

// Series of metrics in a process, and how many of them only those may take whose labels no client
// decides. Where there is no room left, a series of the family that says so counts the rest.
inline constexpr uint64_t metric_series_max = 8192;
inline constexpr uint64_t metric_series_reserved = 2048;

// Client-controlled text quoted in an error message.
inline constexpr size_t quoted_in_error_max = 256;

}  // namespace aigw::limits
