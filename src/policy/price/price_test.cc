#include "policy/price/price.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace aigw::policy::price {
namespace {

// Of prices for a million tokens, in whole units.
Rates rates(uint64_t input, uint64_t cached, uint64_t creation, uint64_t output, uint64_t reasoning) {
  constexpr uint64_t kPerToken = 1'000'000;
  return {input * kPerToken, cached * kPerToken, creation * kPerToken, output * kPerToken, reasoning * kPerToken, 0};
}

Entry entry_of(Rates rates) { return {"m", "", INT64_MIN, {{0, rates}}}; }

TEST(Price, DecimalsAreReadExactly) {
  EXPECT_EQ(parse_pico("2.5"), 2'500'000'000'000u);
  EXPECT_EQ(parse_pico("0.000000000001"), 1u);
  EXPECT_EQ(parse_pico("0"), 0u);
  EXPECT_EQ(parse_pico("1000000"), 1'000'000'000'000'000'000u);
  for (Bytes text : {"", ".", ".5", "5.", "-1", "+1", "1e3", "1,5", " 1", "1.2.3", "0.0000000000001", "1000000.1",
                     "1000001", "99999999999999999999999999"}) {
    EXPECT_FALSE(parse_pico(text)) << text;
  }
}

TEST(Price, ItsSizeAndItsDecimalsHaveLimits) {
  const std::string most = std::to_string(limits::price_max);
  const std::string least = "0." + std::string(limits::price_decimals_max, '1');
  EXPECT_EQ(parse_pico(most), limits::price_max * 1'000'000'000'000);
  EXPECT_EQ(parse_pico(most + "." + std::string(limits::price_decimals_max, '0')), parse_pico(most));
  EXPECT_FALSE(parse_pico(most + "." + std::string(limits::price_decimals_max - 1, '0') + "1"));
  EXPECT_FALSE(parse_pico(std::to_string(limits::price_max + 1)));
  EXPECT_EQ(parse_pico(least), 111'111'111'111u);
  EXPECT_FALSE(parse_pico(least + "0"));
}

TEST(Price, EachTokenIsPaidOnce) {
  const Entry entry = entry_of(rates(1, 10, 100, 1000, 10'000));
  // 100 input of which 20 cached and 30 written to the cache; 50 output of which 5 reasoning.
  const chat::Usage usage{
      .input = 100, .output = 50, .total = 150, .cached_input = 20, .cache_creation_input = 30, .reasoning = 5};
  EXPECT_EQ(Table::cost(entry, usage), 50u + 20 * 10 + 30 * 100 + 45 * 1000 + 5 * 10'000);
}

TEST(Price, CountsThatContradictEachOtherAreNotPaidTwice) {
  const Entry entry = entry_of(rates(1, 10, 100, 1000, 10'000));
  EXPECT_EQ(Table::cost(entry, {.input = 10, .cached_input = 15, .cache_creation_input = 3}), 100u);
  EXPECT_EQ(Table::cost(entry, {.output = 2, .reasoning = 5}), 20'000u);
  EXPECT_EQ(Table::cost(entry, {}), 0u);
}

TEST(Price, TheSumIsRoundedOnce) {
  // 0.075 for a million tokens: 0.075 millionths each.
  const Entry entry = entry_of({75'000, 0, 0, 0, 0, 0});
  EXPECT_EQ(Table::cost(entry, {.input = 6}), 0u);   // 0.45
  EXPECT_EQ(Table::cost(entry, {.input = 7}), 1u);   // 0.525
  EXPECT_EQ(Table::cost(entry, {.input = 20}), 2u);  // 1.5
  EXPECT_EQ(Table::cost(entry, {.input = 1'000'000}), 75'000u);
  // Two halves are one.
  EXPECT_EQ(Table::cost(entry_of({500'000, 0, 0, 500'000, 0, 0}), {.input = 1, .output = 1}), 1u);
}

TEST(Price, WhatNoDoubleHoldsIsWrittenAsTheLargestThatOneDoes) {
  const Entry entry = entry_of(rates(1'000'000, 0, 0, 1'000'000, 0));
  EXPECT_EQ(Table::cost(entry, {.input = UINT64_MAX, .output = UINT64_MAX}), limits::cost_micro_max);
  const Entry millionth = entry_of(rates(1, 0, 0, 0, 0));  // a token costs one
  EXPECT_EQ(Table::cost(millionth, {.input = limits::cost_micro_max - 1}), limits::cost_micro_max - 1);
  EXPECT_EQ(Table::cost(millionth, {.input = limits::cost_micro_max}), limits::cost_micro_max);
  EXPECT_EQ(Table::cost(millionth, {.input = limits::cost_micro_max + 1}), limits::cost_micro_max);
  EXPECT_EQ(static_cast<uint64_t>(static_cast<double>(limits::cost_micro_max)), limits::cost_micro_max);
}

TEST(Price, TheRequestItselfHasAPrice) {
  Rates of_request{};
  of_request[static_cast<size_t>(Kind::request)] = *parse_pico("0.005");
  EXPECT_EQ(Table::cost(entry_of(of_request), {}), 5000u);
}

TEST(Price, ATierHoldsAboveItsNumberOfInputTokens) {
  Entry entry = entry_of(rates(1, 1, 1, 2, 2));
  entry.tiers.push_back({200'000, rates(3, 3, 3, 4, 4)});
  entry.tiers.push_back({1'000'000, rates(5, 5, 5, 6, 6)});
  EXPECT_EQ(Table::cost(entry, {.input = 200'000, .output = 1}), 200'002u);
  EXPECT_EQ(Table::cost(entry, {.input = 200'001, .output = 1}), 600'003u + 4);
  EXPECT_EQ(Table::cost(entry, {.input = 2'000'000, .output = 1}), 10'000'006u);
}

TEST(Price, TheNearestEntryWhoseTimeHasComeIsTaken) {
  const auto entry = [](std::string model, std::string backend, int64_t from, uint64_t input) {
    return Entry{std::move(model), std::move(backend), from, {{0, rates(input, 0, 0, 0, 0)}}};
  };
  const Table table("USD", {entry("gpt-*", "", INT64_MIN, 1), entry("gpt-4*", "", INT64_MIN, 2),
                            entry("gpt-4o", "", INT64_MIN, 3), entry("gpt-4o", "", 100, 4),
                            entry("gpt-4o", "ns/b", 50, 5), entry("later", "", 100, 6), entry("*", "", 200, 7)});
  const auto price = [&](Bytes model, Bytes backend, int64_t time) -> uint64_t {
    const Entry* found = table.find(model, backend, time);
    return found == nullptr ? 0 : Table::cost(*found, {.input = 1});
  };
  EXPECT_EQ(price("gpt-3", "", 0), 1u);
  EXPECT_EQ(price("gpt-4", "", 0), 2u);
  EXPECT_EQ(price("gpt-4o", "", 0), 3u);
  EXPECT_EQ(price("gpt-4o", "", 99), 3u);
  EXPECT_EQ(price("gpt-4o", "", 100), 4u);
  EXPECT_EQ(price("gpt-4o", "ns/b", 49), 3u);
  EXPECT_EQ(price("gpt-4o", "ns/b", 100), 5u);
  EXPECT_EQ(price("later", "", 99), 0u);
  EXPECT_EQ(price("later", "", 100), 6u);
  EXPECT_EQ(price("none", "", 0), 0u);
  EXPECT_EQ(price("none", "", 200), 7u);
}

}  // namespace
}  // namespace aigw::policy::price
