// One HTTP/1.1 request at a time to a token service, blocking, on a thread that may block and has
// SIGPIPE blocked. No redirects (a token goes where the configuration says), no cookies, one
// connection a request.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/interrupt.h"
#include "net/tls.h"

namespace aigw::net {

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};
  std::vector<std::pair<std::string, Secret>> headers = {};  // besides host, content-length, connection
  Secret body = {};
  Bytes plain_body = {};  // where there is no `body`: one that need not be erased; it outlives send()
  TlsFiles tls = {};       // over https; without authorities, the client's
  std::string proxy = {};  // URL of an HTTP proxy, "" for none; https goes through it with CONNECT
  std::chrono::milliseconds timeout{10'000};  // of the whole exchange
};

struct HttpResponse {
  int status = 0;
  Secret body;  // at most limits::token_answer_max

  bool ok() const { return status >= 200 && status < 300; }
};

class HttpClient {
 public:
  // `ca_file`: PEM certificates of the authorities that https servers are trusted by; "" where there
  // are none, and then https fails. `interrupt` ends every wait; it may be null and outlives the client.
  HttpClient(std::string ca_file, const Interrupt* interrupt)
      : ca_file_(std::move(ca_file)), interrupt_(interrupt) {}

  // Fails with `unavailable` where no whole answer came. The message names the server at most: nothing
  // of headers, body or query.
  Result<HttpResponse> send(const HttpRequest& request) const;

 private:
  std::string ca_file_;
  const Interrupt* interrupt_;
};

// The system's bundle of authorities: what SSL_CERT_FILE names, else the first of the usual files that
// is there; "" for none.
std::string system_ca_file();

}  // namespace aigw::net
