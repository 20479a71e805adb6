// The list of models, answered by the gateway itself.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"
#include "endpoint/table.h"

namespace aigw::endpoint {

// The models that a client of `authority` may see, in the shape of `dialect` (peer's facts, 2.9):
// {"data":[{"id","created","object":"model","owned_by"}],"object":"list"} or Anthropic's. Of the latter
// the query of `path` may choose a page: `limit` from 1 to 1000, and the id of the model that it follows or
// precedes, `after_id` or `before_id` (Anthropic API reference, "List models"); without a limit all are one
// page, as with the peer. Fails with malformed_request where it chooses none.
Result<std::string> models_body(const config::Config& config, Bytes authority, Dialect dialect, Bytes path);

}  // namespace aigw::endpoint
