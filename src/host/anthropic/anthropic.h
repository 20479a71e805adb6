// Anthropic itself, and who serves its API under some path prefix.
//
// Its API has two versions, and a request names one by the header `anthropic-version`. They differ
// in what a gateway has to do about them: 2023-06-01 takes the key as `x-api-key`; 2026-10-21 takes
// it as a bearer token and has no temperature, top_p and top_k. A version is a date, and a later
// one than these is taken to be like the last.
#pragma once

#include <string>

#include "base/bytes.h"
#include "config/names.h"
#include "host/common.h"

namespace aigw::host::anthropic {

inline constexpr Bytes kVersionHeader = "anthropic-version";
inline constexpr Bytes kVersion2023 = "2023-06-01";
inline constexpr Bytes kVersion2026 = "2026-10-21";

// "/{prefix}{tail}": the prefix of the backend's schema, without a slash at either end, "v1" where
// it is empty. `tail` begins with a slash, like "/messages".
std::string path(Bytes prefix, Bytes tail);

// The value of `anthropic-version` for a backend: what is configured for it, else what an Anthropic
// client asked for, else 2023-06-01. The view is one of the arguments, or static.
Bytes version_for(Bytes configured, Bytes client);

// Where the credential goes. `kind` of api_key is a bearer token in every version.
CredentialHeader credential_header(config::AuthKind kind, Bytes version);

// Whether a request of this version may have temperature, top_p and top_k.
bool takes_sampling(Bytes version);

}  // namespace aigw::host::anthropic
