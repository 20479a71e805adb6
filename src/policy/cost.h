// What a request cost, by the configured rules.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "chat/usage.h"
#include "config/config.h"

namespace aigw::policy {

// Whom a cost is charged for.
struct Charged {
  Bytes route_name;          // ns/name, may be empty
  Bytes backend_short_name;  // ns/name
  Bytes model;               // as sent to the provider
  Bytes backend_name = {};   // the long one
};

// Calls `charge` once for each metadata key. A route's cost that fits goes before a global one of the same key.
// A count that nobody reported is charged as 0 (peer's facts, 12, no. 39). Where an expression fails, `failed` is
// called instead, with its key and a static text, and nothing is charged under that key.
void charge_costs(const config::Config& config, const chat::Usage& usage, const Charged& charged,
                  const std::function<void(Bytes key, uint64_t value)>& charge,
                  const std::function<void(Bytes key, const char* error)>& failed);

// What a finished exchange cost, for whoever counts, logs or traces it.
struct Bill {
  bool has_prices = false;              // prices are configured, and the exchange was answered
  std::optional<uint64_t> micro_units;  // millionths of the currency's unit; nothing for a model without a price
  Bytes currency;                       // lives as long as the configuration, as does
  Bytes priced_as;                      // the name or prefix of the price; unlike a model's, there are few of them
  uint32_t failed_costs = 0;            // expressions that gave no cost
  std::string failure;                  // what the first of them said, for a log line
};

// The money part of a bill.
void charge_money(const config::Config& config, const chat::Usage& usage, const Charged& charged, int64_t unix_seconds,
                  Bill& bill);

}  // namespace aigw::policy
