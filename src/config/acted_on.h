// What a document may say without this build doing anything about it. Each use of it is a warning,
// so that nobody takes an accepted document for one that has its effect. An entry leaves the table
// with the code that acts on it.
#pragma once

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace aigw::config {

inline constexpr std::array<Bytes, 1> kNotActedOn{
    "mcpConfig",
};

inline bool acted_on(Bytes feature) {
  return std::find(kNotActedOn.begin(), kNotActedOn.end(), feature) == kNotActedOn.end();
}

inline constexpr const char* kNotActedOnMessage = "accepted, but this build does not act on it";

}  // namespace aigw::config
