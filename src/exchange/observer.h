// Reads usage and model out of an answer whose bytes pass untouched, in the provider's dialect.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "endpoint/table.h"
#include "scan/observer.h"

namespace aigw::exchange {

// What frames the answer: nothing, events (server-sent ones, or AWS's messages), or the elements of a JSON array.
enum class Framing : uint8_t { whole, events, array };

// Null where the answers of an endpoint report nothing.
std::unique_ptr<scan::Observer> observe(const endpoint::Endpoint& endpoint, Framing framing, scan::Report report);

}  // namespace aigw::exchange
