#include "fronts/module/router_filter.h"

#include "base/system_clock.h"
#include "fronts/module/attempt_table.h"
#include "http/media_type.h"

namespace aigw::module {
namespace {

constexpr auto kRequestHeaders = envoy_dynamic_module_type_http_header_type_RequestHeader;
constexpr auto kResponseHeaders = envoy_dynamic_module_type_http_header_type_ResponseHeader;
constexpr auto kReceivedRequest = envoy_dynamic_module_type_http_body_type_ReceivedRequestBody;
constexpr auto kBufferedRequest = envoy_dynamic_module_type_http_body_type_BufferedRequestBody;
constexpr auto kReceivedResponse = envoy_dynamic_module_type_http_body_type_ReceivedResponseBody;
constexpr auto kBufferedResponse = envoy_dynamic_module_type_http_body_type_BufferedResponseBody;

constexpr int kContinue = 0;
constexpr int kStop = 1;  // headers: stop iteration; body: and buffer
constexpr int kStopNoBuffer = envoy_dynamic_module_type_on_http_filter_response_body_status_StopIterationNoBuffer;

exchange::Setup make_setup(EnvoyFilter envoy, runtime::Runtime& runtime, const exchange::CurrentConfig& current,
                           const exchange::DebugLog& debug) {
  uint32_t worker = envoy_dynamic_module_callback_http_filter_get_worker_index(envoy);
  exchange::Setup setup;
  setup.config = runtime.config_for_worker(worker);
  setup.endpoints = runtime.endpoints();
  setup.current = &current;
  setup.request_body_max = runtime.options().request_body_max;
  setup.now = system_monotonic_now;
  setup.unix_now = system_unix_now;
  setup.recorder = runtime.recorder(worker);
  setup.tracer = runtime.tracer();
  setup.header_attributes = &runtime.options().header_attributes;
  setup.debug = &debug;
  setup.budget = runtime.budget();
  return setup;
}

}  // namespace

RouterFilter::RouterFilter(EnvoyFilter envoy, runtime::Runtime& runtime, const exchange::CurrentConfig& current,
                           const exchange::DebugLog& debug, const RouterCounters& counters)
    : envoy_(envoy),
      counters_(counters),
      access_line_(runtime.options().access_members),
      logs_(!runtime.options().access_members.empty()),
      shared_(*new SharedExchange(make_setup(envoy, runtime, current, debug))) {}

// An attempt may outlive the filter, and with it what the exchange tells to: nothing is told after this.
RouterFilter::~RouterFilter() {
  exchange::NoMetadata nowhere;
  shared_.exchange.finish(nowhere);
  shared_.exchange.end_debug();
  shared_.release();
}

// The reply is copied first: the call may destroy this filter.
int RouterFilter::answer(bool whole) {
  exchange::LocalReply reply = shared_.exchange.reply();
  if (reply.status >= 400) {
    ModuleBuffer type = to_buffer(traits(reply.kind).type);
    envoy_dynamic_module_callback_http_filter_increment_counter(envoy_, counters_.refused, &type, 1, 1);
  }
  if (whole && reply.status == traits(FailureKind::malformed_request).status) {
    send_reply_and_keep_connection(envoy_, reply);
  } else {
    send_reply(envoy_, reply);
  }
  return kStop;
}

int RouterFilter::request_headers(bool end_of_stream) {
  EnvoyHeaders request(envoy_, kRequestHeaders);
  if (logs_) {
    request.all();  // one look for what the line and the exchange read
    access_line_.on_request(request, system_unix_milliseconds());
  }
  exchange::Step step = shared_.exchange.on_request_headers(request, end_of_stream);
  if (step == exchange::Step::reply) return answer(end_of_stream);
  // Envoy buffers the body for the attempts; the exchange refuses a larger one before Envoy's limit is reached.
  envoy_dynamic_module_callback_http_set_buffer_limit(envoy_, shared_.exchange.setup().request_body_max);
  return kStop;
}

int RouterFilter::request_body(bool end_of_stream) {
  if (routed_) return kContinue;
  exchange::Step step;
  {
    EnvoyBody body(envoy_, request_cursor_, kReceivedRequest, kBufferedRequest);
    step = shared_.exchange.on_request_body(body.slices());
  }
  if (step == exchange::Step::reply) {
    answer(end_of_stream);
    return kStopNoBuffer;
  }
  return end_of_stream ? route() : kStop;
}

int RouterFilter::request_trailers() { return routed_ ? kContinue : route(); }

int RouterFilter::route() {
  EnvoyHeaders request(envoy_, kRequestHeaders);
  if (shared_.exchange.on_request_end(request) == exchange::Step::reply) return answer(true);
  AigwHandoff handoff{kHandoffMagic, kHandoffLayout, 0, &shared_, &attempt_table()};
  envoy_dynamic_module_callback_http_set_filter_state_bytes(
      envoy_, to_buffer(kHandoffKey), {reinterpret_cast<const char*>(&handoff), sizeof(handoff)});
  envoy_dynamic_module_callback_http_clear_route_cache(envoy_);
  routed_ = true;
  return kContinue;
}

void RouterFilter::local_reply(uint32_t status, Bytes details) {
  if (status >= 400 && details != kReplyDetails) carrier_status_ = status;
}

int RouterFilter::response_headers(bool end_of_stream) {
  EnvoyHeaders request(envoy_, kRequestHeaders);
  shared_.exchange.undo_request_edits(request);
  shared_.exchange.release_request();
  if (carrier_status_ == 0) return kContinue;
  shared_.exchange.note_refused_path(request.get(":path").value_or(""));
  EnvoyHeaders response(envoy_, kResponseHeaders);
  if (http::is_json(response.get("content-type").value_or(""))) {
    carrier_status_ = 0;
    return kContinue;
  }
  if (!end_of_stream) return kStop;
  // A reply of headers only gets its body behind them: Envoy sends what is buffered when the hook continues.
  shape_reply(kBufferedResponse);
  return kContinue;
}

int RouterFilter::response_body(bool end_of_stream) {
  if (carrier_status_ == 0) return kContinue;
  EnvoyBody body(envoy_, kReceivedResponse);
  for (Bytes piece : body.slices()) {
    carrier_text_.append(piece.substr(0, limits::error_text_max - carrier_text_.size()));
  }
  if (end_of_stream) shape_reply(kReceivedResponse);
  drain(envoy_, kReceivedResponse, body.size());
  return end_of_stream ? kContinue : kStopNoBuffer;
}

int RouterFilter::response_trailers() {
  if (carrier_status_ != 0) shape_reply(kBufferedResponse);
  return kContinue;
}

void RouterFilter::shape_reply(BodyType append_to) {
  std::string shaped = shared_.exchange.shape_carrier_reply(carrier_status_, carrier_text_);
  EnvoyHeaders response(envoy_, kResponseHeaders);
  shared_.exchange.set_carrier_reply_headers(carrier_status_, response);
  response.set("content-length", std::to_string(shaped.size()));
  EnvoyBodySink(envoy_, append_to).append(shaped);
  carrier_status_ = 0;
}

void RouterFilter::count(size_t counter, uint64_t amount) {
  envoy_dynamic_module_callback_http_filter_increment_counter(envoy_, counter, nullptr, 0, amount);
}

// The line for the access log is of requests that the first backend answered: nothing that Envoy says of those needs an
// escape.
bool RouterFilter::tell_access_log(http::HeaderMap& request) {
  if (shared_.exchange.attempts_started() != 1) return false;
  if (shared_.exchange.account().outcome() != observe::RequestOutcome::answered) return false;
  access_line_.text("request_model", shared_.exchange.model());
  const std::string text = access_line_.take(request);
  return !text.empty() && envoy_dynamic_module_callback_http_set_filter_state_bytes(
                              envoy_, to_buffer(exchange::AccessLine::kKey), to_buffer(text));
}

void RouterFilter::finish(http::HeaderMap& request) {
  EnvoyMetadata metadata(envoy_);
  if (!logs_) return shared_.exchange.finish(metadata);
  exchange::AccessLineSink sink(access_line_, metadata);
  shared_.exchange.finish(sink);
  if (!tell_access_log(request)) metadata.text(exchange::AccessLine::kByEnvoy, "true");
  sink.release();
}

void RouterFilter::stream_complete() {
  EnvoyHeaders request(envoy_, kRequestHeaders);
  shared_.exchange.undo_request_edits(request);
  finish(request);
  if (shared_.exchange.setup().recorder != nullptr) {
    count(counters_.requests[static_cast<size_t>(shared_.exchange.account().outcome())], 1);
    const chat::Usage& usage = shared_.exchange.answer().usage;
    if (usage.input) count(counters_.input_tokens, *usage.input);
    if (usage.output) count(counters_.output_tokens, *usage.output);
  }
  if (const size_t failed = shared_.exchange.failed_edits(); failed > 0) {
    log(envoy_dynamic_module_type_log_level_Warn,
        "ai_gateway: " + std::to_string(failed) + " rules for the body did not fit a request to " +
            std::string(shared_.exchange.answer().backend_name));
  }
  if (const std::string& failure = shared_.exchange.bill().failure; !failure.empty()) {
    log(envoy_dynamic_module_type_log_level_Warn, "ai_gateway: " + failure);
  }
  if (!shared_.exchange.dropped().empty()) {
    log(envoy_dynamic_module_type_log_level_Debug,
        "ai_gateway: translation dropped " + std::string(shared_.exchange.dropped()));
  }
}

}  // namespace aigw::module
