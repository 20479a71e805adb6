// Redacted thoughts towards clients.
//
// Converse has them as bytes, in base64 on the wire; a client library decodes them and encodes them again. Other
// providers' are strings. What is no base64 travels as base64 of "aigw-red:" and the string, and comes back as what it
// was.
#pragma once

#include <string>

#include "base/arena.h"
#include "base/bytes.h"

namespace aigw::dialect::bedrock_converse {

// For a client.
std::string wire_redacted(Bytes data);

// From a client. The view is `text` or in `arena`.
Bytes read_redacted(Bytes text, Arena& arena);

}  // namespace aigw::dialect::bedrock_converse
