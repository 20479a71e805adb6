// The configuration as the data plane reads it: immutable once compiled, shared between workers.
// Every view that Config hands out lives as long as the Config.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "config/names.h"
#include "credential/cell.h"
#include "policy/cel/program.h"
#include "policy/edit/rule.h"
#include "policy/price/price.h"

namespace aigw::config {

struct HeaderValue {
  std::string name;  // lower case
  std::string value;
};

// Where in a request a backend finds a credential that goes before its own.
struct CredentialOverride {
  enum class Source : uint8_t { none, header, metadata };
  Source source = Source::none;
  std::string header;      // lower case
  bool is_prefix = false;  // of the names of headers: an AWS key has several parts
  std::string metadata_namespace;
  std::string metadata_key;
  bool fallback_to_configured = false;
};

struct Backend {
  std::string name;
  std::string short_name;      // ns/name: the first two of at least three parts, else the name
  std::string model_override;  // "" = the client's model stays
  SchemaName schema = SchemaName::openai;
  Service service = Service::none;
  std::string version;
  // Without slashes at either end; "v1" for the schemas of OpenAI and Anthropic where not written.
  std::string prefix;
  AuthKind auth = AuthKind::none;
  // Null iff auth is none. Read per attempt: a rotated secret reaches exchanges that began before.
  // An empty cell is a backend whose credential comes from elsewhere (the cloud's own chain, the
  // request).
  std::shared_ptr<const credential::Cell> credential;
  CredentialOverride credential_override;
  // In the order of the document; a later one of the same name wins, and a set wins over a removal.
  // Names that only routing may use (`:`…, x-ai-eg-…) are already left out.
  std::vector<HeaderValue> set_headers;
  std::vector<std::string> remove_headers;  // lower case
  std::vector<policy::edit::Rule> body_rules;  // in the order in which they are applied
  std::string region;
  std::string project;
  std::string aws_profile = "default";  // of the credentials file
  // The bound of an answer that Anthropic's models get where a client of another language gives none; unset: the
  // language's own. The peer does not know the key.
  std::optional<uint64_t> default_max_tokens;
};

struct Cost {
  std::string metadata_key;
  CostType type = CostType::output_token;
  std::string route_name;  // "" = global
  std::string backend;     // "" = any, else a Backend::short_name
  std::string model;       // "" = any
  std::optional<policy::cel::Program> expression;  // of kCostVariables; there iff the type is cel
};

// What an expression of a cost may refer to, in the order of the values that it is given.
inline constexpr policy::cel::Variable kCostVariables[] = {
    {"model", policy::cel::Type::string},       // as it goes to the provider
    {"backend", policy::cel::Type::string},     // the long name
    {"route_name", policy::cel::Type::string},  // ns/name
    {"input_tokens", policy::cel::Type::unsigned_integer},
    {"cached_input_tokens", policy::cel::Type::unsigned_integer},
    {"cache_creation_input_tokens", policy::cel::Type::unsigned_integer},
    {"output_tokens", policy::cel::Type::unsigned_integer},
    {"total_tokens", policy::cel::Type::unsigned_integer},
    {"reasoning_tokens", policy::cel::Type::unsigned_integer},
};

// An expression of a cost, tried on a request of no tokens. Fails with unprocessable where it does not compile, or
// does not give a whole number that is not negative.
Result<policy::cel::Program> compile_cost(Bytes text);

// The cost that an evaluation gave, or why it gave none (static text).
struct CostValue {
  uint64_t value = 0;
  const char* error = nullptr;
};
CostValue cost_value(const policy::cel::Outcome& outcome);

struct Client {
  std::string name;
  std::vector<std::string> models;  // exact; those with a final * are prefixes
  std::vector<std::pair<std::string, std::string>> metadata;

  bool may_use(Bytes model) const;
};

struct Model {
  std::string id;
  std::string owned_by;
  int64_t created_at = 0;  // unix seconds, 0 if absent
};

class Config {
 public:
  // Both lookups allocate nothing.
  const Backend* find_backend(Bytes name) const;
  // In no order.
  std::vector<const Backend*> backends() const;
  // The models that /v1/models lists to a client that came with this `:authority` (a port is
  // ignored).
  std::span<const Model> models_for_host(Bytes authority) const;

  // Names of headers, in lower case, that carry credentials because a backend is told to look for them there.
  std::span<const Bytes> secret_headers() const { return secret_headers_; }

  // Whether requests are from clients that somebody has authenticated, and the rule for one of that name; null where
  // there is none.
  bool knows_clients() const { return !clients_.empty(); }
  const Client* find_client(Bytes name) const;

  Bytes version() const { return version_; }
  Bytes uuid() const { return uuid_; }
  // In order of precedence: a key that an earlier matching cost has set stands. Those of routes
  // come first.
  std::span<const Cost> costs() const { return costs_; }
  // Those of one route among them, and those of the gateway.
  std::span<const Cost> costs_of_route(Bytes route_name) const;
  std::span<const Cost> global_costs() const { return std::span(costs_).subspan(global_begin_); }
  // Whether what an answer reports of its usage is wanted.
  bool any_cost() const { return !costs_.empty() || prices_ != nullptr; }
  // Null where no prices are configured; otherwise what a request costs goes to metadata under prices_key().
  const policy::price::Table* prices() const { return prices_.get(); }
  Bytes prices_key() const { return prices_key_; }
  // A file besides the document that this was compiled from; "" for none.
  const std::string& prices_file() const { return prices_file_; }
  size_t backend_count() const { return backends_.size(); }

 private:
  friend class Compiler;
  struct Hash {
    using is_transparent = void;
    size_t operator()(Bytes text) const { return std::hash<Bytes>{}(text); }
  };
  template <class T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  std::string version_;
  std::string uuid_;
  ByName<Backend> backends_;
  std::vector<Bytes> secret_headers_;     // views of secret_names_
  std::deque<std::string> secret_names_;
  struct Range {
    size_t begin = 0, size = 0;
  };
  std::vector<Cost> costs_;  // those of one route stand together
  ByName<Range> route_costs_;
  size_t global_begin_ = 0;
  std::shared_ptr<const policy::price::Table> prices_;
  std::string prices_key_;
  std::string prices_file_;
  ByName<Client> clients_;
  std::vector<Model> models_;
  // Lower-case hosts, IPv6 without brackets; wildcards apart, keyed by what follows "*.".
  ByName<std::vector<Model>> models_by_host_;
  ByName<std::vector<Model>> models_by_suffix_;
  std::vector<Model> unscoped_models_;
};

}  // namespace aigw::config
