// SHA-256 (FIPS 180-4), incrementally.
//
// libcrypto's low-level functions do the work: they are five of its object files (20 kB in the
// module, with the SHA instructions of the processor), where its EVP interface would bring in 3.8
// MB, read openssl.cnf and leave state of the process behind.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace aigw::crypto {

using Digest = std::array<uint8_t, 32>;

// The digest's bytes as a view of it.
inline Bytes as_bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Copyable: a copy goes on from where the original stood.
class Sha256 {
 public:
  Sha256() { reset(); }

  void update(Bytes piece);

  // The digest of all pieces since the last reset. Then the object is ready for another message.
  Digest finish();

  void reset();

 private:
  // Holds libcrypto's SHA256_CTX, whose header stays out of ours; sha256.cc checks that it fits.
  alignas(8) std::array<unsigned char, 112> context_;
};

Digest sha256(Bytes message);
Digest sha256(Slices message);

}  // namespace aigw::crypto
