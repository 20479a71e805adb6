// The low-level functions are deprecated in favour of EVP; sha256.h says why they are used.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha256.h"

#include <openssl/sha.h>

#include <type_traits>

namespace aigw::crypto {
namespace {

SHA256_CTX* state(std::array<unsigned char, 112>& context) {
  static_assert(sizeof(SHA256_CTX) <= sizeof(context) && alignof(SHA256_CTX) <= 8);
  static_assert(std::is_trivially_copyable_v<SHA256_CTX>);
  return reinterpret_cast<SHA256_CTX*>(context.data());
}

}  // namespace

void Sha256::reset() {
  context_.fill(0);
  SHA256_Init(state(context_));
}

void Sha256::update(Bytes piece) {
  if (!piece.empty()) SHA256_Update(state(context_), piece.data(), piece.size());
}

Digest Sha256::finish() {
  Digest digest;
  SHA256_Final(digest.data(), state(context_));
  reset();
  return digest;
}

Digest sha256(Bytes message) { return sha256(Slices(&message, 1)); }

Digest sha256(Slices message) {
  Sha256 hash;
  for (Bytes piece : message) hash.update(piece);
  return hash.finish();
}

}  // namespace aigw::crypto
