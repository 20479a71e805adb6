#include "cli/ledger.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "json/text.h"

namespace aigw::cli {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "-";
}

Failure wrong(uint64_t number, const std::string& what) {
  return {FailureKind::unprocessable, "line " + std::to_string(number) + ": " + what};
}

bool add(uint64_t& to, uint64_t what) { return !__builtin_add_overflow(to, what, &to); }

// Nothing where the line has no cost.
Result<std::optional<uint64_t>> cost_of(const Json& line, const std::string& field, uint64_t number) {
  const auto found = line.find(field);
  if (found == line.end() || found->is_null() || *found == "-") return std::optional<uint64_t>();
  const std::string written = found->is_string() ? found->get<std::string>() : found->dump();
  const std::optional<uint64_t> cost = json::to_uint64(written);
  if (!cost) return wrong(number, field + " is not a whole number");
  return cost;
}

// The value of a label in `labels`, which are as in `a="x",b="y"`.
std::string label_of(Bytes labels, Bytes name) {
  while (!labels.empty()) {
    const size_t equals = labels.find("=\"");
    if (equals == Bytes::npos) return {};
    const bool wanted = labels.substr(0, equals) == name;
    std::string value;
    size_t at = equals + 2;
    for (; at < labels.size() && labels[at] != '"'; ++at) {
      if (labels[at] == '\\' && at + 1 < labels.size()) ++at;
      value += labels[at];
    }
    if (wanted) return value;
    labels.remove_prefix(std::min(at + 1, labels.size()));
    while (labels.starts_with(',') || labels.starts_with(' ')) labels.remove_prefix(1);
  }
  return {};
}

}  // namespace

LedgerLine Ledger::total() const {
  LedgerLine sum;
  for (const auto& [backend, models] : lines) {
    for (const auto& [model, line] : models) {
      sum.requests += line.requests;
      sum.micro += line.micro;
    }
  }
  return sum;
}

Result<Ledger> read_ledger(std::istream& log, const std::string& cost_field) {
  Ledger ledger;
  uint64_t sum = 0, number = 0;
  for (std::string text; std::getline(log, text);) {
    ++number;
    if (text.empty()) continue;
    const Json line = Json::parse(text, nullptr, false);
    if (!line.is_object()) return wrong(number, "not a JSON object");
    const Result<std::optional<uint64_t>> cost = cost_of(line, cost_field, number);
    if (!cost) return cost.error();
    if (!cost->has_value()) {
      ++ledger.unpriced;
      continue;
    }
    if (!add(sum, **cost)) return wrong(number, "the sum has more than 64 bits");
    LedgerLine& entry = ledger.lines[text_of(line, kBackendField)][text_of(line, kModelField)];
    ++entry.requests;
    entry.micro += **cost;
  }
  return ledger;
}

Result<std::map<std::string, uint64_t>> read_counters(Bytes text, Bytes key) {
  std::map<std::string, uint64_t> counters;
  while (!text.empty()) {
    const Bytes line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t brace = line.find('{');
    const size_t close = line.rfind("} ");
    if (brace == Bytes::npos || close == Bytes::npos || line.substr(0, brace) != kCostCounter) continue;
    const Bytes labels = line.substr(brace + 1, close - brace - 1);
    if (label_of(labels, "key") != key) continue;
    const std::optional<uint64_t> value = json::to_uint64(line.substr(close + 2));
    uint64_t& sum = counters[label_of(labels, "backend")];
    if (!value || !add(sum, *value)) {
      return Failure{FailureKind::unprocessable, "a counter is not a whole number of 64 bits: " + std::string(line)};
    }
  }
  return counters;
}

std::string units(uint64_t micro) {
  char text[32];
  std::snprintf(text, sizeof text, "%llu.%06llu", static_cast<unsigned long long>(micro / 1'000'000),
                static_cast<unsigned long long>(micro % 1'000'000));
  return text;
}

std::string to_text(const Ledger& ledger) {
  std::string out;
  const auto row = [&](const std::string& backend, const std::string& model, const LedgerLine& line) {
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "  %10llu requests  %18s\n", static_cast<unsigned long long>(line.requests),
                  units(line.micro).c_str());
    std::string head = backend + "  " + model;
    if (head.size() < 48) head.append(48 - head.size(), ' ');
    out += head + numbers;
  };
  for (const auto& [backend, models] : ledger.lines) {
    for (const auto& [model, line] : models) row(backend, model, line);
  }
  row("total", "", ledger.total());
  if (ledger.unpriced > 0) out += std::to_string(ledger.unpriced) + " requests without a cost\n";
  return out;
}

Reconciled reconcile(const Ledger& ledger, const std::map<std::string, uint64_t>& counters) {
  std::map<std::string, uint64_t> logged;
  for (const auto& [backend, models] : ledger.lines) {
    for (const auto& [model, line] : models) logged[backend] += line.micro;
  }
  std::set<std::string> backends;
  for (const auto& [backend, micro] : logged) backends.insert(backend);
  for (const auto& [backend, micro] : counters) backends.insert(backend);
  Reconciled out;
  for (const std::string& backend : backends) {
    const auto counted = counters.find(backend);
    const uint64_t of_log = logged[backend];
    const uint64_t of_counter = counted == counters.end() ? 0 : counted->second;
    if (of_log == of_counter) continue;
    out.text += backend + ": the log has " + units(of_log) + ", the counters have " + units(of_counter) + '\n';
  }
  out.agrees = out.text.empty();
  if (out.agrees) out.text = "the counters agree to the last unit\n";
  return out;
}

}  // namespace aigw::cli
