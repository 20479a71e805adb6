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

// What all requests of a process hold together unless maxBufferedBytes says otherwise: bodies until
// an answer begins, and answers until they are whole. Above it a client gets a 503.
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

// What of a client's x-request-id and of an error's text an exchange keeps for those who look at
// it.
inline constexpr size_t request_id_max = 80;
inline constexpr size_t error_shown_max = 256;

// A string or number that the scanner is asked to capture, still escaped.
inline constexpr size_t json_capture_max = 2048;

// The parts of a form, and the header lines of one of them.
inline constexpr size_t form_parts_max = 1000;
inline constexpr size_t form_part_headers_max = 16u << 10;

// A form's boundary (RFC 2046 §5.1.1), and the blanks behind it.
inline constexpr size_t form_boundary_max = 70;
inline constexpr size_t form_boundary_padding_max = 64;

// A unary answer is held back up to this size, so that an attempt that dies half-way can still be
// retried; a larger one is passed on as it comes.
inline constexpr size_t response_hold_max = 1 << 20;

// What a compressed body may become: so much whatever it was, and so many times of what has come of
// it.
inline constexpr uint64_t decoded_free = 16ull << 20;
inline constexpr uint64_t decoded_ratio_max = 256;

// The window that a body in zstd may ask for, as a power of two: 8 MiB, what RFC 9659 lets a
// content coding have.
inline constexpr int zstd_window_log_max = 23;

// The text of a provider's error that is not JSON; what is longer is cut.
inline constexpr size_t error_text_max = 64u << 10;

// A whole answer that is translated. A stream is bounded event by event.
inline constexpr size_t hub_answer_max = 32u << 20;

// What a response of the Responses API repeats of its request, as the client wrote it: three events
// of a stream carry it.
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

// Nesting of a JSON schema that goes to Gemini: the peer's bound (its facts, §4.6).
inline constexpr size_t gemini_schema_depth_max = 100;

// What of the id of an answer stands in the ids made for a tool call of Gemini, and for an item of
// the Responses API, where providers take 64 bytes with prefix and number.
inline constexpr size_t gemini_call_id_max = 24;
inline constexpr size_t responses_id_base_max = 40;

// A document's name for Bedrock, which has 200 characters for it; a number may come behind.
inline constexpr size_t document_name_max = 190;

// The beginning of a freeform tool's arguments, blanks included, that is held until it is known for
// the wrapping.
inline constexpr size_t freeform_head_max = 64;

// The models on one page of a list that is asked for in Anthropic's language.
inline constexpr size_t models_page_max = 1000;

// An image that a provider streams in pieces, in base64: the hub carries images whole.
inline constexpr size_t streamed_image_max = 32u << 20;

// What an exchange may allocate for itself (names, paths, header edits), not counting bodies.
inline constexpr size_t exchange_arena_max = 256u << 10;

// A secret as read from a file or from the configuration.
inline constexpr size_t credential_max = 16u << 10;

// An answer of a token service, with its headers.
inline constexpr size_t token_answer_max = 256u << 10;

// The code of an error that such an answer names, in a log.
inline constexpr size_t token_error_code_max = 64;

// How long a token lives, whatever such an answer says.
inline constexpr uint64_t token_seconds_max = 7 * 86'400;

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

// A name in DNS (RFC 1035), in the configuration and in a request's authority. The name of a client
// with a key.
inline constexpr size_t dns_name_max = 253;
inline constexpr size_t client_name_max = 256;

// Numbers of a configuration: Envoy has 128 priorities, and more than these of the others is a slip
// of the pen.
inline constexpr uint64_t backend_priority_max = 127;
inline constexpr uint64_t backend_weight_max = 1'000'000;
inline constexpr uint64_t retries_max = 10;
inline constexpr uint64_t default_max_tokens_max = 100'000'000;
inline constexpr int64_t connect_timeout_ms_max = 3'600'000;
inline constexpr int64_t idle_timeout_ms_max = 24 * 3'600'000;

// The members of an access log's line.
inline constexpr size_t access_members_max = 64;

// A price of a million tokens, in dollars, the digits behind its point, and the tokens from which a
// tier may count.
inline constexpr uint64_t price_max = 1'000'000;
inline constexpr size_t price_decimals_max = 12;
inline constexpr uint64_t price_above_max = uint64_t{1} << 50;

