#include "config/compile.h"

#include <map>
#include <utility>

#include "config/checks.h"
#include "config/credentials.h"
#include "config/load_prices.h"

namespace aigw::config {
namespace {

std::string without_slashes(Bytes path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

std::string short_name_of(const std::string& name) {
  const size_t first = name.find('/');
  if (first == std::string::npos) return name;
  const size_t second = name.find('/', first + 1);
  if (second == std::string::npos) return name;
  // A backend whose name is one part, with a route's rules of its own: see route_backend_name.
  const bool of_route = name.compare(first, second - first, "/route") == 0 &&
                        name.find('/', second + 1) == std::string::npos;
  return name.substr(0, of_route ? first : second);
}

std::string prefix_of(const SchemaSpec& schema) {
  const bool has_default =
      schema.name == SchemaName::openai || schema.name == SchemaName::openai_chat ||
      schema.name == SchemaName::openai_responses || schema.name == SchemaName::anthropic;
  return schema.prefix.empty() && has_default ? "v1" : without_slashes(schema.prefix);
}

// The peer drops these from a mutation; see its list of ignored targets.
bool is_reserved(Bytes lower_case) {
  return lower_case.starts_with(':') || lower_case.starts_with("x-ai-eg-") ||
         lower_case == "x-envoy-original-path";
}

// The names that the peer looks at where the document gives none.
Bytes override_name_of(AuthKind kind) {
  switch (kind) {
    case AuthKind::api_key: return "x-aigw-api-key";
    case AuthKind::azure_api_key: return "x-aigw-azure-api-key";
    case AuthKind::azure_token: return "x-aigw-azure-access-token";
    case AuthKind::anthropic_api_key: return "x-aigw-anthropic-api-key";
    case AuthKind::gcp: return "x-aigw-gcp-access-token";
    case AuthKind::aws: return "x-aigw-aws-";
    case AuthKind::none: break;
  }
  return {};
}

CredentialOverride compile_override(const CredentialOverrideSpec& spec, AuthKind kind) {
  CredentialOverride out;
  out.fallback_to_configured = spec.fallback_to_configured;
  if (spec.metadata_namespace.empty()) {
    out.source = CredentialOverride::Source::header;
    out.header = spec.header_name.empty() ? override_name_of(kind) : to_lower(spec.header_name);
    out.is_prefix = kind == AuthKind::aws;
    return out;
  }
  out.source = CredentialOverride::Source::metadata;
  out.metadata_namespace = spec.metadata_namespace;
  out.metadata_key = spec.metadata_key;
  if (out.metadata_key.empty()) {
    out.metadata_key = kind == AuthKind::aws ? "x-aigw-aws-credentials" : override_name_of(kind);
  }
  return out;
}

std::vector<Model> compile_models(const std::vector<ModelSpec>& specs) {
  std::vector<Model> out;
  out.reserve(specs.size());
  for (const ModelSpec& spec : specs) out.push_back({spec.name, spec.owned_by, spec.created_at});
  return out;
}

}  // namespace

class Compiler {
 public:
  Compiler(const Document& document, credential::Store& store)
      : document_(document), store_(store), out_(std::make_shared<Config>()) {}

  Result<std::shared_ptr<const Config>> compile() {
    out_->version_ = document_.version;
    out_->uuid_ = document_.uuid;
    for (const BackendSpec& spec : document_.backends) add_backend(spec);
    add_route_costs();
    out_->global_begin_ = out_->costs_.size();
    for (const CostSpec& spec : document_.global_costs) add_cost(spec);
    if (document_.prices) add_prices(*document_.prices);
    for (const ClientRule& rule : document_.client_rules) {
      out_->clients_.insert_or_assign(rule.client, Client{rule.client, rule.models, rule.metadata});
    }
    add_models();
    if (!problems_.empty()) return Failure{FailureKind::internal, std::move(problems_)};
    return std::shared_ptr<const Config>(std::move(out_));
  }

 private:
  void add_backend(const BackendSpec& spec) {
    Backend backend;
    backend.name = spec.name;
    backend.short_name = short_name_of(spec.name);
    backend.model_override = spec.model_name_override;
    backend.schema = spec.schema.name;
    backend.service = spec.schema.service;
    backend.version = spec.schema.version;
    backend.prefix = prefix_of(spec.schema);
    backend.default_max_tokens = spec.default_max_tokens;
    for (const HeaderSet& set : spec.header_mutation.set) {
      const std::string name = to_lower(set.name);
      if (!is_reserved(name)) backend.set_headers.push_back({name, set.value});
    }
    for (const std::string& remove : spec.header_mutation.remove) {
      std::string name = to_lower(remove);
      if (!is_reserved(name)) backend.remove_headers.push_back(std::move(name));
    }
    add_body_rules(spec.body_mutation, backend);
    if (spec.auth) add_auth(*spec.auth, backend);
    out_->backends_.insert_or_assign(spec.name, std::move(backend));
  }

