#include "policy/cost.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "config/compile.h"
#include "config/load.h"

namespace aigw::policy {
namespace {

std::shared_ptr<const config::Config> compiled(Bytes yaml) {
  config::Loaded loaded = config::load_text(yaml, "test.yaml", {});
  EXPECT_TRUE(loaded.ok());
  credential::Store store;
  auto config = config::compile(loaded.document.filter, store);
  EXPECT_TRUE(config);
  return *config;
}

std::map<std::string, uint64_t> charged(const config::Config& config, const Charged& whom) {
  chat::Usage usage{.input = 10,
                    .output = 5,
                    .total = 15,
                    .cached_input = 2,
                    .cache_creation_input = 3,
                    .reasoning = 4};
  std::map<std::string, uint64_t> costs;
  charge_costs(config, usage, whom, [&](Bytes key, uint64_t value) {
    EXPECT_TRUE(costs.emplace(key, value).second) << key << " was charged twice";
  });
  return costs;
}

TEST(Costs, EveryFixedTypeIsCharged) {
  auto config = compiled(R"(
globalLLMRequestCosts:
- {metadataKey: i, type: InputToken}
- {metadataKey: o, type: OutputToken}
- {metadataKey: t, type: TotalToken}
- {metadataKey: c, type: CachedInputToken}
- {metadataKey: w, type: CacheCreationInputToken}
- {metadataKey: r, type: ReasoningToken}
)");
  std::map<std::string, uint64_t> expected{{"i", 10}, {"o", 5}, {"t", 15},
                                           {"c", 2},  {"w", 3}, {"r", 4}};
  EXPECT_EQ(charged(*config, {}), expected);
}

TEST(Costs, ARouteThatFitsGoesBeforeTheGateway) {
  auto config = compiled(R"(
globalLLMRequestCosts:
- {metadataKey: cost, type: InputToken}
llmRequestCosts:
- {metadataKey: cost, routeName: ns/a, type: OutputToken}
- {metadataKey: only, routeName: ns/a, type: TotalToken, backend: ns/one, model: m}
)");
  using Costs = std::map<std::string, uint64_t>;
  EXPECT_EQ(charged(*config, {"ns/a", "ns/one", "m"}), (Costs{{"cost", 5}, {"only", 15}}));
  EXPECT_EQ(charged(*config, {"ns/a", "ns/two", "m"}), (Costs{{"cost", 5}}));
  EXPECT_EQ(charged(*config, {"ns/b", "ns/one", "m"}), (Costs{{"cost", 10}}));
  EXPECT_EQ(charged(*config, {"", "", ""}), (Costs{{"cost", 10}}));
}

TEST(Costs, WhatNobodyReportedIsChargedAsZero) {
  auto config = compiled("globalLLMRequestCosts: [{metadataKey: i, type: InputToken}]");
  std::map<std::string, uint64_t> costs;
  charge_costs(*config, {}, {}, [&](Bytes key, uint64_t value) { costs.emplace(key, value); });
  EXPECT_EQ(costs.at("i"), 0u);
}

}  // namespace
}  // namespace aigw::policy
