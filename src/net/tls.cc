#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <climits>

namespace aigw::net {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};

// What OpenSSL noted last, in its words.
std::string last_error() {
  const unsigned long code = ERR_get_error();
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return code == 0 ? "the connection broke" : text;
}

Failure failed(const std::string& what) {
  return Failure{FailureKind::unavailable, "TLS: " + what};
}

bool is_ip(const std::string& host) {
  unsigned char binary[16];
  return ::inet_pton(AF_INET, host.c_str(), binary) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), binary) == 1;
}

int clamped(size_t size) { return static_cast<int>(std::min<size_t>(size, INT_MAX)); }

}  // namespace

struct Tls::State {
  std::unique_ptr<SSL_CTX, FreeContext> context;
  std::unique_ptr<SSL, FreeSession> session;
};

Tls::Tls(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tls::~Tls() = default;

Result<std::unique_ptr<Tls>> Tls::open(int fd, const std::string& host,
                                       const TlsFiles& files) {
  // Before anything else of OpenSSL's, or it would read a configuration of the machine's.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  ERR_clear_error();
  auto state = std::make_unique<State>();
  state->context.reset(SSL_CTX_new(TLS_client_method()));
  if (state->context == nullptr) return failed(last_error());
  SSL_CTX* const context = state->context.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Servers that end without saying so are told apart by the length of their answer.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_locations(context, files.authorities.c_str(), nullptr) != 1) {
    ERR_clear_error();
    return failed("cannot read certificates of authorities from " +
                  (files.authorities.empty() ? "any file" : files.authorities));
  }
  if (!files.certificate.empty()) {
    const std::string& key = files.key.empty() ? files.certificate : files.key;
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
      ERR_clear_error();
      return failed("cannot read a certificate and its key from " + files.certificate + " and " + key);
    }
  }
  state->session.reset(SSL_new(context));
  SSL* const session = state->session.get();
  if (session == nullptr || SSL_set_fd(session, fd) != 1) return failed(last_error());
  const bool by_ip = is_ip(host);
  if (!by_ip && SSL_set_tlsext_host_name(session, host.c_str()) != 1) return failed(last_error());
  const int named = by_ip ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str())
                          : SSL_set1_host(session, host.c_str());
  if (named != 1) return failed(last_error());
  return std::unique_ptr<Tls>(new Tls(std::move(state)));
}

Result<Tls::Want> Tls::outcome(int result, const char* doing) {
  SSL* const session = state_->session.get();
  switch (SSL_get_error(session, result)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_ZERO_RETURN:
      return Want::nothing;
    case SSL_ERROR_WANT_READ:
      return Want::read;
    case SSL_ERROR_WANT_WRITE:
      return Want::write;
    default:
      break;
  }
  const long verified = SSL_get_verify_result(session);
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return failed(std::string("the server's certificate is refused: ") +
                  X509_verify_cert_error_string(verified));
  }
  return failed(std::string(doing) + ": " + last_error());
}

Result<Tls::Want> Tls::handshake() {
  return outcome(SSL_connect(state_->session.get()), "handshake");
}

Result<Tls::Want> Tls::write(Bytes bytes, size_t& sent) {
  const int count = SSL_write(state_->session.get(), bytes.data(), clamped(bytes.size()));
  sent = count > 0 ? static_cast<size_t>(count) : 0;
  return outcome(count, "sending");
}

Result<Tls::Want> Tls::read(char* into, size_t capacity, size_t& got) {
  const int count = SSL_read(state_->session.get(), into, clamped(capacity));
  got = count > 0 ? static_cast<size_t>(count) : 0;
  return outcome(count, "receiving");
}

}  // namespace aigw::net
