// Questions about JSON text that comes in a string, where a language carries objects so.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace aigw::dialect::anthropic {

// The members of the root that can be asked for; `any` asks for none.
enum class ObjectMember : uint8_t { any, error };

// Whether `text` is one JSON object that has the member.
bool object_has(Bytes text, ObjectMember member);

// Appends the JSON value `raw` without line breaks, which are blanks in JSON and would end a line
// of a stream.
void append_one_line(std::string& out, Bytes raw);

}  // namespace aigw::dialect::anthropic
