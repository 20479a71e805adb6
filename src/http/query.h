// The query of a path, and the escapes in it.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

namespace aigw::http {

// The value of the first parameter of that name in the query of `path`, as it stands there: a view into
// `path`, empty for one without a value. Nothing where there is none.
std::optional<Bytes> query_parameter(Bytes path, Bytes name);

// The text of which `escaped` is the form in a path or a query: each %XX is its byte. A `%` that escapes nothing
// stands for itself, and so does `+`.
std::string percent_decoded(Bytes escaped);

}  // namespace aigw::http
