// Values made up from a JSON schema: the arguments of tool calls and structured answers.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace aigw::mock {

using Json = nlohmann::ordered_json;

// A value that fits the usual schemas (type, properties, required, items, enum, const, default,
// anyOf, $ref into $defs), drawn from `prompt`: strings take its `turn`-th name (a capitalised
// word), numbers its `turn`-th number.
Json sample(const Json& schema, std::string_view prompt, size_t turn);

}  // namespace aigw::mock
