#include "runtime/event_text.h"

#include <time.h>

#include <charconv>
#include <cstdio>

namespace aigw::runtime {
namespace {

using observe::Labels;

constexpr size_t kValueMax = 80;
constexpr size_t kListMax = 6;  // of costs, and of attributes

// RFC 3339, UTC.
std::string time_text(uint64_t unix_milliseconds) {
  const time_t seconds = static_cast<time_t>(unix_milliseconds / 1000);
  tm parts;
  gmtime_r(&seconds, &parts);
  char text[64];
  const size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(unix_milliseconds % 1000));
  return std::string(text, size) + fraction;
}

class Event {
 public:
  void text(Bytes name, Bytes value) {
    if (!value.empty()) labels_.add(name, value.substr(0, kValueMax));
  }
  void number(Bytes name, uint64_t value) {
    char digits[20];
    labels_.add(name, Bytes(digits, static_cast<size_t>(
                                        std::to_chars(digits, digits + sizeof digits, value).ptr -
                                        digits)));
  }
  void milliseconds(Bytes name, uint64_t nanoseconds) {
    if (nanoseconds == 0) return;
    char digits[32];
    const int size = std::snprintf(digits, sizeof digits, "%.3f",
                                   static_cast<double>(nanoseconds) / 1e6);
    labels_.add(name, Bytes(digits, static_cast<size_t>(size)));
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
  Labels take() { return std::move(labels_); }

 private:
  Labels labels_;
};

}  // namespace

Labels attempt_event(Bytes kind, const observe::AttemptRecord& attempt, uint64_t unix_milliseconds) {
  Event event;
  event.text("time", time_text(unix_milliseconds));
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
  event.text("time", time_text(unix_milliseconds));
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
  event.text("error", request.error);
  event.number("#attempts", request.attempts);
  event.text("stream", request.streaming ? "yes" : "no");
  event.milliseconds("#duration_ms", request.duration_ns);
  event.milliseconds("#time_to_first_token_ms", request.streaming ? request.first_byte_ns : 0);
  event.usage(request.usage);
  size_t listed = 0;
  for (const observe::Cost& cost : request.costs) {
    if (++listed > kListMax) break;
    event.number("#cost." + cost.key.substr(0, 40), cost.value);
  }
  listed = 0;
  for (const observe::Attribute& attribute : request.attributes) {
    if (++listed > kListMax) break;
    event.text(attribute.name.substr(0, 40), attribute.value.substr(0, 60));
  }
  return event.take();
}

}  // namespace aigw::runtime
