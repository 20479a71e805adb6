#include "control/filterapi_json.h"

#include <cstdio>
#include <ctime>

namespace aigw::control {
namespace {

using config::AuthKind;
using config::SecretSpec;

std::string text(Bytes bytes) { return std::string(bytes); }

void put(Json& to, const char* key, const std::string& value) {
  if (!value.empty()) to[key] = value;
}

void put(Json& to, const char* key, const std::vector<std::string>& list) {
  if (!list.empty()) to[key] = list;
}

void put(Json& to, const char* key, Json value) {
  if (!value.empty()) to[key] = std::move(value);
}

template <class T, class Convert>
Json list_of(const std::vector<T>& values, Convert convert) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(convert(value));
  return list;
}

std::string rfc3339(int64_t seconds) {
  const std::time_t time = seconds;
  std::tm utc{};
  gmtime_r(&time, &utc);
  char buffer[32];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return buffer;
}

// How a kind of auth spells a secret that is in a file.
const char* file_member(AuthKind kind) {
  switch (kind) {
    case AuthKind::azure_token:
    case AuthKind::gcp:
      return "accessTokenFile";
    case AuthKind::aws:
      return "credentialFile";
    case AuthKind::none:
    case AuthKind::api_key:
    case AuthKind::azure_api_key:
    case AuthKind::anthropic_api_key:
      break;
  }
  return "keyFile";
}

Json override_json(const config::CredentialOverrideSpec& from) {
  Json json = Json::object();
  put(json, "headerName", from.header_name);
  put(json, "dynamicMetadataNamespace", from.metadata_namespace);
  put(json, "dynamicMetadataKey", from.metadata_key);
  if (from.fallback_to_configured) json["fallbackToConfigured"] = true;
  put(json, "inputHeadersToRemove", from.input_headers_to_remove);
  return json;
}

void put(Json& kind, const config::TokenSpec& token, const config::BackendSpec& backend, const KeyPath& key_path) {
  put(kind, "profile", token.profile);
  put(kind, "roleARN", token.role_arn);
  put(kind, "webIdentityTokenFile", token.web_identity_token_file);
  put(kind, "roleSessionName", token.role_session_name);
  // Of AWS the same key is that of a credentials file, which `kind` has got already.
  if (!token.credential_file.empty()) kind["credentialFile"] = token.credential_file;
  put(kind, "tenantID", token.tenant_id);
  put(kind, "clientID", token.client_id);
  if (token.client_secret.source == SecretSpec::Source::sds) {
    kind["sdsSecret"] = token.client_secret.place;
  } else if (token.client_secret.source != SecretSpec::Source::none) {
    kind["clientSecretFile"] = token.client_secret.source == SecretSpec::Source::file ? token.client_secret.place
                                                                                      : key_path(backend);
  }
  put(kind, "federatedTokenFile", token.federated_token_file);
  put(kind, "authorityHost", token.authority_host);
  put(kind, "scope", token.scope);
}

Json auth_json(const config::BackendSpec& backend, const KeyPath& key_path) {
  const config::AuthSpec& auth = *backend.auth;
  Json json = Json::object();
  if (auth.kind != AuthKind::none) {
    Json kind = Json::object();
    const SecretSpec& secret = auth.secret;
    if (secret.source == SecretSpec::Source::sds) {
      kind["sdsSecret"] = secret.place;
    } else if (secret.source != SecretSpec::Source::none) {
      kind[file_member(auth.kind)] =
          secret.source == SecretSpec::Source::file ? secret.place : key_path(backend);
    }
    put(kind, auth.token, backend, key_path);
    put(kind, "region", auth.region);
    put(kind, "projectName", auth.project);
    // A block may be empty: the credential then comes from elsewhere.
    json[text(config::to_string(auth.kind))] = std::move(kind);
  }
  if (auth.credential_override)
    json["credentialOverride"] = override_json(*auth.credential_override);
  return json;
}

Json header_mutation_json(const config::HeaderMutation& from) {
  Json json = Json::object();
  put(json, "set", list_of(from.set, [](const config::HeaderSet& one) {
        return Json{{"name", one.name}, {"value", one.value}};
      }));
  put(json, "remove", from.remove);
  return json;
}

Json body_mutation_json(const config::BodyMutation& from) {
  Json json = Json::object();
  put(json, "set", list_of(from.set, [](const config::BodySet& one) {
        return Json{{"path", one.path}, {"value", one.value}};
      }));
  put(json, "remove", from.remove);
  return json;
}

Json backend_json(const config::BackendSpec& from, const KeyPath& key_path) {
  Json json = {{"name", from.name}};
  put(json, "modelNameOverride", from.model_name_override);
  if (from.default_max_tokens) json["defaultMaxTokens"] = *from.default_max_tokens;
  Json schema = {{"name", text(config::to_string(from.schema.name, from.schema.service))}};
  put(schema, "version", from.schema.version);
  put(schema, "prefix", from.schema.prefix);
  json["schema"] = std::move(schema);
  if (from.auth) json["auth"] = auth_json(from, key_path);
  put(json, "httpHeaderMutation", header_mutation_json(from.header_mutation));
  put(json, "httpBodyMutation", body_mutation_json(from.body_mutation));
  return json;
}

Json cost_json(const config::CostSpec& from) {
  Json json = {{"metadataKey", from.metadata_key}, {"type", text(config::to_string(from.type))}};
  put(json, "cel", from.cel);
  put(json, "routeName", from.route_name);
  put(json, "backend", from.backend);
  put(json, "model", from.model);
  return json;
}

Json rates_json(const config::PriceRates& from) {
  Json json = Json::object();
  put(json, "input", from.input);
  put(json, "cachedInput", from.cached_input);
  put(json, "cacheCreationInput", from.cache_creation_input);
  put(json, "output", from.output);
  put(json, "reasoning", from.reasoning);
  put(json, "request", from.request);
  return json;
}

Json price_json(const config::PriceSpec& from) {
  Json json = {{"model", from.model}};
  put(json, "backend", from.backend);
  if (from.from) json["from"] = rfc3339(*from.from);
  json.update(rates_json(from.rates));
  put(json, "tiers", list_of(from.tiers, [](const config::PriceTier& tier) {
        Json one = {{"above", tier.above}};
        one.update(rates_json(tier.rates));
        return one;
      }));
  return json;
}

Json prices_json(const config::PricesSpec& from) {
  Json json = {{"metadataKey", from.metadata_key}};
  if (!from.file.empty()) {
    json["file"] = from.file;
    return json;
  }
  json["currency"] = from.currency;
  json["models"] = list_of(from.models, price_json);
  return json;
}

Json model_json(const config::ModelSpec& from) {
  Json json = {{"Name", from.name}};
  put(json, "OwnedBy", from.owned_by);
  if (from.created_at != 0) json["CreatedAt"] = rfc3339(from.created_at);
  return json;
}

}  // namespace

Json filterapi_json(const config::Document& document, const KeyPath& key_path) {
  Json json = Json::object();
  put(json, "version", document.version);
  put(json, "uuid", document.uuid);
  put(json, "globalLLMRequestCosts", list_of(document.global_costs, cost_json));
  put(json, "llmRequestCosts", list_of(document.route_costs, cost_json));
  put(json, "clientRules", list_of(document.client_rules, [](const config::ClientRule& rule) {
        Json one = {{"client", rule.client}, {"models", rule.models}};
        for (const auto& [key, value] : rule.metadata) one["metadata"][key] = value;
        return one;
      }));
  if (document.prices) json["prices"] = prices_json(*document.prices);
  put(json, "backends", list_of(document.backends, [&](const config::BackendSpec& backend) {
        return backend_json(backend, key_path);
      }));
  put(json, "models", list_of(document.models, model_json));
  Json by_host = Json::object();
  for (const auto& [host, models] : document.models_by_host)
    by_host[host] = list_of(models, model_json);
  put(json, "modelsByHost", std::move(by_host));
  put(json, "unscopedModels", list_of(document.unscoped_models, model_json));
  return json;
}

}  // namespace aigw::control