  // Removals come first, as for the peer.
  void add_body_rules(const BodyMutation& spec, Backend& backend) {
    const auto add = [&](Bytes path, std::string value) {
      Result<std::vector<policy::edit::Step>> steps = policy::edit::parse_path(path);
      if (!steps) return add_problem("backend \"" + backend.name + "\": " + steps.error().message);
      backend.body_rules.push_back({std::move(*steps), std::move(value)});
    };
    for (const std::string& path : spec.remove) add(path, {});
    for (const BodySet& set : spec.set) {
      Result<std::string> value = policy::edit::parse_value(set.value);
      if (value) {
        add(set.path, std::move(*value));
      } else {
        add_problem("backend \"" + backend.name + "\": " + value.error().message);
      }
    }
  }

  void add_auth(const AuthSpec& spec, Backend& backend) {
    auto credential = credential_of(spec, store_);
    if (!credential) {
      return add_problem("backend \"" + backend.name + "\": " + credential.error().message);
    }
    backend.auth = spec.kind;
    backend.credential = std::move(credential->cell);
    backend.aws_profile = std::move(credential->aws_profile);
    backend.region = spec.region;
    backend.project = spec.project;
    if (!spec.credential_override) return;
    backend.credential_override = compile_override(*spec.credential_override, spec.kind);
    const CredentialOverride& from = backend.credential_override;
    if (from.is_prefix) {
      for (const char* part : {"access-key-id", "secret-access-key", "session-token"}) {
        add_secret_header(from.header + part);
      }
    } else if (from.source == CredentialOverride::Source::header) {
      add_secret_header(from.header);
    }
    for (const std::string& name : spec.credential_override->input_headers_to_remove) {
      std::string lower = to_lower(name);
      add_secret_header(lower);
      if (!is_reserved(lower)) backend.remove_headers.push_back(std::move(lower));
    }
  }

  void add_secret_header(std::string name) {
    out_->secret_headers_.push_back(out_->secret_names_.emplace_back(std::move(name)));
  }

  void add_problem(std::string problem) {
    if (!problems_.empty()) problems_ += "; ";
    problems_ += std::move(problem);
  }

  void add_cost(const CostSpec& spec) {
    Cost cost{spec.metadata_key, spec.type, spec.route_name, spec.backend, spec.model, {}};
    if (spec.type == CostType::cel) {
      Result<policy::cel::Program> program = compile_cost(spec.cel);
      if (!program) {
        return add_problem("cost \"" + spec.metadata_key + "\": " + program.error().message);
      }
      cost.expression = std::move(*program);
    }
    out_->costs_.push_back(std::move(cost));
  }

  // Grouped by route, in the order of the document within each.
  void add_route_costs() {
    std::map<Bytes, std::vector<const CostSpec*>> by_route;
    for (const CostSpec& spec : document_.route_costs) by_route[spec.route_name].push_back(&spec);
    for (const auto& [route, specs] : by_route) {
      const size_t begin = out_->costs_.size();
      for (const CostSpec* spec : specs) add_cost(*spec);
      out_->route_costs_[std::string(route)] = {begin, out_->costs_.size() - begin};
    }
  }

  void add_prices(const PricesSpec& spec) {
    out_->prices_key_ = spec.metadata_key;
    out_->prices_file_ = spec.file;
    Result<policy::price::Table> table = spec.file.empty() ? compile_prices(spec) : read_prices(spec.file);
    if (!table) return add_problem(table.error().message);
    out_->prices_ = std::make_shared<const policy::price::Table>(std::move(*table));
  }

  void add_models() {
    out_->models_ = compile_models(document_.models);
    out_->unscoped_models_ = compile_models(document_.unscoped_models);
    for (const auto& [pattern, specs] : document_.models_by_host) {
      const std::string host = to_lower(pattern);
      if (host.starts_with("*.")) {
        out_->models_by_suffix_.insert_or_assign(host.substr(2), compile_models(specs));
      } else {
        out_->models_by_host_.insert_or_assign(std::string(host_of(host)), compile_models(specs));
      }
    }
  }

  const Document& document_;
  credential::Store& store_;
  std::shared_ptr<Config> out_;
  std::string problems_;
};

Result<std::shared_ptr<const Config>> compile(const Document& document, credential::Store& store) {
  return Compiler(document, store).compile();
}

}  // namespace aigw::config
