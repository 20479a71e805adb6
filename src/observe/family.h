// THE table of metric families.
//
// The first four are those of the peer and of OpenTelemetry's GenAI conventions: names, units,
// buckets and attributes are theirs (peer's facts, 6.1 and 13.4), so that dashboards made for them
// keep working. The others are ours and begin with aigw.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace aigw::observe {

enum class Family : uint8_t {
  // Each attempt, as the peer counts.
  client_token_usage,
  server_request_duration,
  server_time_to_first_token,
  server_time_per_output_token,
  // Each request.
  requests_started,
  requests,
  request_duration,
  request_attempts,
  // Each attempt, by backend.
  attempts,
  attempt_duration,
  attempt_first_token,
  tokens,
  cost,
  failed_costs,
  unpriced,
  failed_edits,
  // What was not done.
  refused,
  limited,
  dropped_members,
  guarded,
  without_exchange,
  exports_dropped,
  // The configuration.
  configurations,
  // Tokens of backends.
  token_fetches,
};
inline constexpr size_t kFamilies = static_cast<size_t>(Family::token_fetches) + 1;

// What a value counts. Durations are kept in nanoseconds and shown in seconds.
enum class Unit : uint8_t { one, tokens, nanoseconds };

struct FamilyTraits {
  Family family;
  Bytes name;        // OpenTelemetry's, and the key in the block
  Bytes prometheus;  // the name in Prometheus' text
  Unit unit;
  Bytes help;
  std::span<const double> bounds;  // upper ones, as shown; empty for a counter
  bool by_client = false;  // a client decides labels: the series may overflow
  bool exemplars = false;

  bool is_histogram() const { return !bounds.empty(); }
  // Of a series: a bucket for each bound, the one above all bounds, and the sum.
  uint32_t values() const { return is_histogram() ? static_cast<uint32_t>(bounds.size()) + 2 : 1; }
};

const FamilyTraits& traits_of(Family family);

// Null for a name that this build does not know.
const FamilyTraits* find_family(Bytes name);

}  // namespace aigw::observe
