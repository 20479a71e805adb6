#include "policy/cost.h"

#include <algorithm>
#include <array>

namespace aigw::policy {
namespace {

using cel::Value;
using Values = std::array<Value, std::size(config::kCostVariables)>;

uint64_t value_of(config::CostType type, const chat::Usage& usage) {
  switch (type) {
    case config::CostType::input_token:
      return usage.input.value_or(0);
    case config::CostType::output_token:
      return usage.output.value_or(0);
    case config::CostType::total_token:
      return usage.total.value_or(0);
    case config::CostType::cached_input_token:
      return usage.cached_input.value_or(0);
    case config::CostType::cache_creation_input_token:
      return usage.cache_creation_input.value_or(0);
    case config::CostType::reasoning_token:
      return usage.reasoning.value_or(0);
    case config::CostType::cel:
      break;
  }
  return 0;
}

// In the order of kCostVariables.
Values values_of(const chat::Usage& usage, const Charged& charged) {
  const auto count = [](const std::optional<uint64_t>& tokens) { return Value::of(tokens.value_or(0)); };
  return {Value::of(charged.model),
          Value::of(charged.backend_name),
          Value::of(charged.route_name),
          count(usage.input),
          count(usage.cached_input),
          count(usage.cache_creation_input),
          count(usage.output),
          count(usage.total),
          count(usage.reasoning)};
}

bool fits(const config::Cost& cost, const Charged& charged) {
  return (cost.backend.empty() || cost.backend == charged.backend_short_name) &&
         (cost.model.empty() || cost.model == charged.model);
}

}  // namespace

void charge_costs(const config::Config& config, const chat::Usage& usage, const Charged& charged,
                  const std::function<void(Bytes, uint64_t)>& charge,
                  const std::function<void(Bytes, const char*)>& failed) {
  const Values values = values_of(usage, charged);
  const std::span<const config::Cost> of_route =
      charged.route_name.empty() ? std::span<const config::Cost>() : config.costs_of_route(charged.route_name);
  const std::span<const config::Cost> of_gateway = config.global_costs();
  const auto has_key = [&](std::span<const config::Cost> costs, Bytes key) {
    return std::any_of(costs.begin(), costs.end(), [&](const config::Cost& cost) {
      return cost.metadata_key == key && fits(cost, charged);
    });
  };
  const auto take = [&](const config::Cost& cost) {
    if (cost.type != config::CostType::cel) return charge(cost.metadata_key, value_of(cost.type, usage));
    cel::Scratch scratch;
    const config::CostValue value = config::cost_value(cost.expression->evaluate(values, scratch));
    if (value.error != nullptr) return failed(cost.metadata_key, value.error);
    charge(cost.metadata_key, value.value);
  };
  for (size_t i = 0; i < of_route.size(); ++i) {
    if (fits(of_route[i], charged) && !has_key(of_route.first(i), of_route[i].metadata_key)) take(of_route[i]);
  }
  for (size_t i = 0; i < of_gateway.size(); ++i) {
    const Bytes key = of_gateway[i].metadata_key;
    if (!has_key(of_route, key) && !has_key(of_gateway.first(i), key)) take(of_gateway[i]);
  }
}

void charge_money(const config::Config& config, const chat::Usage& usage, const Charged& charged, int64_t unix_seconds,
                  Bill& bill) {
  const price::Table* prices = config.prices();
  if (prices == nullptr) return;
  bill.has_prices = true;
  bill.currency = prices->currency();
  const price::Entry* entry = prices->find(charged.model, charged.backend_short_name, unix_seconds);
  if (entry == nullptr) return;
  bill.priced_as = entry->model;
  bill.micro_units = price::Table::cost(*entry, usage);
}

}  // namespace aigw::policy
