// The text of JSON scalars: writing strings, reading strings and token counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace aigw::json {

// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, one for
// each maximal ill-formed part, so that the result is valid JSON whatever the input was.
void append_quoted(std::string& out, Bytes text);

// The same without the quotes.
void append_escaped(std::string& out, Bytes text);

// Unescapes the content of a JSON string, `raw` being without its quotes. `out` has room for
// raw.size() bytes and does not overlap it; the result is how many were written. A surrogate pair
// becomes one character, a lone surrogate U+FFFD. Nothing for a malformed escape; other bytes are
// copied as they are.
std::optional<size_t> unescape(Bytes raw, char* out);

// The same; `repaired` says whether there was a lone surrogate.
std::optional<size_t> unescape(Bytes raw, char* out, bool& repaired);

// A JSON number as a count: also 1e2 and 12.0. Nothing for what is no JSON number, has a minus
// sign, is not integral, or does not fit.
std::optional<uint64_t> to_uint64(Bytes number);

// Whether `text` is well-formed UTF-8.
bool is_utf8(Bytes text);

}  // namespace aigw::json
