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

Result<void> sign(const Authentication& how, const host::aws::Credentials& credentials, http::HeaderMap& request,
                  http::UndoLog& log) {
  AIGW_CHECK(how.parts != nullptr);
  const std::string sent_host(request.get(":authority").value_or(""));
  const Bytes without_port = Bytes(sent_host).substr(0, sent_host.find(':'));
  Result<host::aws::Endpoint> endpoint = host::aws::endpoint(without_port, how.backend.region);
  if (!endpoint) return std::move(endpoint).error();
  const std::string method(request.get(":method").value_or("POST"));
  host::aws::SigningKey key;
  const host::aws::RequestToSign signed_request{method, sent_host, how.parts->path, how.parts->payload_sha256, {}};
  host::aws::Signature signature =
      host::aws::sign(credentials, endpoint->region, signed_request, how.unix_seconds, key);
  log.set(request, "authorization", signature.authorization);
  log.set(request, "x-amz-date", signature.date);
  if (!credentials.session_token.empty()) {
    log.set(request, "x-amz-security-token", credentials.session_token.reveal());
  }
  return {};
}

void set_key(const Authentication& how, Bytes key, http::HeaderMap& request, http::UndoLog& log) {
  const host::CredentialHeader header = header_of(how.backend, how.anthropic_version);
  SecretBuilder value(header.scheme.size() + key.size());
  log.set(request, header.name, value.append(header.scheme).append(key).reveal());
}

// The backend's own credential, in `buffer`.
Result<Bytes> own_credential(const Authentication& how, credential::Cell::Buffer& buffer) {
  const config::Backend& backend = how.backend;
  if (backend.credential == nullptr) {
    return Failure{FailureKind::internal,
                   "the kind of credential of backend " + backend.name + " is not supported"};
  }
  const Bytes secret = backend.credential->read_into(buffer);
  if (backend.credential->origin() == credential::Origin::fetched) {
    if (secret.empty()) {
      return Failure{FailureKind::unavailable, "the gateway has no token for this backend yet: its token service "
                                               "does not answer, or refuses"};
    }
    if (buffer.expires_at() != 0 && how.unix_seconds >= buffer.expires_at()) {
      return Failure{FailureKind::unavailable, "the gateway's token for this backend has expired, and its token "
                                               "service gives no other"};
    }
  }
  if (secret.empty()) return Failure{FailureKind::unauthorized, "missing upstream credential"};
  return secret;
}

}  // namespace

Result<void> authenticate(const Authentication& how, http::HeaderMap& request, http::UndoLog& log) {
  if (how.backend.auth == AuthKind::none) return {};
  const bool aws = how.backend.auth == AuthKind::aws;
  if (how.from_request != nullptr) {
    if (aws) return sign(how, how.from_request->aws, request, log);
    set_key(how, how.from_request->key.reveal(), request, log);
    return {};
  }
  credential::Cell::Buffer buffer;
  const Result<Bytes> secret = own_credential(how, buffer);
  if (!secret) return secret.error();
  if (!aws) {
    set_key(how, *secret, request, log);
    return {};
  }
  Result<host::aws::Credentials> credentials = host::aws::parse_credentials(*secret, how.backend.aws_profile);
  if (!credentials) return Failure{FailureKind::unauthorized, credentials.error().message};
  return sign(how, *credentials, request, log);
}

}  // namespace aigw::exchange
