// Google's APIs take each member under two names, camelCase and snake_case, and a list of one
// element without its brackets.
#pragma once

#include <initializer_list>
#include <span>
#include <string>

#include "base/bytes.h"
#include "chat/drops.h"
#include "json/cursor.h"
#include "json/reader.h"

namespace aigw::dialect::gemini {

// "generation_config" of "generationConfig".
std::string snake_case(Bytes camel);
// The other way round; what holds no '_' is as it was.
std::string camel_case(Bytes snake);

// `object`'s member of that name, given in camelCase, or of its other name.
const json::Value& member(const json::Value& object, Bytes camel);

// The elements of an array, or a single object as its own only element. Anything else fails.
std::span<const json::Value> list(json::Reader& reader, const json::Value& value);

// Adds every member of `object` that is neither in `known` nor null to `drops`, as `path` and its
// name in camelCase; `path` ends with a dot.
void report_unknown(const json::Value& object, std::initializer_list<Bytes> known, Bytes path,
                    chat::Drops& drops);

bool is_one_of(Bytes name, std::initializer_list<Bytes> names);

}  // namespace aigw::dialect::gemini
