// What a debug log may show of headers.
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"
#include "http/header_map.h"

namespace aigw::policy {

inline constexpr Bytes kRedacted = "[REDACTED]";

// Whether the value of a header is kept out of logs: what carries credentials, sessions or cookies, to the gateway
// or to a provider. The peer's list (its facts, 2.8) with what is missing there. `name` is in lower case.
bool is_secret_header(Bytes name);

// A path with the values of query parameters that carry keys replaced (`key`, `access_token`, `api_key`, `api-key`,
// `token`).
std::string redacted_path(Bytes path);

// "name: value, …", with the secret values replaced; also those of `more`, which are names in lower case.
std::string describe_headers(std::span<const http::HeaderView> headers, std::span<const Bytes> more = {});

}  // namespace aigw::policy
