// Times as documents and token services write them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace aigw {

// A time of RFC 3339, in unix seconds; a fraction is cut.
std::optional<int64_t> parse_time(Bytes text);

}  // namespace aigw
