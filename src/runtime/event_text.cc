#include "runtime/event_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/limits.h"
#include "base/time_text.h"

namespace aigw::runtime {
namespace {

using observe::Labels;

class Event {
 public:
  void text(Bytes name, Bytes value) {
    if (!value.empty()) labels_.add(name, value.substr(0, limits::event_value_max));
  }
  // The last one: it takes what room is left.
  void error(Bytes why) {
    if (why.empty()) return;
    constexpr Bytes kName = "error", kCut = "…";
    const size_t room = limits::event_max - labels_.bytes().size() - kName.size() - kCut.size() - 3;
    const size_t max = std::min(room, limits::event_error_max);
    labels_.add(kName, why.size() <= max ? why : Bytes(std::string(why.substr(0, max)).append(kCut)));
  }
  void time(uint64_t unix_milliseconds) {
    const std::array<char, 24> text = time_text(unix_milliseconds);
    labels_.add("time", Bytes(text.data(), text.size()));
  }
  void number(Bytes name, uint64_t value) {
    char digits[20];
    labels_.add(name, Bytes(digits, static_cast<size_t>(
                                        std::to_chars(digits, digits + sizeof digits, value).ptr -
                                        digits)));
  }
  // With three figures after the point.
  void milliseconds(Bytes name, uint64_t nanoseconds) {
    if (nanoseconds == 0) return;
    const uint64_t microseconds = (nanoseconds + 500) / 1000;
    char digits[32];
    char* end = std::to_chars(digits, digits + 24, microseconds / 1000).ptr;
    *end = '.';
    uint64_t rest = microseconds % 1000;
    for (size_t i = 3; i > 0; --i, rest /= 10) end[i] = static_cast<char>('0' + rest % 10);
    labels_.add(name, Bytes(digits, static_cast<size_t>(end + 4 - digits)));
  }
  void usage(const chat::Usage& usage) {
    const auto one = [&](Bytes name, const std::optional<uint64_t>& count) {
      if (count) number(name, *count);
    };
    one("#input_tokens", usage.input);
    one("#cached_input_tokens", usage.cached_input);
    one("#cache_creation_input_tokens", usage.cache_creation_input);
    one("#output_tokens", usage.output);
    one("#reasoning_tokens", usage.reasoning);
  }
  Event() { labels_.reserve(1024); }
  Labels take() { return std::move(labels_); }

 private:
  Labels labels_;
};

}  // namespace

Labels attempt_event(Bytes kind, const observe::AttemptRecord& attempt, uint64_t unix_milliseconds) {
  Event event;
  event.time(unix_milliseconds);
  event.text("event", kind);
  event.text("request_id", attempt.request_id);
  event.text("operation", attempt.operation);
  event.text("model", attempt.original_model);
  event.text("backend", attempt.backend);
  event.text("provider", attempt.provider);
  event.text("upstream_model", attempt.request_model);
  event.number("#attempt", attempt.number);
  return event.take();
}

Labels request_event(const observe::RequestRecord& request, uint64_t unix_milliseconds) {
  Event event;
  event.time(unix_milliseconds);
  event.text("event", "request");
  event.text("request_id", request.request_id);
  event.text("endpoint", request.endpoint);
  event.text("model", request.model);
  event.text("backend", request.backend);
  event.text("provider", request.provider);
  event.text("response_model", request.response_model);
  event.text("route", request.route);
  event.text("outcome", name_of(request.outcome));
  event.number("#status", request.status);
  event.number("#attempts", request.attempts);
  event.text("stream", request.streaming ? "yes" : "no");
  event.milliseconds("#duration_ms", request.duration_ns);
  event.milliseconds("#time_to_first_token_ms", request.streaming ? request.first_byte_ns : 0);
  event.usage(request.usage);
  size_t listed = 0;
  for (const observe::Cost& cost : request.costs) {
    if (++listed > limits::event_list_max) break;
    event.number(std::string("#cost.").append(cost.key.substr(0, limits::event_name_max)), cost.value);
  }
  listed = 0;
  for (const observe::Attribute& attribute : request.attributes) {
    if (++listed > limits::event_list_max) break;
    event.text(attribute.name.substr(0, limits::event_name_max),
               attribute.value.substr(0, limits::event_attribute_max));
  }
  event.error(request.error);
  return event.take();
}

}  // namespace aigw::runtime
