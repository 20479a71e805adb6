#include "crypto/jwt.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "crypto/base64.h"

namespace aigw::crypto {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// A key that is encrypted has no password here: OpenSSL would ask for it on the terminal.
int no_password(char*, int, int, void*) { return -1; }

Failure no_key() {
  ERR_clear_error();
  return Failure{FailureKind::internal, "the private key is not an unencrypted RSA key in PEM"};
}

}  // namespace

std::string to_base64_url(Bytes bytes) {
  std::string text = to_base64(bytes, Padding::absent);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

Result<std::string> sign_rs256(const Secret& key, Bytes message) {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  const Bytes pem = key.reveal();
  if (pem.size() > INT_MAX) return no_key();
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return no_key();
  const std::unique_ptr<EVP_PKEY, FreeKey> parsed(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (parsed == nullptr || EVP_PKEY_base_id(parsed.get()) != EVP_PKEY_RSA) return no_key();
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  size_t size = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, parsed.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) != 1) {
    return no_key();
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                     message.size()) != 1) {
    return no_key();
  }
  signature.resize(size);
  return signature;
}

Result<Secret> sign_jwt(Bytes header_json, Bytes claims_json, const Secret& key) {
  std::string token = to_base64_url(header_json) + "." + to_base64_url(claims_json);
  const Result<std::string> signature = sign_rs256(key, token);
  if (!signature) return signature.error();
  token += ".";
  token += to_base64_url(*signature);
  return Secret(token);
}

}  // namespace aigw::crypto
