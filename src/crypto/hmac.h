// HMAC with SHA-256 (RFC 2104), incrementally.
#pragma once

#include "base/bytes.h"
#include "crypto/sha256.h"

namespace aigw::crypto {

// Holds what the key leaves in the hash, which is as secret as the key. Copyable.
class HmacSha256 {
 public:
  // A key of any length; it is read here only.
  explicit HmacSha256(Bytes key);

  void update(Bytes piece) { inner_.update(piece); }

  // The code of all pieces since the last one. Then the object is ready for another message.
  Digest finish();

 private:
  Sha256 inner_;
  Sha256 inner_keyed_;
  Sha256 outer_keyed_;
};

Digest hmac_sha256(Bytes key, Bytes message);

}  // namespace aigw::crypto
