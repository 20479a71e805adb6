#include "cli/go_flags.h"

#include <charconv>
#include <optional>

namespace aigw::cli {
namespace {

Failure wrong(std::string message) { return {FailureKind::malformed_request, std::move(message)}; }

std::optional<bool> parse_bool(const std::string& text) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return {};
}

}  // namespace

const GoFlags::Flag* GoFlags::find(const std::string& name) const {
  for (const Flag& flag : flags_) {
    if (name == flag.name) return &flag;
  }
  return nullptr;
}

Result<void> GoFlags::assign(const Flag& flag, const std::string& text) {
  const auto invalid = [&] {
    return wrong("invalid value \"" + text + "\" for flag -" + flag.name);
  };
  if (std::string* const* value = std::get_if<std::string*>(&flag.value)) {
    **value = text;
  } else if (bool* const* truth = std::get_if<bool*>(&flag.value)) {
    const std::optional<bool> parsed = parse_bool(text);
    if (!parsed) return invalid();
    **truth = *parsed;
  } else {
    int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return invalid();
    *std::get<int64_t*>(flag.value) = number;
  }
  return {};
}

Result<GoFlags::Parsed> GoFlags::parse(const std::vector<std::string>& arguments) const {
  Parsed parsed;
  size_t at = 0;
  while (at < arguments.size()) {
    const std::string& word = arguments[at];
    if (word.size() < 2 || word[0] != '-') break;
    ++at;
    if (word == "--") break;
    std::string name = word.substr(word[1] == '-' ? 2 : 1);
    std::optional<std::string> value;
    if (const size_t equals = name.find('='); equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    if (name.empty() || name[0] == '-') return wrong("bad flag syntax: " + word);
    const Flag* flag = find(name);
    if (flag == nullptr) {
      if (name == "h" || name == "help") return Parsed{.help = true, .given = {}, .rest = {}};
      return wrong("flag provided but not defined: -" + name);
    }
    if (!value && std::holds_alternative<bool*>(flag->value)) value = "true";
    if (!value && at == arguments.size()) return wrong("flag needs an argument: -" + name);
    if (!value) value = arguments[at++];
    AIGW_TRY(assign(*flag, *value));
    parsed.given.push_back(name);
  }
  parsed.rest.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end());
  return parsed;
}

std::string GoFlags::usage(const char* program) const {
  std::string text = std::string("Usage of ") + program + ":\n";
  for (const Flag& flag : flags_) {
    std::string preset;
    if (std::string* const* value = std::get_if<std::string*>(&flag.value)) {
      if (!(*value)->empty()) preset = "\"" + **value + "\"";
    } else if (int64_t* const* number = std::get_if<int64_t*>(&flag.value)) {
      preset = std::to_string(**number);
    }
    text += std::string("  -") + flag.name + "\n    \t" + flag.help;
    if (!preset.empty()) text += " (default " + preset + ")";
    text += '\n';
  }
  return text;
}

}  // namespace aigw::cli
