#include "config/reader.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "config/checks.h"

namespace aigw::config {
namespace {

bool equal_without_case(Bytes a, Bytes b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool is_word(Bytes key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// How many letters must be put in, left out or replaced to make one of the other, regardless of
// case.
size_t edit_distance(Bytes a, Bytes b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (to_lower(a[i - 1]) == to_lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

constexpr size_t kLikely = 2;

// The word that `key` probably means, or nothing.
Bytes likely(Bytes key, const std::vector<Bytes>& words) {
  Bytes best;
  size_t least = kLikely + 1;
  for (Bytes word : words) {
    if (key.size() > word.size() + kLikely) continue;  // keys may be long, and the comparison is quadratic
    const size_t distance = edit_distance(key, word);
    if (distance < least && distance < word.size()) {
      least = distance;
      best = word;
    }
  }
  return best;
}

}  // namespace

std::string Path::to_string() const {
  if (parent_ == nullptr) return "";
  std::string path = parent_->to_string();
  if (is_index_) return path + '[' + std::to_string(index_) + ']';
  if (!is_word(key_)) return path + '[' + quoted(key_) + ']';
  if (!path.empty()) path += '.';
  path += key_;
  return path;
}

void Report::add(Diagnostic::Severity severity, Place place, const Path& path,
                 std::string message) {
  // Sorting comes later, so more are kept than are shown; past that only their number is.
  size_t& seen = seen_[static_cast<size_t>(severity)];
  if (++seen > 10 * limits::config_diagnostics_max) return;
  diagnostics_.push_back(
      {severity, file_, place.line, place.column, path.to_string(), std::move(message)});
}

std::vector<Diagnostic> Report::take() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                   });
  constexpr size_t kMax = limits::config_diagnostics_max;
  auto& [errors, warnings] = seen_;
  size_t errors_shown = std::min(errors, kMax);
  size_t warnings_shown = std::min(warnings, kMax - errors_shown);
  errors -= errors_shown;
  warnings -= warnings_shown;
  std::vector<Diagnostic> shown;
  for (Diagnostic& diagnostic : diagnostics_) {
    const bool error = diagnostic.severity == Diagnostic::Severity::error;
    size_t& room = error ? errors_shown : warnings_shown;
    if (room == 0) continue;
    --room;
    shown.push_back(std::move(diagnostic));
  }
  if (errors + warnings > 0) {
    shown.push_back(
        {errors > 0 ? Diagnostic::Severity::error : Diagnostic::Severity::warning, file_, 0, 0, "",
         "not shown: " + std::to_string(errors) + " more errors and " + std::to_string(warnings) +
             " more warnings"});
  }
  return shown;
}

std::string quoted(Bytes text) {
  std::string out = "\"";
  for (char c : text.substr(0, limits::quoted_in_error_max)) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (c == '"' || c == '\\') out += '\\';
    out += control ? '?' : c;
  }
  if (text.size() > limits::quoted_in_error_max) out += "...";
  return out += '"';
}

std::string list_of(std::span<const Bytes> words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

bool expect_kind(Report& report, const Node& node, const Path& path, Node::Kind kind) {
  if (node.kind == kind) return true;
  std::string message = std::string("expected ") + to_string(kind) + ", got ";
  message += to_string(node.kind);
  const bool scalar = node.kind == Node::Kind::number || node.kind == Node::Kind::boolean;
  if (kind == Node::Kind::string && scalar) message += " (put it in quotes)";
  report.error(node.place, path, std::move(message));
  return false;
}

Object::Object(Report& report, const Node& node, const Path& path)
    : report_(report), node_(node), path_(path) {
  if (expect_kind(report, node, path, Node::Kind::map)) known_.resize(node.children.size());
}

Object::~Object() { report_unknown(); }

const Node* Object::find(Bytes key) {
  asked_.push_back(key);
  if (node_.kind != Node::Kind::map) return nullptr;
  const Node* found = nullptr;
  for (size_t i = 0; i < node_.children.size(); ++i) {
    const Node& member = node_.children[i];
    if (!equal_without_case(member.key, key)) continue;
    // Members that are equal to the letter are reported by whoever read the text.
    if (found != nullptr && found->key != member.key && !known_[i]) {
      report_.error(member.key_place, Path(path_, key),
                    quoted(member.key) + " and " + quoted(found->key) + " on line " +
                        std::to_string(found->key_place.line) + " are the same key");
    }
    known_[i] = true;
    if (found == nullptr || member.key == key) found = &member;
  }
  return found == nullptr || found->kind == Node::Kind::null ? nullptr : found;
}

const Node* Object::find_of(Bytes key, Node::Kind kind) {
  const Node* node = find(key);
  if (node == nullptr || !expect_kind(report_, *node, Path(path_, key), kind)) return nullptr;
  return node;
}

Place Object::place_of(Bytes key) {
  const Node* node = find(key);
  return node == nullptr ? node_.place : node->place;
}

std::string Object::text(Bytes key) {
  const Node* node = find_of(key, Node::Kind::string);
  return node == nullptr ? std::string() : node->text;
}

std::string Object::required_text(Bytes key) {
  const Node* node = find(key);
  if (node == nullptr) {
    missing(key);
    return {};
  }
  if (!expect_kind(report_, *node, Path(path_, key), Node::Kind::string)) return {};
  if (node->text.empty()) error(key, "may not be empty");
  return node->text;
}

bool Object::boolean(Bytes key) { return optional_boolean(key).value_or(false); }

std::optional<bool> Object::optional_boolean(Bytes key) {
  const Node* node = find_of(key, Node::Kind::boolean);
  return node == nullptr ? std::nullopt : std::optional(node->boolean);
}

std::optional<uint64_t> Object::whole_number(Bytes key, uint64_t min, uint64_t max) {
  const Node* node = find_of(key, Node::Kind::number);
  if (node == nullptr) return std::nullopt;
  uint64_t value = 0;
  const char* const end = node->text.data() + node->text.size();
  const auto [at, problem] = std::from_chars(node->text.data(), end, value);
  if (problem == std::errc() && at == end && value >= min && value <= max) return value;
  error(key, "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max) +
                 ", got " + node->text.substr(0, limits::quoted_in_error_max));
  return std::nullopt;
}

std::vector<std::string> Object::texts(Bytes key) {
  std::vector<std::string> out;
  each(key, [&](const Node& item, const Path& path) {
    if (expect_kind(report_, item, path, Node::Kind::string)) out.push_back(item.text);
  });
  return out;
}

std::optional<size_t> Object::word(Bytes key, std::span<const Bytes> words, bool required) {
  const Node* node = find(key);
  if (node == nullptr) {
    if (required) missing(key);
    return std::nullopt;
  }
  if (!expect_kind(report_, *node, Path(path_, key), Node::Kind::string)) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), node->text);
  if (found != words.end()) return static_cast<size_t>(found - words.begin());
  if (node->text.empty() && !required) return std::nullopt;
  error(key, "expected one of " + list_of(words) + "; got " + quoted(node->text));
  return std::nullopt;
}

void Object::error(Bytes key, std::string message) {
  report_.error(place_of(key), Path(path_, key), std::move(message));
}

void Object::warning(Bytes key, std::string message) {
  report_.warning(place_of(key), Path(path_, key), std::move(message));
}

void Object::report_unknown() const {
  for (size_t i = 0; i < known_.size(); ++i) {
    if (known_[i]) continue;
    const Node& member = node_.children[i];
    const Bytes meant = likely(member.key, asked_);
    report_.warning(member.key_place, Path(path_, member.key),
                    meant.empty() ? "unknown key, ignored"
                                  : "unknown key, ignored; did you mean " + quoted(meant) + "?");
  }
}

}  // namespace aigw::config
