#include "dialect/gemini/members.h"

#include <algorithm>

namespace aigw::dialect::gemini {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

std::string snake_case(Bytes camel) {
  std::string snake;
  for (char c : camel) {
    if (is_capital(c)) snake += '_';
    snake += is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return snake;
}

std::string camel_case(Bytes snake) {
  std::string camel;
  for (size_t i = 0; i < snake.size(); ++i) {
    const bool joint = snake[i] == '_' && i > 0 && i + 1 < snake.size() && snake[i + 1] >= 'a' &&
                       snake[i + 1] <= 'z';
    if (joint) ++i;
    camel += joint ? static_cast<char>(snake[i] - 'a' + 'A') : snake[i];
  }
  return camel;
}

const json::Value& member(const json::Value& object, Bytes camel) {
  const json::Value& found = object[camel];
  if (found.exists() || std::none_of(camel.begin(), camel.end(), is_capital)) return found;
  return object[snake_case(camel)];
}

std::span<const json::Value> list(json::Reader& reader, const json::Value& value) {
  if (value.is_object()) return {&value, 1};
  return reader.elements(value);
}

void report_unknown(const json::Value& object, std::initializer_list<Bytes> known, Bytes path,
                    chat::Drops& drops) {
  for (const json::Value& member : object.members()) {
    if (!member.exists_and_not_null()) continue;
    const std::string name = camel_case(member.name());
    if (!is_one_of(name, known)) drops.add(path, name);
  }
}

bool is_one_of(Bytes name, std::initializer_list<Bytes> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace aigw::dialect::gemini
