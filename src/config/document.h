// The filterapi document as written: plain values, checked by load.h, that own all their text.
// Names, keys and defaults are those of the peer's schema; `SecretSpec` and its keyFile/keyEnv
// spellings are ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "config/names.h"

namespace aigw::config {

// Where a credential comes from.
struct SecretSpec {
  enum class Source : uint8_t { none, literal, file, env, sds };
  Source source = Source::none;
  // The path of the file, or the name of the environment variable or of the secret.
  std::string place;
  Secret literal;

  static SecretSpec of_literal(Bytes text) { return {Source::literal, {}, Secret(text)}; }
  static SecretSpec of_file(std::string path) { return {Source::file, std::move(path), {}}; }
  static SecretSpec of_sds(std::string name) { return {Source::sds, std::move(name), {}}; }
  static SecretSpec of_env(std::string name) { return {Source::env, std::move(name), {}}; }
  bool operator==(const SecretSpec&) const = default;
};

struct SchemaSpec {
  SchemaName name = SchemaName::openai;
  std::string version;
  std::string prefix;  // as written, "" if absent; compile.h applies the defaults
  Service service = Service::none;
  bool operator==(const SchemaSpec&) const = default;
};

// The credential comes with each request, from a header or from dynamic metadata.
struct CredentialOverrideSpec {
  // For aws a prefix; "" = the default of the kind, unless metadata is named.
  std::string header_name;
  std::string metadata_namespace;
  std::string metadata_key;
  bool fallback_to_configured = false;
  std::vector<std::string> input_headers_to_remove;
  bool operator==(const CredentialOverrideSpec&) const = default;
};

// How a credential is fetched that is not given. All empty: as the vendor's own libraries find one, from
// the environment and the machine. The peer knows none of this.
struct TokenSpec {
  std::string profile;                  // aws, of a given credentials file
  std::string role_arn;                 // aws: the role that is assumed with the token in …
  std::string web_identity_token_file;  // … this file, and …
  std::string role_session_name;        // … under this name
  std::string credential_file;          // gcp: a key of a service account, or an external account
  std::string tenant_id, client_id;     // azure: an application, which proves itself by …
  SecretSpec client_secret;             // … its secret, or …
  std::string federated_token_file;     // … the token in this file
  std::string authority_host;           // azure: "" is the public cloud's
  std::string scope;                    // azure: "" is that of its AI services
  bool operator==(const TokenSpec&) const = default;
};

// Exactly one kind; members that a kind does not have are empty.
struct AuthSpec {
  AuthKind kind = AuthKind::none;
  SecretSpec secret;    // the key, the access token, or the text of the AWS credentials file
  std::string region;   // aws, gcp
  std::string project;  // gcp: projectName
  std::optional<CredentialOverrideSpec> credential_override;
  TokenSpec token = {};

