#include "crypto/hmac.h"

namespace aigw::crypto {

HmacSha256::HmacSha256(Bytes key) {
  constexpr size_t kBlock = 64;
  Digest hashed;
  if (key.size() > kBlock) {
    hashed = sha256(key);
    key = as_bytes(hashed);
  }
  std::array<char, kBlock> inner;
  std::array<char, kBlock> outer;
  inner.fill(0x36);
  outer.fill(0x5c);
  for (size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  inner_keyed_.update({inner.data(), inner.size()});
  outer_keyed_.update({outer.data(), outer.size()});
  inner_ = inner_keyed_;
}

Digest HmacSha256::finish() {
  Sha256 outer = outer_keyed_;
  outer.update(as_bytes(inner_.finish()));
  inner_ = inner_keyed_;
  return outer.finish();
}

Digest hmac_sha256(Bytes key, Bytes message) {
  HmacSha256 hmac(key);
  hmac.update(message);
  return hmac.finish();
}

}  // namespace aigw::crypto
