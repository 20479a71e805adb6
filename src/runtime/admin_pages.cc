#include "runtime/admin_pages.h"

#include <charconv>
#include <string>

#include "base/system_clock.h"
#include "observe/prometheus.h"
#include "version/version.h"

namespace aigw::runtime {
namespace {

// How long requests are told of after somebody has asked for them.
constexpr uint64_t kTapMs = 30'000;
constexpr Bytes kJson = "application/json";

// The value of `name=` in a query; empty where it is not there.
Bytes parameter(Bytes query, Bytes name) {
  while (!query.empty()) {
    const Bytes pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

AdminReply metrics(const AdminRequest& request, const AdminView& view) {
  const observe::TextFormat format = observe::wanted_format(request.accept);
  std::string text = view.sight.metrics(format);
  observe::append_gauge(text, "aigw_configuration_loaded_timestamp_seconds",
                        "When the current configuration was taken.", {},
                        static_cast<double>(view.configuration.loaded_ms) / 1000);
  observe::append_gauge(text, "aigw_configuration_is_last",
                        "1 where the configuration that came last is the current one, 0 where it was refused.", {},
                        view.configuration.refused_ms == 0 ? 1 : 0);
  std::string build;
  observe::append_label(build, "version", version::release());
  observe::append_label(build += ',', "commit", version::commit());
  observe::append_gauge(text, "aigw_build_info", "Always 1: what this build is made of.", build, 1);
  if (!view.target.empty()) observe::append_target(text, format, view.target);
  if (view.hooks.more_metrics) view.hooks.more_metrics(text);
  observe::finish_exposition(text, format);
  return {200, std::string(observe::content_type_of(format)), std::move(text)};
}

// {"next": position, "lost": count, "events": [...]}: what came since `after`, or nothing at first.
AdminReply tap(const AdminRequest& request, const AdminView& view) {
  observe::Feed& events = view.sight.events();
  events.want_until(system_unix_milliseconds() + kTapMs);
  uint64_t position = events.end();
  const Bytes after = parameter(request.query, "after");
  std::from_chars(after.data(), after.data() + after.size(), position);
  std::string list;
  const uint64_t lost = events.read(position, [&](Bytes event) {
    if (!list.empty()) list += ',';
    list += observe::event_as_json(event);
  });
  return {200, std::string(kJson),
          "{\"next\":" + std::to_string(position) + ",\"lost\":" + std::to_string(lost) +
              ",\"events\":[" + list + "]}"};
}

AdminReply set_log_level(const AdminRequest& request, const AdminView& view) {
  if (!view.hooks.set_log_level) {
    return {404, "text/plain", "Envoy's own admin address sets it: POST /logging?dynamic_modules=debug\n"};
  }
  const bool known = view.hooks.set_log_level(parameter(request.query, "level"));
  return known ? AdminReply{200, "text/plain", "OK\n"}
               : AdminReply{400, "text/plain", "level has to be debug, info, warn or error\n"};
}

}  // namespace

AdminReply answer_admin(const AdminRequest& request, const AdminView& view) {
  if (request.path == "/log-level" && request.method == "POST") return set_log_level(request, view);
  if (request.method != "GET" && request.method != "HEAD") return {405, "text/plain", ""};
  if (request.path == "/metrics") return metrics(request, view);
  if (request.path == "/health") {
    const bool healthy = !view.hooks.healthy || view.hooks.healthy();
    return healthy ? AdminReply{200, "text/plain", "OK\n"}
                   : AdminReply{500, "text/plain", "not serving\n"};
  }
  if (request.path == "/") return {200, "text/html; charset=utf-8", std::string(status_page())};
  if (request.path == "/status.json") {
    return {200, std::string(kJson),
            status_json(view.sight, view.configuration, view.process_began_ms)};
  }
  if (request.path == "/tap") return tap(request, view);
  return {404, "text/plain", "there are /, /metrics, /health, /status.json and /tap\n"};
}

}  // namespace aigw::runtime
