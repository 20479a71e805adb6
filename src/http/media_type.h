// Reading content-type, content-encoding and accept-encoding (RFC 9110, 8.3 and 12.5.3).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"

namespace aigw::http {

// Case-insensitive comparison of ASCII text.
bool equals_ignoring_case(Bytes a, Bytes b);

// `bytes` without spaces and tabs at either end.
Bytes trimmed(Bytes bytes);

// The type and subtype of a content-type, without parameters: a view into `content_type`.
Bytes essence(Bytes content_type);

// The value of a parameter behind the first `;` of a content-type or content-disposition, without its quotes and their
// escapes: `boundary` of `multipart/form-data; boundary="a b"`. Nothing where there is none.
std::optional<std::string> parameter(Bytes header, Bytes name);

// application/json or a type with the suffix +json.
bool is_json(Bytes content_type);

bool is_event_stream(Bytes content_type);

// Whether an accept-encoding header lets the sender use `coding`: named (or by `*`) and not with q=0.
bool accepts_coding(Bytes accept_encoding, Bytes coding);

// Whether an accept-encoding header names no coding but these, and identity.
bool accepts_only(Bytes accept_encoding, std::span<const Bytes> codings);

}  // namespace aigw::http