  // What of it is a secret: there is one at most.
  const SecretSpec& only_secret() const {
    return secret.source == SecretSpec::Source::none ? token.client_secret : secret;
  }
  bool operator==(const AuthSpec&) const = default;
};

struct HeaderSet {
  std::string name, value;
  bool operator==(const HeaderSet&) const = default;
};

struct HeaderMutation {
  std::vector<HeaderSet> set;
  std::vector<std::string> remove;
  bool operator==(const HeaderMutation&) const = default;
};

struct BodySet {
  std::string path;
  std::string value;  // JSON text, or a bare string
  bool operator==(const BodySet&) const = default;
};

struct BodyMutation {
  std::vector<BodySet> set;
  std::vector<std::string> remove;
  bool operator==(const BodyMutation&) const = default;
};

struct BackendSpec {
  std::string name;  // unique
  std::string model_name_override;
  SchemaSpec schema;
  std::optional<AuthSpec> auth;  // absent: the backend has no credential of the gateway's
  HeaderMutation header_mutation;
  BodyMutation body_mutation;
  std::optional<uint64_t> default_max_tokens;  // see Backend
  bool operator==(const BackendSpec&) const = default;
};

// An entry of globalLLMRequestCosts (route_name, backend and model are "") or of llmRequestCosts.
struct CostSpec {
  std::string metadata_key;
  CostType type = CostType::output_token;
  std::string cel;  // non-empty iff type is cel
  std::string route_name;
  std::string backend;
  std::string model;
  bool operator==(const CostSpec&) const = default;
};

// What `prices` says of one model, or in it of requests above a number of input tokens. Decimal numbers as written;
// "" is absent, see load_prices.h for what then counts.
struct PriceRates {
  std::string input, cached_input, cache_creation_input, output, reasoning, request;
  bool operator==(const PriceRates&) const = default;
};

struct PriceTier {
  uint64_t above = 0;  // input tokens, at least 1
  PriceRates rates;
  bool operator==(const PriceTier&) const = default;
};

struct PriceSpec {
  std::string model;           // with a final * a prefix
  std::string backend;         // ns/name, "" for any
  std::optional<int64_t> from;  // unix seconds
  PriceRates rates;
  std::vector<PriceTier> tiers;  // ascending
  bool operator==(const PriceSpec&) const = default;
};

// The prices themselves, or the file that holds them in the same words.
struct PricesSpec {
  std::string file;  // "" where `models` has them
  std::string metadata_key = "llm_cost_micro";
  std::string currency = "USD";
  std::vector<PriceSpec> models;
  bool operator==(const PricesSpec&) const = default;
};

struct ModelSpec {
  std::string name;
  std::string owned_by;
  int64_t created_at = 0;  // unix seconds; 0 if absent or Go's zero time
  bool operator==(const ModelSpec&) const = default;
};

struct McpToolSelector {
  std::vector<std::string> include, include_regex, exclude, exclude_regex;
  bool operator==(const McpToolSelector&) const = default;
};

struct McpForwardHeader {
  std::string name;
  std::string backend_header;
  bool operator==(const McpForwardHeader&) const = default;
};

struct McpBackend {
  std::string name;
  std::optional<McpToolSelector> tool_selector;
  std::vector<McpForwardHeader> forward_headers;
  bool operator==(const McpBackend&) const = default;
};

enum class McpAction : uint8_t { unset, allow, deny };
enum class McpClaimType : uint8_t { unset, string, string_array };

struct McpClaim {
  std::string name;  // dotted
  McpClaimType value_type = McpClaimType::unset;
  std::vector<std::string> values;
  bool operator==(const McpClaim&) const = default;
};

struct McpJwt {
  std::vector<std::string> scopes;
  std::vector<McpClaim> claims;
  bool operator==(const McpJwt&) const = default;
};

struct McpTool {
  std::string backend;
  std::string tool;
  bool operator==(const McpTool&) const = default;
};

struct McpRule {
  McpAction action = McpAction::unset;
  std::optional<McpJwt> source_jwt;
  std::optional<std::vector<McpTool>> target_tools;
  std::string cel;
  bool operator==(const McpRule&) const = default;
};

struct McpAuthorization {
  McpAction default_action = McpAction::unset;
  std::vector<McpRule> rules;
  std::string resource_metadata_url;
  bool operator==(const McpAuthorization&) const = default;
};

struct McpRoute {
  std::string name;
  std::vector<McpBackend> backends;
  std::optional<McpAuthorization> authorization;
  std::optional<McpAuthorization> backend_selector;
  std::vector<std::string> forward_headers;
  bool operator==(const McpRoute&) const = default;
};

struct McpConfig {
  std::string backend_listener_addr;
  std::vector<McpRoute> routes;
  bool operator==(const McpConfig&) const = default;
};

// What an authenticated client may do. Ours; who authenticates says who it is in the header x-ai-eg-client.
struct ClientRule {
  std::string client;               // "*" is any that no other rule names
  std::vector<std::string> models;  // as the client calls them: exact, or a prefix and a final "*", or "*"; none: none
  std::vector<std::pair<std::string, std::string>> metadata;  // for access logs and limits
  bool operator==(const ClientRule&) const = default;
};

struct Document {
  std::string version;
  std::string uuid;
  std::vector<CostSpec> global_costs;
  std::vector<CostSpec> route_costs;
  std::optional<PricesSpec> prices;
  std::vector<ClientRule> client_rules;
  std::vector<BackendSpec> backends;
  std::vector<ModelSpec> models;
  // Keyed by host pattern, as written.
  std::vector<std::pair<std::string, std::vector<ModelSpec>>> models_by_host;
  std::vector<ModelSpec> unscoped_models;
  std::optional<McpConfig> mcp;
  bool operator==(const Document&) const = default;
};

}  // namespace aigw::config
