// Events of the API's streams, written from their JSON.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::dialect::anthropic {

// Appends `event`, the JSON object of one event, as a server-sent event with its own type. The JSON
// stays as it is, but for line ends, which are blanks in JSON; what is no JSON object with a type is
// left out.
void append_event(Bytes event, std::string& out);

}  // namespace aigw::dialect::anthropic
