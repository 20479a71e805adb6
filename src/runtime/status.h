// The state of the gateway for the status page: what is configured, and what came of it.
#pragma once

#include <cstdint>
#include <string>

#include "config/config.h"
#include "runtime/sight.h"

namespace aigw::runtime {

struct ConfigurationState {
  const config::Config& config;
  uint64_t loaded_ms = 0;    // milliseconds since 1970
  uint64_t refused_ms = 0;   // when a later one was last refused; 0: the last one that came is live
  std::string refusal;       // why; may have several lines
  std::string source;        // the file or bundle; empty for one in the filter's own configuration
};

// JSON. All counts are since the process began, across builds.
std::string status_json(Sight& sight, const ConfigurationState& configuration,
                        uint64_t process_began_ms);

// The quantile of a histogram series in the unit that is shown, between its bounds as Prometheus
// interpolates; negative where it is empty.
double quantile(const observe::Block& block, const observe::Series& series,
                const observe::FamilyTraits& family, double q);

// The page itself: HTML that asks for status.json and needs nothing else.
Bytes status_page();

}  // namespace aigw::runtime