// What a request costs, in millionths: what a double holds exactly. More is written as this.
inline constexpr uint64_t cost_micro_max = (uint64_t{1} << 53) - 1;

// A cost's expression: its text, the nodes of its tree, how deep that and its parentheses go, and
// the steps of one evaluation. The steps of a pattern of matches().
inline constexpr size_t cel_text_max = 16u << 10;
inline constexpr size_t cel_nodes_max = 4000;
inline constexpr size_t cel_tree_depth_max = 300;
inline constexpr size_t cel_depth_max = 60;
inline constexpr size_t cel_steps_max = 20'000;
inline constexpr size_t cel_pattern_steps_max = 500;

// Macros inside each other, and what one evaluation makes of lists and of text.
inline constexpr size_t cel_locals_max = 8;
inline constexpr size_t cel_values_max = 256;
inline constexpr size_t cel_value_text_max = 4096;

// The name of a metric's label, which a configuration may give, and its value, such as a model that
// a client names; what is longer is cut.
inline constexpr size_t label_name_max = 255;
inline constexpr size_t label_value_max = 256;

// What is kept of a request's body, and of an answer, for the span that shows them; of what is
// longer it shows the beginning. A stream is kept as it came, so that its span holds no more
// however long it is.
inline constexpr size_t span_content_max = 1u << 20;

// What OTEL_* and OPENINFERENCE_* may set otherwise: the attributes of a span, the characters of an
// image's data: URL that it shows, the spans that wait for a collector, and those that one request
// to it carries.
inline constexpr size_t span_attributes_max = 128;
inline constexpr size_t span_image_max = 32'000;
inline constexpr size_t spans_queued_max = 2048;
inline constexpr size_t spans_of_batch_max = 512;

// The spans that wait for a collector, in bytes: one that comes above it is dropped. What one
// request to the collector carries, but for a single span that is larger: collectors over gRPC take
// 4 MiB.
inline constexpr size_t spans_waiting_max = 64u << 20;
inline constexpr size_t span_batch_max = 2u << 20;

// Series of metrics in a process, and how many of them only those may take whose labels no client
// decides. Where there is no room left, a series of the family that says so counts the rest.
inline constexpr uint64_t metric_series_max = 8192;
inline constexpr uint64_t metric_series_reserved = 2048;

// The memory that all series share; pages are backed as they are touched.
inline constexpr size_t metric_memory_max = 96u << 20;

// A request to the admin address with its headers; a larger one gets a 431. The connections that are
// served at a time; others wait.
inline constexpr size_t admin_request_max = 8u << 10;
inline constexpr size_t admin_connections_max = 64;

// An admin address as it is written, and those of one process. Both are part of the layout of
// runtime::ListenerShare.
inline constexpr size_t admin_address_max = 103;
inline constexpr size_t admin_addresses_max = 8;

// The events of requests that the admin pages and `aigw tap` see; a longer event is not written. In
// one: a value, the name and the value of an attribute (and the key of a cost), a sentence with what
// it quotes, and how many costs and how many attributes. The first is part of the layout of
// observe::Feed, which several builds share.
inline constexpr size_t event_max = 2032;
inline constexpr size_t event_value_max = 80;
inline constexpr size_t event_name_max = 40;
inline constexpr size_t event_attribute_max = 60;
inline constexpr size_t event_error_max = 240;
inline constexpr size_t event_list_max = 6;

// How many of the last events, and of those that tell of an error, are kept, and how many errors
// the status page shows.
inline constexpr uint32_t events_kept_max = 2048;
inline constexpr uint32_t errors_kept_max = 64;
inline constexpr uint64_t errors_shown_max = 20;

// The lines of `requestLog` that wait to be written; those that find no place are counted.
inline constexpr uint32_t request_lines_waiting_max = 4096;

// What is kept of the output of an Envoy that has not served yet, to be shown when it never does.
inline constexpr size_t envoy_output_kept_max = 64u << 10;

// Of that, the last lines, and the beginning of each.
inline constexpr size_t envoy_lines_shown_max = 8;
inline constexpr size_t envoy_line_shown_max = 500;

// Client-controlled text quoted in an error message.
inline constexpr size_t quoted_in_error_max = 256;

}  // namespace aigw::limits
