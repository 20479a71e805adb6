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
  bool optional_secret;  // without one the cloud's own chain of credentials is used
  Bytes region, project;
};

constexpr std::array<Kind, kAuthKinds - 1> kKinds{{
    {AuthKind::api_key, "key", "keyFile", "keyEnv", false, {}, {}},
    {AuthKind::azure_api_key, "key", "keyFile", "keyEnv", false, {}, {}},
    {AuthKind::azure_token, "accessToken", "accessTokenFile", "accessTokenEnv", false, {}, {}},
    {AuthKind::anthropic_api_key, "key", "keyFile", "keyEnv", false, {}, {}},
    {AuthKind::gcp, "accessToken", "accessTokenFile", "accessTokenEnv", true, "region",
     "projectName"},
    {AuthKind::aws, "credentialFileLiteral", "credentialFile", "credentialFileEnv", true, "region",
     {}},
}};

Secret load_secret(Object& block, const Kind& kind, const LoadOptions& options, bool optional) {
  struct Source {
    Secret::Source source;
    Bytes key;
  };
  const std::array<Source, 3> sources{{{Secret::Source::literal, kind.literal},
                                       {Secret::Source::file, kind.file},
                                       {Secret::Source::env, kind.env}}};
  Secret secret;
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
    if (source == Secret::Source::literal) {
      if (!options.allow_literals) {
        block.error(key, "not accepted here, where Envoy's /config_dump shows it; use " +
                             std::string(kind.file) + " or " + std::string(kind.env));
      } else if (value.find_first_not_of(" \t\r\n") == std::string::npos) {
        block.error(key, "may not be blank");
      }
    } else if (source == Secret::Source::env && !is_variable_name(value)) {
      block.error(key, "expected the name of an environment variable");
    }
    secret = {source, std::move(value)};
  }
  if (taken.empty() && !optional) {
    const std::array<Bytes, 3> keys{kind.literal, kind.file, kind.env};
    block.report().error(block.place(), block.path(),
                         "one of " + list_of(keys) + (tried ? " may not be empty" : " is needed"));
  }
  return secret;
}

CredentialOverride load_override(Object& block) {
  CredentialOverride out;
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
  auth.nested("credentialOverride", [&](Object& block) {
    out.credential_override = load_override(block);
    note_if_idle(block.report(), block.place(), block.path(), "credentialOverride");
  });
  const bool from_request =
      out.credential_override && !out.credential_override->fallback_to_configured;
  for (const Kind& kind : kKinds) {
    const Bytes key = to_string(kind.kind);
    auth.nested(key, [&](Object& block) {
      const Secret secret =
          load_secret(block, kind, options, kind.optional_secret || from_request);
      const std::string region =
          kind.region.empty() ? std::string() : block.required_text(kind.region);
      const std::string project =
          kind.project.empty() ? std::string() : block.required_text(kind.project);
      const bool tokenless = kind.kind == AuthKind::gcp && secret.source == Secret::Source::none;
      note_if_idle(block.report(), block.place(), block.path(),
                   "auth " + std::string(key) + (tokenless ? " without a token" : ""));
      if (out.kind != AuthKind::none) {
        auth.error(key, "only one kind is allowed, and there is " +
                            std::string(to_string(out.kind)) + " too");
        return;
      }
      out.kind = kind.kind;
      out.secret = secret;
      out.region = region;
      out.project = project;
    });
  }
  if (out.kind == AuthKind::none) {
    auth.report().error(auth.place(), auth.path(),
                        "one of " + list_of(std::span(kAuthWords).subspan(1)) + " is needed");
  }
}

}  // namespace aigw::config
