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

size_t character_size(const std::string& text, size_t at) {
  size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xc0) == 0x80) ++size;
  return size;
}

// A terminal takes control characters for orders, those between 0x80 and 0x9f among them, which UTF-8 writes behind a
// 0xc2: no client gives it any.
bool is_order(const std::string& text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(at) < ' ' || byte(at) == 0x7f) return true;
  return byte(at) == 0xc2 && at + 1 < text.size() && byte(at + 1) < 0xa0;
}

std::string printable(const std::string& text) {
  std::string out;
  for (size_t at = 0, size = 0; at < text.size(); at += size) {
    size = character_size(text, at);
    out += is_order(text, at) ? "?" : text.substr(at, size);
  }
  return out;
}

// `text`, which is UTF-8, in so many characters, and a space.
std::string cell(const std::string& text, size_t width) {
  const std::string all = printable(text);
  size_t end = 0, last = 0, characters = 0;
  for (; end < all.size() && characters < width; ++characters) {
    last = end;
    end += character_size(all, end);
  }
  if (end < all.size()) return all.substr(0, last) + "~ ";
  return all + std::string(width - characters, ' ') + ' ';
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
  if (!ended) return out + printable(text_of(event, "request_id"));
  out += cell(or_dash(text_of(event, "input_tokens")) + "/" + or_dash(text_of(event, "output_tokens")), 13);
  out += cell(milliseconds(event, "time_to_first_token_ms"), 8);
  out += cell(milliseconds(event, "duration_ms"), 8);
  out += cell(costs(event), 20);
  out += cell(text_of(event, "session.id"), 12);
  out += printable(text_of(event, "request_id"));
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
