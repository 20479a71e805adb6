#include "endpoint/table.h"

#include <array>

namespace aigw::endpoint {
namespace {

using Kind = EndpointKind;
using enum RequestBody;

constexpr std::array<Endpoint, 15> kEndpoints{{
    {Kind::chat_completions, "/v1/chat/completions", "POST", Dialect::openai, json},
    {Kind::completions, "/v1/completions", "POST", Dialect::openai, json},
    {Kind::embeddings, "/v1/embeddings", "POST", Dialect::openai, json},
    {Kind::input_tokens, "/v1/responses/input_tokens", "POST", Dialect::openai, json},
    {Kind::image_generations, "/v1/images/generations", "POST", Dialect::openai, json},
    {Kind::image_edits, "/v1/images/edits", "POST", Dialect::openai, form},
    {Kind::speech, "/v1/audio/speech", "POST", Dialect::openai, json},
    {Kind::transcriptions, "/v1/audio/transcriptions", "POST", Dialect::openai, form},
    {Kind::translations, "/v1/audio/translations", "POST", Dialect::openai, form},
    {Kind::tokenize, "/tokenize", "POST", Dialect::openai, json},
    {Kind::models, "/v1/models", "GET", Dialect::openai, none},
    {Kind::rerank, "/v2/rerank", "POST", Dialect::cohere, json},
    {Kind::messages, "/v1/messages", "POST", Dialect::anthropic, json},
    {Kind::count_tokens, "/v1/messages/count_tokens", "POST", Dialect::anthropic, json},
    {Kind::models, "/v1/models", "GET", Dialect::anthropic, none},
}};

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

Bytes name_of(EndpointKind kind) {
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.kind == kind) return endpoint.name;
  }
  return {};
}

Table::Table(const Prefixes& prefixes)
    : anthropic_prefix_(join(prefixes.root, prefixes.anthropic, "")),
      cohere_prefix_(join(prefixes.root, prefixes.cohere, "")) {
  for (const Endpoint& endpoint : kEndpoints) {
    Bytes vendor = prefixes.openai;
    if (endpoint.dialect == Dialect::anthropic) vendor = prefixes.anthropic;
    if (endpoint.dialect == Dialect::cohere) vendor = prefixes.cohere;
    by_path_.emplace(join(prefixes.root, vendor, endpoint.name), endpoint);
  }
}

const Endpoint* Table::find(Bytes path) const {
  auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &found->second;
}

Dialect Table::dialect_of_unknown(Bytes path) const {
  const auto under = [&](Bytes prefix) {
    if (prefix.empty() || !path.starts_with(prefix)) return false;
    const Bytes rest = path.substr(prefix.size());
    return rest.empty() || rest.front() == '/';
  };
  if (under(anthropic_prefix_)) return Dialect::anthropic;
  return under(cohere_prefix_) ? Dialect::cohere : Dialect::openai;
}

}  // namespace aigw::endpoint
