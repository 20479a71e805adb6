// cel_tool: one line of tab-separated hex fields in (an expression, then the value of each variable: three texts and
// six numbers), one line out: "refused", "error", or the type and the value of what the expression is.
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "policy/cel/program.h"

namespace {

using aigw::Bytes;
namespace cel = aigw::policy::cel;

constexpr cel::Variable kVariables[] = {
    {"model", cel::Type::string},
    {"backend", cel::Type::string},
    {"route_name", cel::Type::string},
    {"input_tokens", cel::Type::unsigned_integer},
    {"cached_input_tokens", cel::Type::unsigned_integer},
    {"cache_creation_input_tokens", cel::Type::unsigned_integer},
    {"output_tokens", cel::Type::unsigned_integer},
    {"total_tokens", cel::Type::unsigned_integer},
    {"reasoning_tokens", cel::Type::unsigned_integer},
};

std::string from_hex(const std::string& text) {
  std::string out;
  for (size_t i = 0; i + 1 < text.size(); i += 2) out += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return out;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  for (std::string& field : fields) field = from_hex(field);
  return fields;
}

void print(const cel::Value& value) {
  std::printf("%s ", cel::to_string(value.type));
  if (value.type == cel::Type::boolean) std::printf("%s", value.boolean ? "true" : "false");
  if (value.type == cel::Type::integer) std::printf("%lld", static_cast<long long>(value.integer));
  if (value.type == cel::Type::unsigned_integer) {
    std::printf("%llu", static_cast<unsigned long long>(value.unsigned_integer));
  }
  if (value.type == cel::Type::real) std::printf("%.17g", value.real);
  if (value.type == cel::Type::string) {
    for (const char c : value.bytes()) std::printf("%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

void answer(const std::vector<std::string>& fields) {
  const aigw::Result<cel::Program> program = cel::Program::compile(fields[0], kVariables);
  if (!program) {
    std::printf("refused %s\n", program.error().message.c_str());
    return;
  }
  std::vector<cel::Value> values;
  for (size_t i = 1; i < fields.size(); ++i) {
    values.push_back(i < 4 ? cel::Value::of(Bytes(fields[i])) : cel::Value::of(uint64_t{std::stoull(fields[i])}));
  }
  cel::Scratch scratch;
  const cel::Outcome outcome = program->evaluate(values, scratch);
  if (outcome.error != nullptr) {
    std::printf("error %s", outcome.error);
  } else {
    print(outcome.value);
  }
  std::printf("\n");
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) answer(fields_of(line));
  return 0;
}
