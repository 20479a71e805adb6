// Whether text that a client wrote into a string is the JSON that Converse wants in its place.
#pragma once

#include "base/bytes.h"

namespace aigw::dialect::bedrock_converse {

// Whether `text` is one JSON object and nothing else.
bool is_json_object(Bytes text);

}  // namespace aigw::dialect::bedrock_converse
