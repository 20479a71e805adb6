// What a request cost, by the configured rules.
#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "chat/usage.h"
#include "config/config.h"

namespace aigw::policy {

// Whom a cost is charged for.
struct Charged {
  Bytes route_name;          // ns/name, may be empty
  Bytes backend_short_name;  // ns/name
  Bytes model;               // as sent to the provider
};

// Calls `charge` once for each metadata key. A route's cost that fits goes before a global one of the same key.
// A count that nobody reported is charged as 0 (peer's facts, 12, no. 39). Costs of type CEL are passed over.
void charge_costs(const config::Config& config, const chat::Usage& usage, const Charged& charged,
                  const std::function<void(Bytes key, uint64_t value)>& charge);

}  // namespace aigw::policy
