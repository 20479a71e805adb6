// Signed JSON web tokens (RFC 7519), by which a service account proves who it is.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace aigw::crypto {

// Base64 in the alphabet for URLs, without padding (RFC 4648, section 5).
std::string to_base64_url(Bytes bytes);

// RSASSA-PKCS1-v1_5 with SHA-256. `key` is an unencrypted private RSA key in PEM (PKCS #8 or #1). Fails
// with `internal` where it is not; the message holds nothing of it.
//
// This is what libcrypto's EVP interface comes in for. A thread that has used it must end before the
// library is unloaded, since OpenSSL keeps state for each of its threads.
Result<std::string> sign_rs256(const Secret& key, Bytes message);

// The token of those two JSON objects. The header has to say RS256.
Result<Secret> sign_jwt(Bytes header_json, Bytes claims_json, const Secret& key);

}  // namespace aigw::crypto
