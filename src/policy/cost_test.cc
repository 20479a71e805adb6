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

constexpr uint64_t kFailed = UINT64_MAX;

std::map<std::string, uint64_t> charged(const config::Config& config, const Charged& whom) {
  chat::Usage usage{.input = 10,
                    .output = 5,
                    .total = 15,
                    .cached_input = 2,
                    .cache_creation_input = 3,
                    .reasoning = 4};
  std::map<std::string, uint64_t> costs;
  charge_costs(
      config, usage, whom,
      [&](Bytes key, uint64_t value) {
        EXPECT_TRUE(costs.emplace(key, value).second) << key << " was charged twice";
      },
      [&](Bytes key, const char* error) {
        EXPECT_NE(error, nullptr);
        EXPECT_TRUE(costs.emplace(key, kFailed).second) << key << " was charged twice";
      });
  return costs;
}

TEST(Costs, EveryFixedTypeIsCharged) {
  auto config = compiled(R"y(
globalLLMRequestCosts:
- {metadataKey: i, type: InputToken}
- {metadataKey: o, type: OutputToken}
- {metadataKey: t, type: TotalToken}
- {metadataKey: c, type: CachedInputToken}
- {metadataKey: w, type: CacheCreationInputToken}
- {metadataKey: r, type: ReasoningToken}
)y");
  std::map<std::string, uint64_t> expected{{"i", 10}, {"o", 5}, {"t", 15},
                                           {"c", 2},  {"w", 3}, {"r", 4}};
  EXPECT_EQ(charged(*config, {}), expected);
}

TEST(Costs, ARouteThatFitsGoesBeforeTheGateway) {
  auto config = compiled(R"y(
globalLLMRequestCosts:
- {metadataKey: cost, type: InputToken}
llmRequestCosts:
- {metadataKey: cost, routeName: ns/a, type: OutputToken}
- {metadataKey: only, routeName: ns/a, type: TotalToken, backend: ns/one, model: m}
)y");
  using Costs = std::map<std::string, uint64_t>;
  EXPECT_EQ(charged(*config, {"ns/a", "ns/one", "m"}), (Costs{{"cost", 5}, {"only", 15}}));
  EXPECT_EQ(charged(*config, {"ns/a", "ns/two", "m"}), (Costs{{"cost", 5}}));
  EXPECT_EQ(charged(*config, {"ns/b", "ns/one", "m"}), (Costs{{"cost", 10}}));
  EXPECT_EQ(charged(*config, {"", "", ""}), (Costs{{"cost", 10}}));
}

TEST(Costs, ExpressionsKnowTheRequest) {
  auto config = compiled(R"y(
globalLLMRequestCosts:
- {metadataKey: weighed, type: CEL, cel: "input_tokens + output_tokens * 4u - cached_input_tokens"}
- {metadataKey: by_model, type: CEL, cel: "model.startsWith('gpt') ? total_tokens : 0u"}
- {metadataKey: names, type: CEL, cel: "size(backend) * 100 + size(route_name)"}
- {metadataKey: rest, type: CEL, cel: "cache_creation_input_tokens + reasoning_tokens"}
)y");
  std::map<std::string, uint64_t> expected{{"weighed", 28}, {"by_model", 15}, {"names", 1404}, {"rest", 7}};
  EXPECT_EQ(charged(*config, {"ns/r", "ns/b", "gpt-4o", "ns/b/route/r/0"}), expected);
}

TEST(Costs, AnExpressionThatFailsChargesNothingAndLeavesTheOthers) {
  auto config = compiled(R"y(
globalLLMRequestCosts:
- {metadataKey: a, type: CEL, cel: "cached_input_tokens - input_tokens"}
- {metadataKey: b, type: InputToken}
- {metadataKey: c, type: CEL, cel: "0 - int(input_tokens)"}
- {metadataKey: r, type: TotalToken}
llmRequestCosts:
- {metadataKey: r, routeName: ns/a, type: CEL, cel: "reasoning_tokens - output_tokens"}
)y");
  using Costs = std::map<std::string, uint64_t>;
  // What a route says of a key stands, also where it fails.
  EXPECT_EQ(charged(*config, {"ns/a", "", "m"}), (Costs{{"a", kFailed}, {"b", 10}, {"c", kFailed}, {"r", kFailed}}));
  EXPECT_EQ(charged(*config, {"ns/b", "", "m"}), (Costs{{"a", kFailed}, {"b", 10}, {"c", kFailed}, {"r", 15}}));
}

TEST(Costs, OfTwoOfOneKeyTheFirstThatFitsCounts) {
  auto config = compiled(R"y(
globalLLMRequestCosts: [{metadataKey: k, type: InputToken}, {metadataKey: k, type: OutputToken}]
llmRequestCosts:
- {metadataKey: q, routeName: ns/a, type: TotalToken, model: other}
- {metadataKey: q, routeName: ns/a, type: OutputToken}
- {metadataKey: q, routeName: ns/a, type: InputToken}
)y");
  using Costs = std::map<std::string, uint64_t>;
  EXPECT_EQ(charged(*config, {"ns/a", "", "m"}), (Costs{{"k", 10}, {"q", 5}}));
}

TEST(Costs, MoneyIsOfTheModelTheBackendAndTheTime) {
  auto config = compiled(R"y(
prices:
  currency: EUR
  models:
  - {model: m, input: 2.5, output: 10}
  - {model: m, backend: ns/b, input: 5, output: 20}
)y");
  const chat::Usage usage{.input = 1000, .output = 100};
  Bill bill;
  charge_money(*config, usage, {"", "ns/a", "m"}, 0, bill);
  EXPECT_EQ(bill.micro_units, 3500u);
  EXPECT_EQ(bill.currency, "EUR");
  charge_money(*config, usage, {"", "ns/b", "m"}, 0, bill);
  EXPECT_EQ(bill.micro_units, 7000u);
  Bill other;
  charge_money(*config, usage, {"", "ns/b", "n"}, 0, other);
  EXPECT_TRUE(other.has_prices);
  EXPECT_FALSE(other.micro_units);
  Bill none;
  charge_money(*compiled("uuid: u"), usage, {"", "ns/b", "m"}, 0, none);
  EXPECT_FALSE(none.has_prices);
}

TEST(Costs, WhatNobodyReportedIsChargedAsZero) {
  auto config = compiled("globalLLMRequestCosts: [{metadataKey: i, type: InputToken}]");
  std::map<std::string, uint64_t> costs;
  charge_costs(
      *config, {}, {}, [&](Bytes key, uint64_t value) { costs.emplace(key, value); },
      [](Bytes, const char*) { FAIL(); });
  EXPECT_EQ(costs.at("i"), 0u);
}

}  // namespace
}  // namespace aigw::policy
