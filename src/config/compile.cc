#include "config/compile.h"

#include <utility>

#include "config/checks.h"

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
  return second == std::string::npos ? name : name.substr(0, second);
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

credential::Form form_of(AuthKind kind) {
  if (kind == AuthKind::gcp) return credential::Form::verbatim;
  if (kind == AuthKind::aws) return credential::Form::text;
  return credential::Form::trimmed;
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
    add_costs(document_.route_costs);
    add_costs(document_.global_costs);
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
    backend.version = spec.schema.version;
    backend.prefix = prefix_of(spec.schema);
    for (const HeaderSet& set : spec.header_mutation.set) {
      const std::string name = to_lower(set.name);
      if (!is_reserved(name)) backend.set_headers.push_back({name, set.value});
    }
    for (const std::string& remove : spec.header_mutation.remove) {
      std::string name = to_lower(remove);
      if (!is_reserved(name)) backend.remove_headers.push_back(std::move(name));
    }
    if (spec.auth) add_auth(*spec.auth, backend);
    out_->backends_.insert_or_assign(spec.name, std::move(backend));
  }

  void add_auth(const AuthSpec& spec, Backend& backend) {
    auto cell = cell_of(spec);
    if (!cell) {
      if (!problems_.empty()) problems_ += "; ";
      problems_ += "backend \"" + backend.name + "\": " + cell.error().message;
      return;
    }
    backend.auth = spec.kind;
    backend.credential = std::move(*cell);
    backend.region = spec.region;
    backend.project = spec.project;
  }

  Result<std::shared_ptr<const credential::Cell>> cell_of(const AuthSpec& spec) {
    const credential::Form form = form_of(spec.kind);
    switch (spec.secret.source) {
      case Secret::Source::file: return store_.file(spec.secret.value, form);
      case Secret::Source::env: return store_.env(spec.secret.value, form);
      case Secret::Source::literal: return store_.literal(spec.secret.value, form);
      case Secret::Source::none: break;
    }
    return store_.literal({}, form);
  }

  void add_costs(const std::vector<CostSpec>& specs) {
    for (const CostSpec& spec : specs) {
      out_->costs_.push_back(
          {spec.metadata_key, spec.type, spec.route_name, spec.backend, spec.model});
    }
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
