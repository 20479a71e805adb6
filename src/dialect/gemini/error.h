// Errors as Google's APIs word them: {"error":{"code":400,"message":"…","status":"INVALID_ARGUMENT"}}.
#pragma once

#include <cstdint>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/event.h"
#include "json/cursor.h"

namespace aigw::dialect::gemini {

// google.rpc.Code's name for an HTTP status.
Bytes error_status_name(uint32_t status);

// The body of an error for a client of this dialect.
std::string error_body(uint32_t status, Bytes message);

// A reply of status `status`: the type is `error.status`, the message `error.message`, with the
// details behind it as the peer writes them (its facts, 4.6). A reply that is no JSON has the type
// GCPVertexAIBackendError, and its text is the message, cut at limits::error_text_max. Views point
// into `body` and `arena`.
chat::event::Fault decode_error(uint16_t status, Bytes body, json::Parser& parser, Arena& arena);

// Whether an answer, or an event of a stream, is an error instead.
bool is_error(const json::Value& root);

// The same of such a one: the status is its code, or follows from its name. Views as above.
chat::event::Fault read_error(const json::Value& root, Arena& arena);

}  // namespace aigw::dialect::gemini
