#include "config/config.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/limits.h"
#include "config/checks.h"

namespace aigw::config {

const Backend* Config::find_backend(Bytes name) const {
  const auto found = backends_.find(name);
  return found == backends_.end() ? nullptr : &found->second;
}

bool Client::may_use(Bytes model) const {
  return std::any_of(models.begin(), models.end(), [&](Bytes pattern) {
    return pattern.ends_with('*') ? model.starts_with(pattern.substr(0, pattern.size() - 1)) : model == pattern;
  });
}

const Client* Config::find_client(Bytes name) const {
  if (name.empty()) return nullptr;
  auto found = clients_.find(name);
  if (found == clients_.end()) found = clients_.find(Bytes("*"));
  return found == clients_.end() ? nullptr : &found->second;
}

std::span<const Cost> Config::costs_of_route(Bytes route_name) const {
  const auto found = route_costs_.find(route_name);
  if (found == route_costs_.end()) return {};
  return std::span(costs_).subspan(found->second.begin, found->second.size);
}

CostValue cost_value(const policy::cel::Outcome& outcome) {
  using policy::cel::Type;
  if (outcome.error != nullptr) return {0, outcome.error};
  if (outcome.value.type == Type::unsigned_integer) return {outcome.value.unsigned_integer};
  if (outcome.value.type != Type::integer) return {0, "not a whole number"};
  if (outcome.value.integer < 0) return {0, "a negative number"};
  return {static_cast<uint64_t>(outcome.value.integer)};
}

Result<policy::cel::Program> compile_cost(Bytes text) {
  using policy::cel::Type;
  using policy::cel::Value;
  Result<policy::cel::Program> program = policy::cel::Program::compile(text, kCostVariables);
  if (!program) return program;
  const auto refused = [](const char* why) {
    return Failure{FailureKind::unprocessable, std::string("tried on a request of no tokens it gives ") + why};
  };
  const Type type = program->type();
  if (type != Type::unsigned_integer && type != Type::integer && type != Type::any) {
    return Failure{FailureKind::unprocessable,
                   std::string("a cost is a uint or an int, and this is a ") + policy::cel::to_string(type)};
  }
  std::array<Value, std::size(kCostVariables)> values;
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = kCostVariables[i].type == Type::string ? Value::of(Bytes("dummy")) : Value::of(uint64_t{0});
  }
  policy::cel::Scratch scratch;
  const policy::cel::Outcome outcome = program->evaluate(values, scratch);
  if (outcome.error != nullptr) return refused((std::string("an error: ") + outcome.error).c_str());
  if (const CostValue cost = cost_value(outcome); cost.error != nullptr) return refused(cost.error);
  return program;
}

std::vector<const Backend*> Config::backends() const {
  std::vector<const Backend*> all;
  for (const auto& [name, backend] : backends_) all.push_back(&backend);
  return all;
}

std::span<const Model> Config::models_for_host(Bytes authority) const {
  const Bytes written = host_of(authority);
  if (written.empty() || (models_by_host_.empty() && models_by_suffix_.empty())) return models_;
  if (written.size() > limits::dns_name_max) return unscoped_models_;
  std::array<char, limits::dns_name_max> lower;
  for (size_t i = 0; i < written.size(); ++i) lower[i] = to_lower(written[i]);
  const Bytes host(lower.data(), written.size());
  if (const auto found = models_by_host_.find(host); found != models_by_host_.end()) {
    return found->second;
  }
  // A wildcard stands for exactly one label, so only one suffix can match.
  const size_t dot = host.find('.');
  if (dot != Bytes::npos && dot > 0) {
    const auto found = models_by_suffix_.find(host.substr(dot + 1));
    if (found != models_by_suffix_.end()) return found->second;
  }
  return unscoped_models_;
}

}  // namespace aigw::config
