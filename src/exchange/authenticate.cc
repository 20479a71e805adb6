#include "exchange/authenticate.h"

#include <string>

#include "credential/cell.h"
#include "host/anthropic/anthropic.h"
#include "host/aws/credentials.h"
#include "host/aws/endpoint.h"
#include "host/aws/sigv4.h"
#include "host/azure/azure.h"
#include "host/common.h"
#include "host/gcp/gcp.h"

namespace aigw::exchange {
namespace {

using config::AuthKind;

host::CredentialHeader header_of(const config::Backend& backend, Bytes anthropic_version) {
  const AuthKind kind = backend.auth;
  switch (kind) {
    case AuthKind::azure_api_key:
    case AuthKind::azure_token:
      return host::azure::credential_header(kind);
    case AuthKind::anthropic_api_key:
      return host::anthropic::credential_header(kind, anthropic_version);
    case AuthKind::api_key:
      if (backend.schema == config::SchemaName::gemini_api) return host::gcp::kKey;
      break;
    case AuthKind::none:
    case AuthKind::gcp:
    case AuthKind::aws:
      break;
  }
  return host::kBearer;
}

Result<void> sign(const config::Backend& backend, Bytes file, const SignedParts& parts, http::HeaderMap& request,
                  http::UndoLog& log) {
  Result<host::aws::Credentials> credentials = host::aws::parse_credentials(file);
  if (!credentials) return Failure{FailureKind::unauthorized, credentials.error().message};
  const std::string sent_host(request.get(":authority").value_or(""));
  const Bytes without_port = Bytes(sent_host).substr(0, sent_host.find(':'));
  Result<host::aws::Endpoint> endpoint = host::aws::endpoint(without_port, backend.region);
  if (!endpoint) return std::move(endpoint).error();
  const std::string method(request.get(":method").value_or("POST"));
  host::aws::SigningKey key;
  const host::aws::RequestToSign signed_request{method, sent_host, parts.path, parts.payload_sha256, {}};
  host::aws::Signature signature =
      host::aws::sign(*credentials, endpoint->region, signed_request, parts.unix_seconds, key);
  log.set(request, "authorization", signature.authorization);
  log.set(request, "x-amz-date", signature.date);
  if (!credentials->session_token.empty()) log.set(request, "x-amz-security-token", credentials->session_token);
  return {};
}

}  // namespace

Result<void> authenticate(const config::Backend& backend, Bytes anthropic_version, const SignedParts* parts,
                          http::HeaderMap& request, http::UndoLog& log) {
  if (backend.auth == AuthKind::none) return {};
  if (backend.credential == nullptr) {
    return Failure{FailureKind::internal,
                   "the kind of credential of backend " + backend.name + " is not supported"};
  }
  credential::Cell::Buffer buffer;
  const Bytes secret = backend.credential->read_into(buffer);
  if (secret.empty()) return Failure{FailureKind::unauthorized, "missing upstream credential"};
  if (backend.auth == AuthKind::aws) {
    AIGW_CHECK(parts != nullptr);
    return sign(backend, secret, *parts, request, log);
  }
  const host::CredentialHeader header = header_of(backend, anthropic_version);
  std::string value(header.scheme);
  value += secret;
  log.set(request, header.name, value);
  return {};
}

}  // namespace aigw::exchange
