#include "endpoint/table.h"

namespace aigw::endpoint {
namespace {

// Joins prefixes and a name into a path with one slash at each seam and none at the end.
std::string join(Bytes root, Bytes vendor, Bytes name) {
  std::string path;
  for (Bytes part : {root, vendor, name}) {
    while (!part.empty() && part.front() == '/') part.remove_prefix(1);
    while (!part.empty() && part.back() == '/') part.remove_suffix(1);
    if (part.empty()) continue;
    path += '/';
    path += part;
  }
  return path;
}

}  // namespace

Result<Prefixes> parse_prefixes(Bytes root, Bytes endpoint_prefixes) {
  Prefixes prefixes;
  if (!root.empty()) prefixes.root = root;
  while (!endpoint_prefixes.empty()) {
    size_t comma = endpoint_prefixes.find(',');
    Bytes pair = endpoint_prefixes.substr(0, comma);
    size_t colon = pair.find(':');
    Bytes key = pair.substr(0, colon);
    Bytes value = colon == Bytes::npos ? Bytes() : pair.substr(colon + 1);
    if (key == "openai") {
      prefixes.openai = value;
    } else if (key == "cohere") {
      prefixes.cohere = value;
    } else if (key == "anthropic") {
      prefixes.anthropic = value;
    } else {
      return Failure{FailureKind::malformed_request,
                     "endpointPrefixes: expected openai, cohere or anthropic before ':', got \"" +
                         std::string(key.substr(0, 64)) + "\""};
    }
    if (comma == Bytes::npos) break;
    endpoint_prefixes.remove_prefix(comma + 1);
  }
  return prefixes;
}

Table::Table(const Prefixes& prefixes) : anthropic_prefix_(join(prefixes.root, prefixes.anthropic, "")) {
  const auto add = [&](Bytes vendor, const Endpoint& endpoint) {
    by_path_.emplace(join(prefixes.root, vendor, endpoint.name), endpoint);
  };
  add(prefixes.openai, {EndpointKind::chat_completions, "/v1/chat/completions", "POST", Dialect::openai, true});
  add(prefixes.openai, {EndpointKind::models, "/v1/models", "GET", Dialect::openai, false});
  add(prefixes.anthropic, {EndpointKind::messages, "/v1/messages", "POST", Dialect::anthropic, true});
  add(prefixes.anthropic, {EndpointKind::models, "/v1/models", "GET", Dialect::anthropic, false});
}

const Endpoint* Table::find(Bytes path) const {
  auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &found->second;
}

Dialect Table::dialect_of_unknown(Bytes path) const {
  if (anthropic_prefix_.empty() || !path.starts_with(anthropic_prefix_)) return Dialect::openai;
  Bytes rest = path.substr(anthropic_prefix_.size());
  return rest.empty() || rest.front() == '/' ? Dialect::anthropic : Dialect::openai;
}

}  // namespace aigw::endpoint
