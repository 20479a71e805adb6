// `auth` of a backend: one kind of credential, from one source. No message here quotes a value.
#include <array>

#include "config/checks.h"
#include "config/load_parts.h"
#include "config/words.h"

namespace aigw::config {
namespace {

// How a kind spells the three sources of its secret, and what else it has.
struct Kind {
  AuthKind kind;
  Bytes literal, file, env;
  bool optional_secret;  // without one it is fetched
  Bytes region, project;
};

constexpr std::array<Kind, kAuthKinds - 1> kKinds{{
    {AuthKind::api_key, "key", "keyFile", "keyEnv", false, {}, {}},
    {AuthKind::azure_api_key, "key", "keyFile", "keyEnv", false, {}, {}},
    {AuthKind::azure_token, "accessToken", "accessTokenFile", "accessTokenEnv", true, {}, {}},
    {AuthKind::anthropic_api_key, "key", "keyFile", "keyEnv", false, {}, {}},
    {AuthKind::gcp, "accessToken", "accessTokenFile", "accessTokenEnv", true, "region",
     "projectName"},
    {AuthKind::aws, "credentialFileLiteral", "credentialFile", "credentialFileEnv", true, "region",
     {}},
}};

// A generic secret that Envoy delivers, for whatever the kind needs.
constexpr Bytes kSdsSecret = "sdsSecret";

SecretSpec load_secret(Object& block, const Kind& kind, const LoadOptions& options, bool optional) {
  struct Source {
    SecretSpec::Source source;
    Bytes key;
  };
  const std::array<Source, 4> sources{{{SecretSpec::Source::literal, kind.literal},
                                       {SecretSpec::Source::file, kind.file},
                                       {SecretSpec::Source::env, kind.env},
                                       {SecretSpec::Source::sds, kSdsSecret}}};
  SecretSpec secret;
  Bytes taken;
  bool tried = false;
  for (const auto& [source, key] : sources) {
    tried = tried || block.find(key) != nullptr;
    std::string value = block.text(key);
    if (value.empty()) continue;
    if (!taken.empty()) {
      block.error(key, "only one source is allowed, and there is " + std::string(taken) + " too");
      continue;
    }
    taken = key;
    if (source == SecretSpec::Source::literal) {
      if (!options.allow_literals) {
        block.error(key, "not accepted here, where Envoy's /config_dump shows it; use " +
                             std::string(kind.file) + " or " + std::string(kind.env));
      } else if (value.find_first_not_of(" \t\r\n") == std::string::npos) {
        block.error(key, "may not be blank");
      }
    } else if (source == SecretSpec::Source::env && !is_variable_name(value)) {
      block.error(key, "expected the name of an environment variable");
    }
    secret.source = source;
    if (source == SecretSpec::Source::literal) {
      secret.literal = Secret(value);
      erase_bytes(value.data(), value.size());
    } else {
      secret.place = std::move(value);
    }
  }
  if (taken.empty() && !optional) {
    const std::array<Bytes, 3> keys{kind.literal, kind.file, kind.env};
    block.report().error(block.place(), block.path(),
                         "one of " + list_of(keys) + (tried ? " may not be empty" : " is needed"));
  }
  return secret;
}

}  // namespace

SecretSpec load_key(Object& block, const LoadOptions& options) { return load_secret(block, kKinds[0], options, false); }

namespace {

constexpr Kind kClientSecret{AuthKind::none, "clientSecret", "clientSecretFile", "clientSecretEnv", true, {}, {}};

// Two keys of which neither means anything without the other.
void need_both(Object& block, Bytes a, Bytes b, const std::string& value_a, const std::string& value_b) {
  if (value_a.empty() == value_b.empty()) return;
  block.error(value_a.empty() ? b : a, "needs " + std::string(value_a.empty() ? a : b) + " beside it");
}

// What `key` says has no use where the credential itself is given.
void refuse_beside_secret(Object& block, const SecretSpec& secret, Bytes key, const std::string& value) {
  if (value.empty() || secret.source == SecretSpec::Source::none) return;
  block.error(key, "has no use beside a credential that is given");
}

TokenSpec load_aws_token(Object& block, const SecretSpec& secret) {
  TokenSpec out;
  out.profile = block.text("profile");
  out.role_arn = block.text("roleARN");
  out.web_identity_token_file = block.text("webIdentityTokenFile");
  out.role_session_name = block.text("roleSessionName");
  need_both(block, "roleARN", "webIdentityTokenFile", out.role_arn, out.web_identity_token_file);
  refuse_beside_secret(block, secret, "roleARN", out.role_arn);
  if (!out.profile.empty() && secret.source == SecretSpec::Source::none) {
    block.error("profile", "is one of a credentials file, which is not given; AWS_PROFILE is that of the environment");
  }
  return out;
}

TokenSpec load_azure_token(Object& block, const SecretSpec& secret, const LoadOptions& options) {
  TokenSpec out;
  out.tenant_id = block.text("tenantID");
  out.client_id = block.text("clientID");
  out.client_secret = load_secret(block, kClientSecret, options, true);
  out.federated_token_file = block.text("federatedTokenFile");
  out.authority_host = block.text("authorityHost");
  out.scope = block.text("scope");
  need_both(block, "tenantID", "clientID", out.tenant_id, out.client_id);
  refuse_beside_secret(block, secret, "tenantID", out.tenant_id);
  const bool has_secret = out.client_secret.source != SecretSpec::Source::none;
  const bool has_file = !out.federated_token_file.empty();
  if (has_secret && has_file) {
    block.error("federatedTokenFile", "only one proof is allowed, and there is a client secret too");
  } else if (!out.tenant_id.empty() && !has_secret && !has_file) {
    block.error("tenantID", "needs a client secret or federatedTokenFile beside it");
  } else if (out.tenant_id.empty() && (has_secret || has_file)) {
    block.report().error(block.place(), block.path(), "tenantID and clientID are needed");
  }
  return out;
}

TokenSpec load_token(Object& block, AuthKind kind, const SecretSpec& secret, const LoadOptions& options) {
  TokenSpec out;
  if (kind == AuthKind::aws) return load_aws_token(block, secret);
  if (kind == AuthKind::azure_token) return load_azure_token(block, secret, options);
  if (kind != AuthKind::gcp) return out;
  out.credential_file = block.text("credentialFile");
  refuse_beside_secret(block, secret, "credentialFile", out.credential_file);
  return out;
}

CredentialOverrideSpec load_override(Object& block) {
  CredentialOverrideSpec out;
  out.header_name = block.text("headerName");
  out.metadata_namespace = block.text("dynamicMetadataNamespace");
  out.metadata_key = block.text("dynamicMetadataKey");
  out.fallback_to_configured = block.boolean("fallbackToConfigured");
  if (!out.header_name.empty() && !is_token(out.header_name)) {
    block.error("headerName", "not the name of a header: " + quoted(out.header_name));
  }
  if (!out.header_name.empty() && !out.metadata_namespace.empty()) {
    block.error("dynamicMetadataNamespace",
                "only one source is allowed, and there is headerName too");
  }
  if (!out.metadata_key.empty() && out.metadata_namespace.empty()) {
    block.error("dynamicMetadataKey", "dynamicMetadataNamespace is needed with it");
  }
  block.each("inputHeadersToRemove", [&](const Node& item, const Path& path) {
    if (!expect_kind(block.report(), item, path, Node::Kind::string)) return;
    if (!is_token(item.text)) {
      block.report().error(item.place, path, "not the name of a header: " + quoted(item.text));
    }
    out.input_headers_to_remove.push_back(item.text);
  });
  return out;
}

}  // namespace

void load_auth(Object& auth, const LoadOptions& options, AuthSpec& out) {
  auth.nested("credentialOverride",
              [&](Object& block) { out.credential_override = load_override(block); });
  const bool from_request =
      out.credential_override && !out.credential_override->fallback_to_configured;
  for (const Kind& kind : kKinds) {
    const Bytes key = to_string(kind.kind);
    auth.nested(key, [&](Object& block) {
      const SecretSpec secret =
          load_secret(block, kind, options, kind.optional_secret || from_request);
      const std::string region =
          kind.region.empty() ? std::string() : block.required_text(kind.region);
      const std::string project =
          kind.project.empty() ? std::string() : block.required_text(kind.project);
      note_if_idle(block.report(), block.place(), block.path(), "auth " + std::string(key));
      TokenSpec token = load_token(block, kind.kind, secret, options);
      if (out.kind != AuthKind::none) {
        auth.error(key, "only one kind is allowed, and there is " +
                            std::string(to_string(out.kind)) + " too");
        return;
      }
      out.kind = kind.kind;
      out.secret = secret;
      out.region = region;
      out.project = project;
      out.token = std::move(token);
    });
  }
  if (out.kind == AuthKind::none) {
    auth.report().error(auth.place(), auth.path(),
                        "one of " + list_of(std::span(kAuthWords).subspan(1)) + " is needed");
  }
}

}  // namespace aigw::config
