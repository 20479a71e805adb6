// Reads usage and model out of an answer whose bytes pass untouched, in the provider's dialect.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "endpoint/table.h"
#include "scan/observer.h"

namespace aigw::exchange {

// Null where the answers of an endpoint report nothing.
std::unique_ptr<scan::Observer> observe(const endpoint::Endpoint& endpoint, bool stream, scan::Report report);

}  // namespace aigw::exchange
