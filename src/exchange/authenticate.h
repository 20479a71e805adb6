// Puts a backend's credential into the headers of an attempt.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"
#include "exchange/credential_override.h"
#include "crypto/sha256.h"
#include "http/header_map.h"
#include "http/undo_log.h"

namespace aigw::exchange {

// What a signature covers besides the headers that are sent.
struct SignedParts {
  Bytes path;               // as sent
  crypto::Digest payload_sha256;
};

// Whether the credential of `backend` is a signature over the body.
inline bool signs_body(const config::Backend& backend) { return backend.auth == config::AuthKind::aws; }

// What a credential is put into headers with.
struct Authentication {
  const config::Backend& backend;
  const RequestCredential* from_request;  // null: the backend's own
  Bytes anthropic_version;                // decides where an Anthropic key goes
  const SignedParts* parts;               // needed where signs_body(), else null
  int64_t unix_seconds;                   // now; 0 where there is no clock, and then nothing expires
};

// Sets the credential's headers through `log`. Fails with `unauthorized` where there is no credential, and with
// `unavailable` where a token service has given none, or none that still lives.
Result<void> authenticate(const Authentication& how, http::HeaderMap& request, http::UndoLog& log);

}  // namespace aigw::exchange
