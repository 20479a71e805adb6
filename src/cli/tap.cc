#include "cli/tap.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace aigw::cli {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& event, const char* key) {
  const auto found = event.find(key);
  if (found == event.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// A terminal takes bytes below the space for orders: no client gives it any.
std::string cell(std::string text, size_t width) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  if (text.size() > width) text = text.substr(0, width - 1) + "~";
  text.resize(width, ' ');
  return text + ' ';
}

std::string milliseconds(const Json& event, const char* key) {
  const auto found = event.find(key);
  if (found == event.end() || !found->is_number()) return "-";
  const double value = found->get<double>();
  char text[32];
  std::snprintf(text, sizeof text, value < 10000 ? "%.0fms" : "%.1fs",
                value < 10000 ? value : value / 1000);
  return text;
}

std::string costs(const Json& event) {
  std::string all;
  for (const auto& [key, value] : event.items()) {
    if (!key.starts_with("cost.")) continue;
    if (!all.empty()) all += ' ';
    all += key.substr(5) + '=' + value.dump();
  }
  return all;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string line(const Json& event) {
  const bool ended = text_of(event, "event") == "request";
  const std::string time = text_of(event, "time");
  std::string out = cell(time.size() > 19 ? time.substr(11, 8) : time, 8);
  out += cell(ended ? text_of(event, "status") : "...", 6);
  out += cell(or_dash(text_of(event, "model")), 24);
  out += cell(or_dash(text_of(event, "backend")), 24);
  out += cell(ended ? text_of(event, "attempts") : "#" + text_of(event, "attempt"), 3);
  if (!ended) return out + text_of(event, "request_id");
  out += cell(or_dash(text_of(event, "input_tokens")) + "/" + or_dash(text_of(event, "output_tokens")), 13);
  out += cell(milliseconds(event, "time_to_first_token_ms"), 8);
  out += cell(milliseconds(event, "duration_ms"), 8);
  out += cell(costs(event), 20);
  out += cell(text_of(event, "session.id"), 12);
  out += text_of(event, "request_id");
  const std::string error = text_of(event, "error");
  if (!error.empty()) out += "  " + cell(error, 80);
  return out;
}

}  // namespace

std::string tap_heading() {
  return cell("time", 8) + cell("status", 6) + cell("model", 24) + cell("backend", 24) + cell("try", 3) +
         cell("tokens in/out", 13) + cell("first", 8) + cell("whole", 8) + cell("cost", 20) +
         cell("session", 12) + "request";
}

TapPage tap_page(Bytes text) {
  TapPage page;
  const Json answer = Json::parse(text, nullptr, false);
  if (!answer.is_object() || !answer.contains("next") || !answer.contains("events")) return page;
  page.next = answer["next"].dump();
  page.lost = answer.value("lost", 0ull);
  for (const Json& event : answer["events"]) {
    if (!event.is_object()) continue;
    if (text_of(event, "event") == "request") ++page.requests;
    page.lines += line(event) + '\n';
  }
  return page;
}

}  // namespace aigw::cli
