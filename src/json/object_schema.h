// The one demand that providers have of a tool's JSON schema: that it says it is one of an object.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::json {

// Appends `schema`, with the member `"type":"object"` in front where its root has no type; an empty
// text stands for a schema without a demand. False, and nothing appended, where it is no JSON
// object.
bool append_object_schema(std::string& out, Bytes schema);

}  // namespace aigw::json
