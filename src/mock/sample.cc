#include "mock/sample.h"

#include <algorithm>
#include <string>
#include <vector>

namespace aigw::mock {
namespace {

// Schemas may refer to themselves; past this depth a value is null or empty.
constexpr int depth_max = 8;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Belongs>
std::vector<std::string> runs(std::string_view text, Belongs belongs) {
  std::vector<std::string> found;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && belongs(text[end])) ++end;
    if (end > at) found.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

// The first word of a sentence is capitalised for another reason, so it counts only when there is
// nothing else.
std::string subject(std::string_view prompt, size_t turn) {
  std::vector<std::string> words = runs(prompt, [](char c) { return is_letter(c) || is_digit(c); });
  if (words.empty()) return "example";
  std::vector<std::string> names;
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i][0] >= 'A' && words[i][0] <= 'Z') names.push_back(words[i]);
  }
  if (names.empty()) return words.back();
  return names[turn % names.size()];
}

int64_t number(std::string_view prompt, size_t turn) {
  std::vector<std::string> digits = runs(prompt, is_digit);
  if (digits.empty()) return 1;
  return std::stoll(digits[turn % digits.size()].substr(0, 15));
}

struct Sampler {
  const Json& root;
  std::string_view prompt;
  size_t turn;

  // The schema's type; of a list of types the first that is not null.
  static std::string type_of(const Json& schema) {
    if (auto type = schema.find("type"); type != schema.end()) {
      if (type->is_string()) return type->get<std::string>();
      if (type->is_array()) {
        for (const Json& one : *type) {
          if (one.is_string() && one != "null") return one.get<std::string>();
        }
      }
    }
    return schema.contains("properties") ? "object" : "string";
  }

  // What a reference within the schema points to, or null.
  const Json* resolve(const Json& ref) const {
    const std::string text = ref.is_string() ? ref.get<std::string>() : std::string();
    if (!text.starts_with("#")) return nullptr;
    try {
      Json::json_pointer pointer(text.substr(1));
      return root.contains(pointer) ? &root.at(pointer) : nullptr;
    } catch (const Json::exception&) {
      return nullptr;
    }
  }

  Json object(const Json& schema, int depth) const {
    Json value = Json::object();
    auto properties = schema.find("properties");
    if (properties == schema.end() || !properties->is_object()) return value;
    auto required = schema.find("required");
    const bool all = required == schema.end() || !required->is_array();
    for (const auto& [name, property] : properties->items()) {
      if (all || std::find(required->begin(), required->end(), name) != required->end()) {
        value[name] = make(property, depth + 1);
      }
    }
    return value;
  }

  Json make(const Json& schema, int depth) const {
    if (depth > depth_max || !schema.is_object()) return nullptr;
    if (auto ref = schema.find("$ref"); ref != schema.end()) {
      const Json* target = resolve(*ref);
      return target == nullptr ? Json() : make(*target, depth + 1);
    }
    if (auto constant = schema.find("const"); constant != schema.end()) return *constant;
    if (auto choice = schema.find("enum");
        choice != schema.end() && choice->is_array() && !choice->empty()) {
      return choice->front();
    }
    if (auto fallback = schema.find("default"); fallback != schema.end()) return *fallback;
    for (const char* key : {"anyOf", "oneOf", "allOf"}) {
      if (auto any = schema.find(key); any != schema.end() && any->is_array() && !any->empty()) {
        return make(any->front(), depth + 1);
      }
    }
    const std::string type = type_of(schema);
    if (type == "object") return object(schema, depth);
    if (type == "array") {
      auto items = schema.find("items");
      return items == schema.end() ? Json::array() : Json::array({make(*items, depth + 1)});
    }
    if (type == "integer" || type == "number") return number(prompt, turn);
    if (type == "boolean") return true;
    if (type == "null") return nullptr;
    return subject(prompt, turn);
  }
};

}  // namespace

Json sample(const Json& schema, std::string_view prompt, size_t turn) {
  return Sampler{schema, prompt, turn}.make(schema, 0);
}

}  // namespace aigw::mock
