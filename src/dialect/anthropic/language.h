// The name of this dialect in the hub, and the versions of the API that speak it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace aigw::dialect::anthropic {

// Conversation::language and Start::language of everything decoded here.
inline constexpr Bytes kLanguage = "anthropic";

// What the header anthropic-version says. The later version has no temperature, top_p and top_k.
enum class Version : uint8_t { v2023_06_01, v2026_10_21 };

// Nothing for a version that is not one of these.
constexpr std::optional<Version> version_of(Bytes header) {
  if (header == "2023-06-01") return Version::v2023_06_01;
  if (header == "2026-10-21") return Version::v2026_10_21;
  return std::nullopt;
}

}  // namespace aigw::dialect::anthropic
