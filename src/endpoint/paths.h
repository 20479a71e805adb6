// Where a backend takes what is no conversation.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"
#include "endpoint/table.h"

namespace aigw::endpoint {

// The path at `backend`, whose schema has a cell with `kind`. `model` is as the provider calls it.
// Fails where the backend's configuration lacks what stands there.
Result<std::string> path_of(EndpointKind kind, const config::Backend& backend, Bytes model);

}  // namespace aigw::endpoint
