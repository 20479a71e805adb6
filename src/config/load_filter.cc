// The filterapi part of a document, but for `auth` and `mcpConfig`.
#include <map>
#include <string>

#include "base/limits.h"
#include "config/acted_on.h"
#include "config/checks.h"
#include "config/config.h"
#include "config/load_parts.h"
#include "config/load_prices.h"
#include "config/words.h"

namespace aigw::config {
namespace {

enum class NameUse : uint8_t { allowed, ignored, forbidden };

// Headers that a mutation may not touch. The first kind is ignored by the peer, so it is no error
// here.
NameUse use_of_header(Bytes lower_case) {
  if (lower_case.starts_with(':') || lower_case.starts_with("x-ai-eg-") ||
      lower_case == "x-envoy-original-path") {
    return NameUse::ignored;
  }
  if (lower_case == "content-length" || lower_case == "host" ||
      lower_case == "transfer-encoding") {
    return NameUse::forbidden;
  }
  return NameUse::allowed;
}

void check_header_name(Report& report, const Node& node, const Path& path, Bytes name) {
  if (node.kind != Node::Kind::string) return;  // reported already
  const NameUse use = use_of_header(to_lower(name));
  if (use == NameUse::ignored) {
    report.warning(node.place, path, quoted(name) + " belongs to the gateway; ignored");
  } else if (name.empty()) {
    report.error(node.place, path, "may not be empty");
  } else if (!is_token(name)) {
    report.error(node.place, path, "not the name of a header: " + quoted(name));
  } else if (use == NameUse::forbidden) {
    report.error(node.place, path, quoted(name) + " is set by the gateway");
  }
}

}  // namespace

HeaderMutation load_header_mutation(Object& block) {
  HeaderMutation out;
  Report& report = block.report();
  block.each("set", [&](const Node& item, const Path& path) {
    Object entry(report, item, path);
    HeaderSet set{entry.text("name"), entry.text("value")};
    if (const Node* name = entry.find("name")) {
      check_header_name(report, *name, Path(path, "name"), set.name);
    } else {
      entry.missing("name");
    }
    if (!is_header_value(set.value)) entry.error("value", "may hold no CR, LF or NUL");
    out.set.push_back(std::move(set));
  });
  block.each("remove", [&](const Node& item, const Path& path) {
    if (!expect_kind(report, item, path, Node::Kind::string)) return;
    check_header_name(report, item, path, item.text);
    out.remove.push_back(item.text);
  });
  return out;
}

BodyMutation load_body_mutation(Object& block) {
  BodyMutation out;
  Report& report = block.report();
  const auto check_path = [&](Place place, const Path& path, Bytes text) {
    if (text.empty()) return;  // reported already
    if (const auto steps = policy::edit::parse_path(text); !steps) report.error(place, path, steps.error().message);
  };
  block.each("set", [&](const Node& item, const Path& path) {
    Object entry(report, item, path);
    BodySet set{entry.required_text("path"), entry.text("value")};
    check_path(entry.place_of("path"), Path(path, "path"), set.path);
    if (const auto value = policy::edit::parse_value(set.value); !value) entry.error("value", value.error().message);
    out.set.push_back(std::move(set));
  });
  block.each("remove", [&](const Node& item, const Path& path) {
    if (!expect_kind(report, item, path, Node::Kind::string)) return;
    if (item.text.empty()) report.error(item.place, path, "may not be empty");
    check_path(item.place, path, item.text);
    out.remove.push_back(item.text);
  });
  return out;
}

namespace {

SchemaSpec load_schema(Object& block) {
  SchemaSpec out;
  if (const auto name = block.word("name", kSchemaOrServiceWords, true)) {
    if (*name < kSchemaNames) {
      out.name = static_cast<SchemaName>(*name);
    } else {
      const size_t service = *name - kSchemaNames;
      out.name = kServiceWords[service].schema;
      out.service = static_cast<Service>(service + 1);
    }
    note_if_idle(block.report(), block.place_of("name"), Path(block.path(), "name"),
                 "schema " + std::string(to_string(out.name)));
  }
  out.version = block.text("version");
  out.prefix = block.text("prefix");
  if (out.prefix.find_first_of("?# ") != std::string::npos) {
    block.error("prefix", "expected a path; got " + quoted(out.prefix));
  }
  return out;
}

BackendSpec load_backend(Object& block, const LoadOptions& options) {
  BackendSpec out;
  out.name = block.required_text("name");
  out.model_name_override = block.text("modelNameOverride");
  if (out.model_name_override.size() > limits::model_name_max) {
    block.error("modelNameOverride",
                "longer than " + std::to_string(limits::model_name_max) + " bytes");
  }
  out.default_max_tokens = block.whole_number("defaultMaxTokens", 1, limits::default_max_tokens_max);
  const auto schema = [&](Object& inner) { out.schema = load_schema(inner); };
  if (!block.nested("schema", schema)) block.missing("schema");
  block.nested("auth", [&](Object& inner) { load_auth(inner, options, out.auth.emplace()); });
  block.nested("httpHeaderMutation",
               [&](Object& inner) { out.header_mutation = load_header_mutation(inner); });
  block.nested("httpBodyMutation",
               [&](Object& inner) { out.body_mutation = load_body_mutation(inner); });
  return out;
}

void load_backends(Object& root, const LoadOptions& options, std::vector<BackendSpec>& out) {
  std::map<std::string, int> lines;
  root.each("backends", [&](const Node& item, const Path& path) {
    Object block(root.report(), item, path);
    out.push_back(load_backend(block, options));
    const std::string& name = out.back().name;
    if (name.empty()) return;
    const auto [at, is_first] = lines.emplace(name, block.place_of("name").line);
    if (is_first) return;
    block.error("name", "the backend " + quoted(name) + " is already on line " +
                            std::to_string(at->second));
  });
}

void load_costs(Object& root, Bytes key, bool of_route, std::vector<CostSpec>& out) {
  root.each(key, [&](const Node& item, const Path& path) {
    Object block(root.report(), item, path);
    CostSpec cost;
    cost.metadata_key = block.required_text("metadataKey");
    const auto type = block.word("type", kCostWords, true);
    if (type) cost.type = static_cast<CostType>(*type);
    cost.cel = block.text("cel");
    if (of_route) {
      cost.route_name = block.required_text("routeName");
      cost.backend = block.text("backend");
      cost.model = block.text("model");
    }
    if (type && cost.type == CostType::cel) {
      if (cost.cel.empty()) {
        block.error("cel", "needed where type is CEL");
      } else if (const auto program = compile_cost(cost.cel); !program) {
        block.error("cel", program.error().message);
      }
    } else if (type && !cost.cel.empty()) {
      block.warning("cel", "ignored: type is not CEL");
      cost.cel.clear();
    }
    out.push_back(std::move(cost));
  });
}

ModelSpec load_model(Report& report, const Node& item, const Path& path) {
  Object block(report, item, path);
  ModelSpec model;
  model.name = block.required_text("Name");
  model.owned_by = block.text("OwnedBy");
  const std::string created = block.text("CreatedAt");
  if (created.empty()) return model;
  const auto time = parse_time(created);
  if (!time) {
    block.error("CreatedAt",
                "expected a time as in \"2026-01-31T09:00:00Z\"; got " + quoted(created));
  }
  // Go writes the time of a field that was never set as the first second of year 1.
  constexpr int64_t kGoZeroTime = -62'135'596'800;
  if (time && *time != kGoZeroTime) model.created_at = *time;
  return model;
}

void load_model_list(Object& root, Bytes key, std::vector<ModelSpec>& out) {
  root.each(key, [&](const Node& item, const Path& path) {
    out.push_back(load_model(root.report(), item, path));
  });
}

void load_models_by_host(Object& root, Document& out) {
  const Node* node = root.find("modelsByHost");
  const Path path(root.path(), "modelsByHost");
  if (node == nullptr || !expect_kind(root.report(), *node, path, Node::Kind::map)) return;
  std::map<std::string, int> lines;
  for (const Node& member : node->children) {
    const auto complain = [&](std::string message) {
      root.report().error(member.key_place, Path(path, member.key), std::move(message));
    };
    if (!is_host_pattern(member.key)) {
      complain("expected a host without port, or \"*.\" and a name");
    }
    const auto [at, is_first] = lines.emplace(to_lower(member.key), member.key_place.line);
    if (!is_first) {
      complain("the host is already on line " + std::to_string(at->second));
    }
    auto& models = out.models_by_host.emplace_back(member.key, std::vector<ModelSpec>()).second;
    const Path list(path, member.key);
    if (member.kind == Node::Kind::null) continue;
    if (!expect_kind(root.report(), member, list, Node::Kind::sequence)) continue;
    for (size_t i = 0; i < member.children.size(); ++i) {
      models.push_back(load_model(root.report(), member.children[i], Path(list, i)));
    }
  }
}

}  // namespace

void note_if_idle(Report& report, Place place, const Path& path, const std::string& feature) {
  if (!acted_on(feature)) report.warning(place, path, kNotActedOnMessage);
}

void load_filter(Object& root, const LoadOptions& options, Document& out) {
  out.version = root.text("version");
  out.uuid = root.text("uuid");
  load_costs(root, "globalLLMRequestCosts", false, out.global_costs);
  load_costs(root, "llmRequestCosts", true, out.route_costs);
  root.nested("prices", [&](Object& block) { load_prices(block, out.prices.emplace()); });
  load_client_rules(root, out.client_rules);
  load_backends(root, options, out.backends);
  load_model_list(root, "models", out.models);
  load_models_by_host(root, out);
  load_model_list(root, "unscopedModels", out.unscoped_models);
  root.nested("mcpConfig", [&](Object& block) {
    load_mcp(block, out.mcp.emplace());
    note_if_idle(block.report(), block.place(), block.path(), "mcpConfig");
  });
}

}  // namespace aigw::config
