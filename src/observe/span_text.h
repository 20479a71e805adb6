// Spans for people.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::observe {

// The attributes of a Span message of our own (otlp.h) as a JSON object: texts, numbers and arrays of them.
std::string span_attributes_as_json(Bytes span);

}  // namespace aigw::observe
