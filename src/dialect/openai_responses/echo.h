// What a response says of its request: the language has every answer repeat the settings that it
// was made with.
#pragma once

#include <string>

#include "base/bytes.h"
#include "json/cursor.h"

namespace aigw::dialect::openai_responses {

// The members of a response that repeat the request `root`, as JSON text without the braces around
// it: those that the client left out stand with the value that this means. At most
// limits::responses_echo_max bytes of the client's; a member that would go beyond is left as if it
// had not been given.
std::string request_echo(const json::Value& root);


}  // namespace aigw::dialect::openai_responses
