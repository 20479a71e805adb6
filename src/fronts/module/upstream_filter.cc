#include "fronts/module/upstream_filter.h"

#include <cstring>

#include "exchange/errors.h"
#include "fronts/module/tally.h"

namespace aigw::module {
namespace {

constexpr int kContinue = 0;
constexpr int kStop = 1;

void count(EnvoyFilter envoy, size_t counter) {
  envoy_dynamic_module_callback_http_filter_increment_counter(envoy, counter, nullptr, 0, 1);
}

}  // namespace

UpstreamFilter::~UpstreamFilter() {
  if (attempt_ != nullptr) table_->attempt_free(attempt_);
}

int UpstreamFilter::refuse() {
  EnvoyBuffer found{nullptr, 0};
  bool present = envoy_dynamic_module_callback_http_get_filter_state_bytes(
      envoy_, to_buffer(kHandoffKey), &found);
  count(envoy_, present ? counters_.unknown_layout : counters_.no_exchange);
  tally(observe::Family::without_exchange,
        observe::Labels().add("reason", present ? "unknown_layout" : "no_exchange"));
  if (present) {
    send_plain_reply(envoy_, FailureKind::unavailable,
                     "the request began under a build of the gateway that this one cannot continue");
  } else {
    send_reply(envoy_, exchange::error_reply(endpoint::Dialect::openai, FailureKind::internal,
                                             "the request did not pass the gateway's router filter"));
  }
  return kStop;
}

int UpstreamFilter::request_headers(bool end_of_stream) {
  EnvoyBuffer bytes{nullptr, 0};
  AigwHandoff handoff{};
  bool known = envoy_dynamic_module_callback_http_get_filter_state_bytes(envoy_, to_buffer(kHandoffKey), &bytes) &&
               bytes.length == sizeof(handoff);
  if (known) {
    std::memcpy(&handoff, bytes.ptr, sizeof(handoff));
    known = handoff.magic == kHandoffMagic && handoff.layout == kHandoffLayout &&
            handoff.table->size >= kAttemptTableMin;
  }
  if (!known) return refuse();
  table_ = handoff.table;
  attempt_ = table_->attempt_new(handoff.exchange);
  if (attempt_ == nullptr) {
    send_plain_reply(envoy_, FailureKind::internal, "the gateway is out of memory");
    return kStop;
  }
#ifdef AIGW_LATER_TABLE
  if (table_->size > kAttemptTableMin) table_->later(attempt_);
#endif
  return table_->request_headers(attempt_, envoy_, end_of_stream);
}

int UpstreamFilter::request_body(bool end_of_stream) {
  return attempt_ == nullptr ? kStop : table_->request_body(attempt_, envoy_, end_of_stream);
}

int UpstreamFilter::request_trailers() {
  return attempt_ == nullptr ? kStop : table_->request_trailers(attempt_, envoy_);
}

// A response without an attempt is the reply of refuse() on its way out.
int UpstreamFilter::response_headers(bool end_of_stream) {
  return attempt_ == nullptr ? kContinue : table_->response_headers(attempt_, envoy_, end_of_stream);
}

int UpstreamFilter::response_body(bool end_of_stream) {
  return attempt_ == nullptr ? kContinue : table_->response_body(attempt_, envoy_, end_of_stream);
}

int UpstreamFilter::response_trailers() {
  return attempt_ == nullptr ? kContinue : table_->response_trailers(attempt_, envoy_);
}

}  // namespace aigw::module
