#include "config/credentials.h"

#include <utility>

#include "credential/aws.h"
#include "credential/azure.h"
#include "credential/gcp.h"
#include "crypto/hex.h"
#include "crypto/sha256.h"

namespace aigw::config {
namespace {

using credential::Cell;
using credential::process_environment;
using credential::TokenSource;
using CellPtr = std::shared_ptr<const Cell>;

credential::Form form_of(AuthKind kind) {
  if (kind == AuthKind::gcp) return credential::Form::verbatim;
  if (kind == AuthKind::aws) return credential::Form::text;
  return credential::Form::trimmed;
}

Result<CellPtr> given(const SecretSpec& secret, credential::Form form, credential::Store& store) {
  switch (secret.source) {
    case SecretSpec::Source::file: return store.file(secret.place, form);
    case SecretSpec::Source::env: return store.env(secret.place, form);
    case SecretSpec::Source::literal: return store.literal(secret.literal, form);
    case SecretSpec::Source::sds: return store.sds(secret.place, form);
    case SecretSpec::Source::none: break;
  }
  return store.literal(Secret(), form);
}

Result<Credential> aws(const AuthSpec& spec, credential::Store& store) {
  const credential::Form form = credential::Form::text;
  if (!spec.token.role_arn.empty()) {
    return Credential{store.fetched(
        credential::aws_web_identity({spec.token.role_arn, spec.token.web_identity_token_file,
                                      spec.token.role_session_name,
                                      credential::aws_sts_url(spec.region, process_environment),
                                      process_environment("AI_GATEWAY_STS_PROXY_URL")}),
        form, {})};
  }
  Result<credential::AwsChoice> choice = credential::choose_aws(spec.region, process_environment);
  if (!choice) return std::move(choice).error();
  if (choice->source != nullptr) return Credential{store.fetched(std::move(choice->source), form, {})};
  Result<CellPtr> cell = choice->file.empty() ? store.literal(choice->literal, form) : store.file(choice->file, form);
  if (!cell) return std::move(cell).error();
  return Credential{std::move(*cell), choice->profile};
}

Result<Credential> azure(const AuthSpec& spec, credential::Store& store) {
  const TokenSpec& token = spec.token;
  const credential::Form form = credential::Form::trimmed;
  if (token.tenant_id.empty()) {
    return Credential{store.fetched(credential::choose_azure(token.scope, process_environment), form, {})};
  }
  credential::AzureApplication from;
  from.tenant_id = token.tenant_id;
  from.client_id = token.client_id;
  from.federated_token_file = token.federated_token_file;
  from.authority = token.authority_host;
  from.scope = token.scope;
  from.proxy = process_environment("AI_GATEWAY_AZURE_PROXY_URL");
  std::string key;
  if (token.client_secret.source != SecretSpec::Source::none) {
    Result<CellPtr> secret = given(token.client_secret, form, store);
    if (!secret) return std::move(secret).error();
    if (token.client_secret.source == SecretSpec::Source::file) {
      // Not from the cell, which learns of a change at another moment than the source.
      from.secret_file = token.client_secret.place;
    } else {
      from.client_secret = [cell = std::move(*secret)] {
        Cell::Buffer buffer;
        return Secret(cell->read_into(buffer));
      };
    }
    from.secret_name = "the client's secret";
    if (token.client_secret.source == SecretSpec::Source::literal) {
      // Another secret is another source: the one that is running goes on with the secret it has.
      key = crypto::hex(crypto::as_bytes(crypto::sha256(token.client_secret.literal.reveal())));
    } else {
      from.secret_name += " in " + token.client_secret.place;
    }
  }
  return Credential{store.fetched(credential::azure_application(std::move(from)), form, key)};
}

Result<Credential> gcp(const AuthSpec& spec, credential::Store& store) {
  std::unique_ptr<TokenSource> source =
      spec.token.credential_file.empty()
          ? credential::choose_gcp(process_environment)
          : credential::gcp_file(spec.token.credential_file, process_environment("AI_GATEWAY_GCP_AUTH_PROXY_URL"));
  return Credential{store.fetched(std::move(source), credential::Form::verbatim, {})};
}

}  // namespace

Result<Credential> credential_of(const AuthSpec& spec, credential::Store& store) {
  const bool only_from_requests = spec.credential_override && !spec.credential_override->fallback_to_configured;
  if (spec.secret.source == SecretSpec::Source::none && !only_from_requests) {
    if (spec.kind == AuthKind::aws) return aws(spec, store);
    if (spec.kind == AuthKind::azure_token) return azure(spec, store);
    if (spec.kind == AuthKind::gcp) return gcp(spec, store);
  }
  Result<CellPtr> cell = given(spec.secret, form_of(spec.kind), store);
  if (!cell) return std::move(cell).error();
  return Credential{std::move(*cell), spec.token.profile.empty() ? "default" : spec.token.profile};
}

}  // namespace aigw::config
