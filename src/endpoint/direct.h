// The direct lane: endpoints that are no conversation, at backends whose API for them is another.
// Bodies are small and are translated whole, one function a cell.
#pragma once

#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/drops.h"
#include "chat/usage.h"
#include "config/names.h"
#include "endpoint/table.h"
#include "json/cursor.h"

namespace aigw::endpoint {

// A cell of the direct lane, and what it needs to know of the backend.
struct DirectCell {
  EndpointKind endpoint;
  config::SchemaName schema;
  Bytes model;         // as the provider calls it
  Bytes version = {};  // of the backend's schema, as configured
};

// Appends the provider's body to `out`. Fails with unprocessable where the client asked for what the
// provider cannot do, with malformed_request where a member is not what it must be.
Result<void> encode_direct_request(const DirectCell& cell, const json::Value& root, Arena& arena,
                                   chat::Drops& drops, std::string& out);

// Appends the client's answer to `out`. Fails with bad_upstream where `root` is no answer.
Result<chat::Usage> translate_direct_answer(const DirectCell& cell, const json::Value& root,
                                            std::string& out);

}  // namespace aigw::endpoint
