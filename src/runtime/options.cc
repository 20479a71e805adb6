#include "runtime/options.h"

#include <limits>

#include "base/limits.h"
#include "config/load_parts.h"
#include "config/reader.h"
#include "config/tree.h"
#include "json/text.h"

namespace aigw::runtime {
namespace {

// Flags of the peer's server that have a meaning here too, but that this build does not act on yet.
constexpr const char* kIdle[] = {
    "logFormat", "logLevel",
};

void read_source(config::Object& root, Options& options) {
  options.config_path = root.text("configPath");
  options.config_bundle_path = root.text("configBundlePath");
  options.has_inline = root.nested("config", [&](config::Object& document) {
    // It shows in Envoy's /config_dump, so a secret can only be referred to.
    config::LoadOptions load{.allow_literals = false, .gateway_keys = false};
    config::load_filter(document, load, options.inline_config.document.filter);
    for (const char* key : {"listen", "dataplane", "upstreams", "routes"}) document.find(key);
  });
  const bool outside = !options.config_path.empty() || !options.config_bundle_path.empty();
  if (options.has_inline && outside) {
    root.error(options.config_path.empty() ? "configBundlePath" : "configPath",
               "give either config, or one of configPath and configBundlePath");
  }
  if (!options.has_inline && !outside) {
    root.report().error(root.place(), root.path(), "config, configPath or configBundlePath is required");
  }
}

// A node as JSON again, for Envoy to read.
void append_json(std::string& out, const config::Node& node) {
  switch (node.kind) {
    case config::Node::Kind::null: out += "null"; return;
    case config::Node::Kind::boolean: out += node.boolean ? "true" : "false"; return;
    case config::Node::Kind::number: out += node.text; return;
    case config::Node::Kind::string: json::append_quoted(out, node.text); return;
    case config::Node::Kind::sequence:
    case config::Node::Kind::map: break;
  }
  const bool map = node.kind == config::Node::Kind::map;
  out += map ? '{' : '[';
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) out += ',';
    if (map) {
      json::append_quoted(out, node.children[i].key);
      out += ':';
    }
    append_json(out, node.children[i]);
  }
  out += map ? '}' : ']';
}

void read_sds(config::Object& root, Options& options) {
  const config::Node* const source = root.find("sdsConfig");
  if (source == nullptr) return;
  const config::Path path(root.path(), "sdsConfig");
  if (!config::expect_kind(root.report(), *source, path, config::Node::Kind::map)) return;
  append_json(options.sds_config, *source);
}

void read_prefixes(config::Object& root, Options& options) {
  std::string prefix = root.text("rootPrefix");
  Result<endpoint::Prefixes> prefixes = endpoint::parse_prefixes(prefix, root.text("endpointPrefixes"));
  if (prefixes) {
    options.prefixes = *prefixes;
  } else {
    root.error("endpointPrefixes", prefixes.error().message);
  }
}

void read_request_log(config::Object& root, Options& options) {
  options.request_log_path = root.text("requestLogPath");
  const std::string format = root.text("requestLog");
  if (format == "json") {
    options.request_log = LineFormat::json;
  } else if (format == "text") {
    options.request_log = LineFormat::text;
  } else if (!format.empty() && format != "none") {
    root.error("requestLog", "expected json, text or none");
  }
}

// A map of the members' names to where they come from.
void read_access_log(config::Object& root, Options& options) {
  const config::Node* const map = root.find("accessLog");
  if (map == nullptr) return;
  const config::Path path(root.path(), "accessLog");
  if (!config::expect_kind(root.report(), *map, path, config::Node::Kind::map)) return;
  if (map->children.size() > limits::access_members_max) {
    root.error("accessLog", "at most " + std::to_string(limits::access_members_max) + " members");
    return;
  }
  for (const config::Node& child : map->children) {
    const bool text = child.kind == config::Node::Kind::string;
    if (text && options.access_members.add(child.key, child.text)) continue;
    root.report().error(child.place, config::Path(path, child.key), "expected metadata:KEY, header:NAME, path or time");
  }
}

void read_header_attributes(config::Object& root, Options& options) {
  const auto given = [&](const char* key, std::string& text) -> const std::string* {
    if (root.find(key) == nullptr) return nullptr;
    text = root.text(key);
    return &text;
  };
  std::string base, spans, metrics, logs;
  observe::HeaderAttributeMaps maps;
  maps.base = given("requestHeaderAttributes", base);
  maps.spans = given("spanRequestHeaderAttributes", spans);
  maps.metrics = given("metricsRequestHeaderAttributes", metrics);
  maps.logs = given("logRequestHeaderAttributes", logs);
  Result<observe::HeaderAttributes> parsed = observe::parse_header_attributes(maps);
  if (parsed) {
    options.header_attributes = std::move(*parsed);
  } else {
    root.report().error(root.place(), root.path(), parsed.error().message);
  }
}

}  // namespace

Result<Options> parse_options(Bytes filter_config) {
  Options options;
  config::Report report("filter_config");
  config::Tree tree = config::parse_tree(filter_config);
  const config::Path root_path;
  for (config::Problem& problem : tree.problems) report.error(problem.place, root_path, problem.message);
  if (tree.well_formed) {
    if (tree.root.kind == config::Node::Kind::null) tree.root.kind = config::Node::Kind::map;
    config::Object root(report, tree.root, root_path);
    read_source(root, options);
    read_sds(root, options);
    read_prefixes(root, options);
    read_header_attributes(root, options);
    options.admin_address = root.text("adminAddress");
    options.metrics = root.optional_boolean("metrics").value_or(true);
    read_request_log(root, options);
    read_access_log(root, options);
    options.request_body_max =
        root.whole_number("maxRequestBodyBytes", 1, limits::request_body_max_configurable)
            .value_or(limits::request_body_max);
    options.log_bodies = root.boolean("logBodies");
    options.redact_bodies = root.boolean("enableRedaction");
    options.buffered_max = root.whole_number("maxBufferedBytes", 1, std::numeric_limits<int64_t>::max())
                               .value_or(limits::buffered_max);
    for (const char* key : kIdle) {
      if (root.find(key) != nullptr) root.warning(key, "accepted, but this build does not act on it");
    }
  }
  std::string errors;
  for (const config::Diagnostic& diagnostic : report.take()) {
    if (diagnostic.severity == config::Diagnostic::Severity::warning) {
      options.warnings.push_back(config::to_string(diagnostic));
      continue;
    }
    if (!errors.empty()) errors += '\n';
    errors += config::to_string(diagnostic);
  }
  if (!errors.empty()) return Failure{FailureKind::internal, errors};
  return options;
}

}  // namespace aigw::runtime
