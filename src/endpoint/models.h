// The list of models, answered by the gateway itself.
#pragma once

#include <string>

#include "base/bytes.h"
#include "config/config.h"
#include "endpoint/table.h"

namespace aigw::endpoint {

// The models that a client of `authority` may see, in the shape of `dialect` (peer's facts, 2.9):
// {"data":[{"id","created","object":"model","owned_by"}],"object":"list"} or Anthropic's.
std::string models_body(const config::Config& config, Bytes authority, Dialect dialect);

}  // namespace aigw::endpoint
