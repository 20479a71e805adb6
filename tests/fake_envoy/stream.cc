#include "fake_envoy/stream.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fake_envoy/faults.h"

namespace aigw::fake {
namespace {

constexpr int kContinue = 0;
constexpr int kStopNoBuffer = 3;

// Filters of this thread: a stream never leaves its worker, and what calls for one from another thread is wrong.
std::set<Filter*>& alive() {
  thread_local std::set<Filter*> filters;
  return filters;
}

void set_header(tests::Headers& headers, const std::string& name, const std::string& value) {
  std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  headers.emplace_back(name, value);
}

std::string value_of(const tests::Headers& headers, std::string_view name) {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

}  // namespace

Filter* Stream::find(void* envoy, const char* callback) {
  Filter* filter = static_cast<Filter*>(envoy);
  if (!alive().contains(filter) || filter->destroyed) {
    Process::get().violation(std::string(callback) + " is called for a filter that is gone");
    return nullptr;
  }
  return filter;
}

Stream::Stream(const FilterConfig& router, const FilterConfig& upstream, const tests::Case& story,
               const Weather& weather)
    : router_config_(router), upstream_config_(upstream), story_(story), weather_(weather) {
  request_headers_ = tests::client_headers(story);
  request_headers_.emplace_back("x-request-id", "5f0c7a3e");
  request_headers_.emplace_back("x-forwarded-proto", "http");
}

Stream::~Stream() {
  for (const auto& filter : filters_) {
    if (!filter->destroyed) Process::get().violation("the fake leaves a filter behind");
    alive().erase(filter.get());
  }
}

// Runs one hook. No exception may leave it; views die with it, and buffers move.
int Stream::in_hook(Filter& filter, const char* name, const std::function<int(const Hooks&)>& call) {
  int status = kContinue;
  ++depth_;
  try {
    InModule module;
    status = call(filter.config.module().hooks());
  } catch (...) {
    Process::get().violation(std::string("an exception leaves the hook ") + name);
  }
  --depth_;
  kill_views();
  for (const auto& each : filters_) {
    if (depth_ > 0) break;  // the hook around this one still holds slices of its own
    each->buffered_request.move(weather_.slice_moved);
    each->buffered_response.move(weather_.slice_moved);
  }
  return status;
}

size_t Stream::request_peak() const {
  size_t peak = 0;
  for (const auto& filter : filters_) {
    if (filter->role == Filter::Role::upstream) peak = std::max(peak, filter->received_request.size_peak());
  }
  return peak;
}

void Stream::kill_views() {
  views_.kill();
  state_views_.kill();
}

void Stream::event() {
  if (depth_ > 0) return;
  ++events_;
  if (weather_.watermarks && router_ != nullptr && !router_->destroyed) {
    in_hook(*router_, "above_watermark", [&](const Hooks& hooks) {
      hooks.above_watermark(router_, router_->module);
      hooks.below_watermark(router_, router_->module);
      hooks.scheduled(router_, router_->module, 17);
      return 0;
    });
  }
  if (events_ == weather_.client_leaves_at) {
    left_ = true;
    throw Stopped{};
  }
  if (events_ == weather_.envoy_replies_at) {
    envoy_replies(504, "upstream request timeout", "response_timeout");
    throw Stopped{};
  }
}

Filter& Stream::start_filter(const FilterConfig& config, Filter::Role role, const std::string& backend) {
  filters_.push_back(std::make_unique<Filter>(*this, config, role));
  Filter& filter = *filters_.back();
  filter.backend = backend;
  alive().insert(&filter);
  // Where this gives null, Envoy calls the hooks with it all the same.
  in_hook(filter, "filter_new", [&](const Hooks& hooks) {
    filter.module = hooks.filter_new(config.get(), &filter);
    return 0;
  });
  return filter;
}

void Stream::complete(Filter& filter) {
  if (filter.completed || filter.destroyed) return;
  filter.completed = true;
  in_hook(filter, "stream_complete", [&](const Hooks& hooks) {
    hooks.stream_complete(&filter, filter.module);
    return 0;
  });
  outcome_.request_at_end = request_headers_;
}

void Stream::destroy(Filter& filter) {
  if (filter.destroyed) return;
  filter.destroyed = true;  // no callback is allowed in the hook
  if (filter.module == nullptr) return;
  in_hook(filter, "destroy", [&](const Hooks& hooks) {
    hooks.filter_destroy(filter.module);
    return 0;
  });
}

void Stream::destroy_upstreams() {
  for (const auto& filter : filters_) {
    if (filter->role == Filter::Role::upstream) destroy(*filter);
  }
}

// The order is that of the releases: see the table in the notes on hooks.
void Stream::tear_down() {
  if (!left_ && weather_.before_1_40) destroy_upstreams();
  if (router_ != nullptr) complete(*router_);
  if (left_ && router_ != nullptr) destroy(*router_);
  destroy_upstreams();
  if (router_ != nullptr) destroy(*router_);
}

void Stream::finish_outcome() {
  for (const std::string& line : Process::get().take_log()) {
    constexpr std::string_view kDropped = "ai_gateway: translation dropped ";
    if (!line.starts_with(kDropped)) continue;
    std::string_view list = std::string_view(line).substr(kDropped.size());
    while (!list.empty()) {
      const size_t comma = list.find(", ");
      outcome_.dropped.emplace(list.substr(0, comma));
      list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 2);
    }
  }
}

tests::Outcome Stream::run() {
  try {
    router_ = &start_filter(router_config_, Filter::Role::router, "");
    if (send_request()) run_attempts();
  } catch (const Stopped&) {
  }
  tear_down();
  finish_outcome();
  return std::move(outcome_);
}

tests::Outcome Stream::run_without_router() {
  client_body_ = story_.client_request.body;
  try {
    run_attempt(1, true);
  } catch (const Stopped&) {
  }
  tear_down();
  finish_outcome();
  return std::move(outcome_);
}

// ------------------------------------------------------------------------------------------------- the request

void Stream::decode_headers(Filter& filter, bool end_stream) {
  event();
  const int status = in_hook(filter, "request_headers", [&](const Hooks& hooks) {
    return hooks.request_headers(&filter, filter.module, end_stream);
  });
  filter.holds_request_headers = status != kContinue;
  if (filter.holds_request_headers && end_stream && !done_) {
    Process::get().violation("request headers without a body are held for ever");
  }
}

void Stream::decode_data(Filter& filter, std::string_view bytes, bool end_stream, std::string& passed) {
  event();
  // Envoy puts the last piece behind what has been buffered, and then calls the hook.
  const bool behind = end_stream && !filter.buffered_request.empty();
  (behind ? filter.buffered_request : filter.received_request).append(bytes, weather_.slice);
  filter.in_request_body = true;
  const int status = in_hook(filter, "request_body", [&](const Hooks& hooks) {
    return hooks.request_body(&filter, filter.module, end_stream);
  });
  filter.in_request_body = false;
  if (status == kContinue) {
    passed += filter.buffered_request.text() + filter.received_request.text();
    filter.buffered_request.clear();
    filter.holds_request_headers = false;
  } else if (status != kStopNoBuffer) {
    filter.buffered_request.append(filter.received_request.text(), weather_.slice);
  }
  filter.received_request.clear();
}

void Stream::decode_trailers(Filter& filter, std::string& passed) {
  event();
  const int status = in_hook(filter, "request_trailers", [&](const Hooks& hooks) {
    return hooks.request_trailers(&filter, filter.module);
  });
  if (status != kContinue) return;
  passed += filter.buffered_request.text();
  filter.buffered_request.clear();
  filter.holds_request_headers = false;
}

// A request of headers and this body, as far as the filter lets it come.
void Stream::decode_message(Filter& filter, const std::string& body, std::string& passed) {
  const bool trailers = weather_.request_trailers && !body.empty();
  decode_headers(filter, body.empty());
  const size_t chunk = weather_.request_chunk == 0 ? body.size() : weather_.request_chunk;
  for (size_t at = 0; at < body.size() && !done_; at += chunk) {
    const bool last = at + chunk >= body.size() && !trailers && !weather_.end_apart;
    decode_data(filter, std::string_view(body).substr(at, chunk), last, passed);
  }
  if (done_ || body.empty()) return;
  if (trailers) {
    decode_trailers(filter, passed);
  } else if (weather_.end_apart) {
    decode_data(filter, {}, true, passed);
  }
  if (!done_ && filter.holds_request_headers) Process::get().violation("a request is held for ever");
}

// True when the request goes on to a provider.
bool Stream::send_request() {
  decode_message(*router_, story_.client_request.body, client_body_);
  return !done_;
}

void Stream::run_attempts() {
  for (size_t number = 1; number <= story_.backends.size(); ++number) {
    try {
      run_attempt(number, number == story_.backends.size());
      return;
    } catch (const Retry&) {
      if (!weather_.overlap) destroy(*upstream_);
    }
  }
}

void Stream::run_attempt(size_t number, bool last) {
  last_attempt_ = last;
  late_request_ = nullptr;  // of the attempt before, which is over
  const std::string& backend = story_.backends[number - 1];
  set_header(request_headers_, "x-envoy-attempt-count", std::to_string(number));
  upstream_ = &start_filter(upstream_config_, Filter::Role::upstream, backend);
  Filter& filter = *upstream_;
  const auto answer = story_.upstream_responses.find(number);
  const bool can_answer = answer != story_.upstream_responses.end();
  std::string sent;
  if (weather_.early_answer && can_answer && client_body_.size() > 1) {
    decode_headers(filter, false);
    if (!done_ && !filter.holds_request_headers) {
      const size_t half = client_body_.size() / 2;
      decode_data(filter, std::string_view(client_body_).substr(0, half), false, sent);
      late_request_ = [&, headers = request_headers_] {
        decode_data(filter, std::string_view(client_body_).substr(half), true, sent);
        outcome_.sent.push_back({backend, headers, std::move(sent)});
      };
      if (!done_) take_answer(filter, answer->second, last);
      late_request_ = nullptr;
      return;
    }
    if (!done_) decode_data(filter, client_body_, true, sent);
  } else {
    decode_message(filter, client_body_, sent);
  }
  if (done_) return;
  outcome_.sent.push_back({backend, request_headers_, std::move(sent)});
  // One that the case does not speak of fails.
  can_answer ? take_answer(filter, answer->second, last) : upstream_is_gone(last);
}

// -------------------------------------------------------------------------------------------------- the answer

void Stream::take_answer(Filter& filter, const tests::Message& answer, bool last) {
  if (answer.status == 0) return upstream_is_gone(last);
  const std::string body = tests::compress(answer.coding, answer.body);
  response_headers_ = {{":status", std::to_string(answer.status)}};
  for (const tests::HeadLine& line : answer.head) response_headers_.emplace_back(line.name, line.value);
  if (provider_resets(last)) return;
  const bool ends = !answer.reset && !answer.open;
  encode_headers(filter, body.empty() && ends && !weather_.end_apart);
  if (late_request_ && !done_) late_request_();
  encode_answer(filter, body, ends, last);
  if (done_) return;
  if (ends) {
    Process::get().violation("an answer is held for ever");
    left_ = true;
  } else if (answer.open && started_) {
    left_ = true;
  } else {
    upstream_is_gone(last);
  }
}

void Stream::encode_answer(Filter& filter, const std::string& body, bool ends, bool last) {
  const bool trailers = weather_.answer_trailers && ends && !body.empty();
  const size_t chunk = weather_.answer_chunk == 0 ? body.size() : weather_.answer_chunk;
  for (size_t at = 0; at < body.size() && !done_; at += chunk) {
    if (provider_resets(last)) return;
    const bool end = at + chunk >= body.size() && ends && !trailers && !weather_.end_apart;
    encode_data(filter, std::string_view(body).substr(at, chunk), end);
  }
  if (done_ || !ends || provider_resets(last)) return;
  if (trailers) {
    encode_trailers(filter);
  } else if (weather_.end_apart) {
    encode_data(filter, {}, true);
  }
}

bool Stream::provider_resets(bool last) {
  if (++answer_events_ != weather_.provider_resets_at) return false;
  upstream_is_gone(last);
  return true;
}

// The connection to the provider broke.
void Stream::upstream_is_gone(bool last) {
  if (!started_ && !last) throw Retry{};
  envoy_replies(503, "upstream connect error or disconnect/reset before headers",
                "upstream_reset_before_response_started");
}

void Stream::encode_headers(Filter& filter, bool end_stream) {
  event();
  if (filter.destroyed || filter.sent_local_reply) return pass_headers(filter, end_stream);
  const int status = in_hook(filter, "response_headers", [&](const Hooks& hooks) {
    return hooks.response_headers(&filter, filter.module, end_stream);
  });
  if (done_) return;
  if (status == kContinue) {
    release(filter, end_stream);
  } else {
    filter.holds_response_headers = true;
    if (end_stream) Process::get().violation("response headers without a body are held for ever");
  }
}

// Lets headers go, with what the module has appended behind them.
void Stream::release(Filter& filter, bool end_stream) {
  filter.holds_response_headers = false;
  const std::string behind = filter.buffered_response.text();
  filter.buffered_response.clear();
  pass_headers(filter, end_stream && behind.empty());
  if (!behind.empty() && !done_) pass_data(filter, behind, end_stream);
}

void Stream::encode_data(Filter& filter, std::string_view bytes, bool end_stream) {
  event();
  if (filter.destroyed || filter.sent_local_reply) return pass_data(filter, std::string(bytes), end_stream);
  const bool behind = end_stream && !filter.buffered_response.empty();
  (behind ? filter.buffered_response : filter.received_response).append(bytes, weather_.slice);
  filter.in_response_body = true;
  const int status = in_hook(filter, "response_body", [&](const Hooks& hooks) {
    return hooks.response_body(&filter, filter.module, end_stream);
  });
  filter.in_response_body = false;
  const std::string received = filter.received_response.text();
  filter.received_response.clear();
  if (done_) return;
  if (status == kContinue) {
    const std::string all = filter.buffered_response.text() + received;
    filter.buffered_response.clear();
    const bool held = std::exchange(filter.holds_response_headers, false);
    if (held) pass_headers(filter, false);
    if (!done_) pass_data(filter, all, end_stream);
    return;
  }
  if (status != kStopNoBuffer) filter.buffered_response.append(received, weather_.slice);
  if (filter.buffered_response.size() > buffer_limit) {
    envoy_replies(500, "Internal Server Error", "response_payload_too_large");
  } else if (end_stream) {
    Process::get().violation("an answer is held for ever");
    cut();
  }
}

void Stream::encode_trailers(Filter& filter) {
  event();
  if (filter.destroyed || filter.sent_local_reply) return pass_trailers(filter);
  const int status = in_hook(filter, "response_trailers", [&](const Hooks& hooks) {
    return hooks.response_trailers(&filter, filter.module);
  });
  if (done_) return;
  if (status != kContinue) {
    Process::get().violation("the trailers of an answer are held for ever");
    return;
  }
  const std::string all = filter.buffered_response.text();
  filter.buffered_response.clear();
  if (std::exchange(filter.holds_response_headers, false)) pass_headers(filter, false);
  if (!all.empty() && !done_) pass_data(filter, all, false);
  if (!done_) pass_trailers(filter);
}

// Up to 1.39 the attempt's filter is gone before the router filter's last hook.
void Stream::after_upstream_ends(Filter& filter, bool end_stream) {
  if (end_stream && weather_.before_1_40 && depth_ == 0) destroy(filter);
}

void Stream::pass_headers(Filter& filter, bool end_stream) {
  if (filter.role == Filter::Role::upstream) {
    const int status = std::stoi("0" + value_of(response_headers_, ":status"));
    if (!last_attempt_ && (status == 429 || status >= 500)) throw Retry{};
    started_ = true;
    after_upstream_ends(filter, end_stream);
    if (router_ != nullptr) return encode_headers(*router_, end_stream);
  }
  client_started_ = true;
  outcome_.status = std::stoi("0" + value_of(response_headers_, ":status"));
  outcome_.headers = response_headers_;
  done_ = end_stream;
}

void Stream::pass_data(Filter& filter, const std::string& bytes, bool end_stream) {
  if (filter.role == Filter::Role::upstream) {
    after_upstream_ends(filter, end_stream);
    if (router_ != nullptr) return encode_data(*router_, bytes, end_stream);
  }
  outcome_.body += bytes;
  done_ = end_stream;
}

void Stream::pass_trailers(Filter& filter) {
  if (filter.role == Filter::Role::upstream) {
    after_upstream_ends(filter, true);
    if (router_ != nullptr) return encode_trailers(*router_);
  }
  done_ = true;
}

}  // namespace aigw::fake
