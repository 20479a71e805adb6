#include "policy/edit/rule.h"

#include <charconv>

#include "json/scanner.h"
#include "json/text.h"

namespace aigw::policy::edit {
namespace {

Failure wrong(std::string message) { return {FailureKind::unprocessable, std::move(message)}; }

Bytes trimmed(Bytes text) {
  constexpr Bytes kBlanks = " \t\r\n";
  while (!text.empty() && kBlanks.find(text.front()) != Bytes::npos) text.remove_prefix(1);
  while (!text.empty() && kBlanks.find(text.back()) != Bytes::npos) text.remove_suffix(1);
  return text;
}

// The peer's rule for what is inserted as it stands.
bool looks_like_json(Bytes text) {
  if (text.empty()) return false;
  const char first = text.front();
  const char last = text.back();
  if (text == "true" || text == "false" || text == "null") return true;
  if (first == '"' && last == '"' && text.size() > 1) return true;
  if ((first == '{' && last == '}') || (first == '[' && last == ']')) return true;
  const bool begins = (first >= '0' && first <= '9') || first == '-' || first == '+';
  return begins && text.find_first_not_of("0123456789.-+eE") == Bytes::npos;
}

bool is_json(Bytes text) {
  static const json::WatchList nothing{};
  json::Scanner scanner(nothing);
  return scanner.feed(text) && scanner.finish() && json::is_utf8(text);
}

Step step_of(std::string name, bool is_name) {
  Step step;
  step.name = std::move(name);
  if (is_name) return step;
  size_t index = 0;
  const char* end = step.name.data() + step.name.size();
  const auto [last, problem] = std::from_chars(step.name.data(), end, index);
  if (problem == std::errc() && last == end) step.index = index;
  step.appends = step.name == "-1";
  return step;
}

}  // namespace

Result<std::vector<Step>> parse_path(Bytes text) {
  std::vector<Step> path;
  std::string name;
  bool is_name = false;  // a colon in front says that a number is a member's name
  for (size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '.';
    if (c == '.') {
      if (name.empty()) return wrong("a path with an empty name");
      path.push_back(step_of(std::move(name), is_name));
      name.clear();
      is_name = false;
    } else if (c == ':' && name.empty() && !is_name) {
      is_name = true;
    } else if (Bytes("*?#|@").find(c) != Bytes::npos) {
      return wrong(std::string("a path has no ") + c + " here: write it as \\" + c + " where it is part of a name");
    } else if (c == '\\') {
      if (++i == text.size()) return wrong("a path that ends with a backslash");
      name += text[i];
    } else {
      name += c;
    }
  }
  return path;
}

Result<std::string> parse_value(Bytes text) {
  const Bytes inner = trimmed(text);
  if (looks_like_json(inner)) {
    if (is_json(inner)) return std::string(inner);
    return wrong("looks like JSON and is none; a text is put in double quotes");
  }
  if (!json::is_utf8(text)) return wrong("not UTF-8");
  std::string quoted;
  json::append_quoted(quoted, text);
  return quoted;
}

}  // namespace aigw::policy::edit
