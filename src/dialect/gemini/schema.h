// JSON schemas, and the subset of them that Gemini calls Schema: models before 2.5 take only that
// one, and clients may send it to whatever model.
//
// A Schema is a JSON schema with `nullable` in the place of a type "null", without references, and
// with a short list of members.
#pragma once

#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/drops.h"
#include "json/cursor.h"

namespace aigw::dialect::gemini {

// Appends `schema`, raw JSON, as a Schema: members in alphabetical order, references resolved,
// types as they were written. Members that a Schema lacks go to `drops`. Fails with unprocessable
// where that cannot be done: circular references, several elements in an allOf, and what is larger
// than limits::schema_expanded_max when its references are resolved.
Result<void> append_gemini_schema(Bytes schema, Arena& arena, chat::Drops& drops,
                                  std::string& out);

// Appends `schema`, a Schema, as a JSON schema: types in small letters, a nullable one with a type
// "null", without hints that only Gemini knows.
void append_json_schema(const json::Value& schema, std::string& out);

}  // namespace aigw::dialect::gemini
