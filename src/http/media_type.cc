#include "http/media_type.h"

#include <algorithm>

namespace aigw::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Whether the parameters of one element of accept-encoding hold q=0, q=0.0 and so on.
bool has_zero_quality(Bytes parameters) {
  while (!parameters.empty()) {
    size_t semicolon = parameters.find(';');
    Bytes parameter = trimmed(parameters.substr(0, semicolon));
    if (parameter.size() >= 3 && lower(parameter[0]) == 'q' && parameter[1] == '=') {
      Bytes value = parameter.substr(2);
      return value.find_first_not_of("0.") == Bytes::npos;
    }
    if (semicolon == Bytes::npos) break;
    parameters.remove_prefix(semicolon + 1);
  }
  return false;
}

}  // namespace

bool equals_ignoring_case(Bytes a, Bytes b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

Bytes trimmed(Bytes bytes) {
  size_t begin = bytes.find_first_not_of(" \t");
  if (begin == Bytes::npos) return {};
  return bytes.substr(begin, bytes.find_last_not_of(" \t") + 1 - begin);
}

Bytes essence(Bytes content_type) { return trimmed(content_type.substr(0, content_type.find(';'))); }

std::optional<std::string> parameter(Bytes header, Bytes name) {
  size_t at = header.find(';');
  while (at < header.size()) {
    ++at;  // the semicolon
    const size_t name_end = std::min(header.find_first_of("=;", at), header.size());
    const Bytes found = trimmed(header.substr(at, name_end - at));
    std::string value;
    at = name_end;
    if (at < header.size() && header[at] == '=') {
      at = std::min(header.find_first_not_of(" \t", at + 1), header.size());
      if (at < header.size() && header[at] == '"') {
        for (++at; at < header.size() && header[at] != '"'; ++at) {
          if (header[at] == '\\' && at + 1 < header.size()) ++at;
          value += header[at];
        }
        at = header.find(';', at);
      } else {
        const size_t end = std::min(header.find(';', at), header.size());
        value = trimmed(header.substr(at, end - at));
        at = end;
      }
    }
    if (equals_ignoring_case(found, name)) return value;
  }
  return std::nullopt;
}

bool is_json(Bytes content_type) {
  Bytes type = essence(content_type);
  constexpr Bytes kSuffix = "+json";
  if (equals_ignoring_case(type, "application/json")) return true;
  return type.size() > kSuffix.size() &&
         equals_ignoring_case(type.substr(type.size() - kSuffix.size()), kSuffix);
}

bool is_event_stream(Bytes content_type) {
  return equals_ignoring_case(essence(content_type), "text/event-stream");
}

bool accepts_coding(Bytes accept_encoding, Bytes coding) {
  bool by_star = false;
  while (!accept_encoding.empty()) {
    size_t comma = accept_encoding.find(',');
    Bytes element = accept_encoding.substr(0, comma);
    Bytes name = essence(element);
    size_t semicolon = element.find(';');
    bool refused = semicolon != Bytes::npos && has_zero_quality(element.substr(semicolon + 1));
    if (equals_ignoring_case(name, coding)) return !refused;
    if (name == "*") by_star = !refused;
    if (comma == Bytes::npos) break;
    accept_encoding.remove_prefix(comma + 1);
  }
  return by_star;
}

bool accepts_only(Bytes accept_encoding, std::span<const Bytes> codings) {
  while (!accept_encoding.empty()) {
    const size_t comma = accept_encoding.find(',');
    const Bytes name = essence(accept_encoding.substr(0, comma));
    const auto is_named = [&](Bytes coding) { return equals_ignoring_case(name, coding); };
    const bool known = name.empty() || is_named("identity") ||
                       std::any_of(codings.begin(), codings.end(), is_named);
    if (!known) return false;
    if (comma == Bytes::npos) break;
    accept_encoding.remove_prefix(comma + 1);
  }
  return true;
}

}  // namespace aigw::http
