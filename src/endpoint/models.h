// The list of models, answered by the gateway itself.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"
#include "endpoint/table.h"

namespace aigw::endpoint {

// Who asks for the list, and how.
struct ModelsQuery {
  Bytes authority;
  const config::Client* client = nullptr;  // sees only what it may use; null: no client has a rule
  Dialect dialect = Dialect::openai;
  Bytes path;
};

// The models that may be seen, in the shape of the dialect (peer's facts, 2.9):
// {"data":[{"id","created","object":"model","owned_by"}],"object":"list"} or Anthropic's. Of the latter
// the query of `path` may choose a page: `limit` from 1 to 1000, and the id of the model that it follows or
// precedes, `after_id` or `before_id` (Anthropic API reference, "List models"); without a limit all are one
// page, as with the peer. Fails with malformed_request where it chooses none.
Result<std::string> models_body(const config::Config& config, const ModelsQuery& query);

}  // namespace aigw::endpoint
