#include "policy/cost.h"

#include <algorithm>
#include <vector>

namespace aigw::policy {
namespace {

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

bool fits(const config::Cost& cost, const Charged& charged) {
  return cost.route_name == charged.route_name &&
         (cost.backend.empty() || cost.backend == charged.backend_short_name) &&
         (cost.model.empty() || cost.model == charged.model);
}

}  // namespace

void charge_costs(const config::Config& config, const chat::Usage& usage, const Charged& charged,
                  const std::function<void(Bytes, uint64_t)>& charge) {
  std::vector<Bytes> keys;
  const auto once = [&](const config::Cost& cost) {
    if (cost.type == config::CostType::cel) return;
    if (std::find(keys.begin(), keys.end(), cost.metadata_key) != keys.end()) return;
    keys.push_back(cost.metadata_key);
    charge(cost.metadata_key, value_of(cost.type, usage));
  };
  for (const config::Cost& cost : config.costs()) {
    if (!cost.route_name.empty() && fits(cost, charged)) once(cost);
  }
  for (const config::Cost& cost : config.costs()) {
    if (cost.route_name.empty()) once(cost);
  }
}

}  // namespace aigw::policy
