// The list of models, answered by the gateway itself.
#pragma once

#include <string>

#include "base/bytes.h"
#include "config/config.h"

namespace aigw::endpoint {

// The OpenAI shape of the models that a client of `authority` may see:
// {"data":[{"id","created","object":"model","owned_by"}],"object":"list"} (peer's facts, 2.9).
std::string models_body(const config::Config& config, Bytes authority);

}  // namespace aigw::endpoint
