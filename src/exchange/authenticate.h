// Puts a backend's credential into the headers of an attempt.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"
#include "crypto/sha256.h"
#include "http/header_map.h"
#include "http/undo_log.h"

namespace aigw::exchange {

// What a signature covers besides the headers that are sent.
struct SignedParts {
  Bytes path;               // as sent
  crypto::Digest payload_sha256;
  int64_t unix_seconds;
};

// Whether the credential of `backend` is a signature over the body.
inline bool signs_body(const config::Backend& backend) { return backend.auth == config::AuthKind::aws; }

// Sets the credential's headers through `log`. `anthropic_version` decides where an Anthropic key goes; `parts` is
// needed where signs_body(). Fails with unauthorized where the credential is empty.
Result<void> authenticate(const config::Backend& backend, Bytes anthropic_version, const SignedParts* parts,
                          http::HeaderMap& request, http::UndoLog& log);

}  // namespace aigw::exchange
