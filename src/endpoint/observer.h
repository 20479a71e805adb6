// Usage, and the model where it is told, out of the answers of endpoints that are no conversation.
// What each of them reports stands in the peer's facts, 4.0 and 4.2, and for streams and audio in
// the OpenAI API reference.
#pragma once

#include <memory>

#include "endpoint/table.h"
#include "scan/observer.h"

namespace aigw::endpoint {

// Null for an endpoint whose answers report nothing.
std::unique_ptr<scan::Observer> observe(EndpointKind kind, bool stream, scan::Report report);

}  // namespace aigw::endpoint
