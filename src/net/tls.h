// The client side of TLS over a socket that does not block, with OpenSSL, which stays out of this
// header. It reads no openssl.cnf, and trusts one file of certificates.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::net {

// Files of PEM: whom this side trusts, and who it is. Without a certificate it is nobody; the key may stand in the file
// of the certificate.
struct TlsFiles {
  std::string authorities = {};
  std::string certificate = {};
  std::string key = {};
};

class Tls {
 public:
  // What the socket has to become before the same call is made again; `nothing`: it is done.
  enum class Want : uint8_t { nothing, read, write };

  // TLS 1.2 or later; the certificate has to be valid for `host`, a name or an IP address, under the
  // authorities of `files`. The socket stays the caller's, and open as long as this lives.
  static Result<std::unique_ptr<Tls>> open(int fd, const std::string& host,
                                           const TlsFiles& files);
  ~Tls();
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  Result<Want> handshake();
  // `sent` bytes of it have gone.
  Result<Want> write(Bytes bytes, size_t& sent);
  // `got` bytes have come; done with 0 is the end of the stream.
  Result<Want> read(char* into, size_t capacity, size_t& got);

 private:
  struct State;
  explicit Tls(std::unique_ptr<State> state);
  Result<Want> outcome(int result, const char* doing);

  std::unique_ptr<State> state_;
};

}  // namespace aigw::net
