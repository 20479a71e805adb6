// What came as a stream, as the answer that would have come whole.
#pragma once

#include <string>

#include "base/bytes.h"
#include "endpoint/table.h"

namespace aigw::capture {

// The body of the whole answer that says what `stream` does, in the language of the endpoint's clients; empty for an
// endpoint whose streams are of sounds and images. `cut`: it is the beginning of a longer one, and says what has come.
std::string collapse(endpoint::EndpointKind endpoint, Bytes stream, bool cut);

}  // namespace aigw::capture
