// Times as documents and token services write them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace aigw {

// A time of RFC 3339, in unix seconds; a fraction is cut.
std::optional<int64_t> parse_time(Bytes text);

// A time as RFC 3339 has it, in UTC and with milliseconds; of the years 1970 to 9999.
std::array<char, 24> time_text(uint64_t unix_milliseconds);

}  // namespace aigw
