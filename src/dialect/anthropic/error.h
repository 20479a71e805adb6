// Errors as clients of the Messages API get them, and as its providers give them.
#pragma once

#include <cstdint>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/event.h"
#include "json/cursor.h"

namespace aigw::dialect::anthropic {

// The API's type of error for an HTTP status (the peer's facts, 4.8): its list, and for a status
// that is not on it invalid_request_error below 500, else internal_server_error.
Bytes error_type(uint32_t status);

// The HTTP status that a type of error stands for, where the wire carries none; 500 for a type that
// nobody knows.
uint16_t error_status(Bytes type);

// {"error":{"message":…,"type":…},"request_id":"","type":"error"}, the peer's shape (its facts,
// 2.5): always valid JSON, whatever the message quotes. Also what wraps a provider's error that is
// not JSON, its text being the message.
std::string error_body(uint32_t status, Bytes message);

// A provider's error of status `status`. A body in the API's shape gives type and message; one of
// another shape gives `message` where the root has one, else its text, cut at
// limits::error_text_max. The views point into `body` and `arena`.
chat::event::Fault decode_error(uint16_t status, Bytes body, json::Parser& parser, Arena& arena);

// The same of an error object in the API's shape, as a stream's error event carries it; its status
// comes from the type. The views are the document's.
chat::event::Fault decode_error_event(const json::Value& root);

}  // namespace aigw::dialect::anthropic
