// Members of a client's body that nobody reads.
#pragma once

#include <initializer_list>

#include "base/bytes.h"
#include "chat/drops.h"
#include "json/cursor.h"

namespace aigw::dialect::bedrock_converse {

bool is_one_of(Bytes name, std::initializer_list<Bytes> names);

// Adds every member of `object` that is neither in `known` nor null to `drops`, as `path` and its name;
// `path` ends with a dot.
void report_unknown(const json::Value& object, std::initializer_list<Bytes> known, Bytes path,
                    chat::Drops& drops);

}  // namespace aigw::dialect::bedrock_converse
