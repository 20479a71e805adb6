#include "endpoint/table.h"

#include <array>

#include "base/limits.h"

namespace aigw::endpoint {
namespace {

using Kind = EndpointKind;
using enum RequestBody;

constexpr Bytes kGenerateContent = "/v1beta/models/{model}:generateContent";

constexpr Bytes kConverse = "/model/{model}/converse";

constexpr std::array<Endpoint, 18> kEndpoints{{
    {Kind::chat_completions, "/v1/chat/completions", "POST", Dialect::openai, json},
    {Kind::responses, "/v1/responses", "POST", Dialect::responses, json},
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
    {Kind::generate_content, kGenerateContent, "POST", Dialect::gemini, json},
    {Kind::converse, kConverse, "POST", Dialect::converse, json},
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

bool take(Bytes& path, Bytes head) {
  if (!path.starts_with(head)) return false;
  path.remove_prefix(head.size());
  return true;
}

// Takes "<name>/", whatever the name; false where there is none.
bool take_segment(Bytes& path) {
  const size_t slash = path.find('/');
  if (slash == Bytes::npos || slash == 0) return false;
  path.remove_prefix(slash + 1);
  return true;
}

bool take_version(Bytes& path) {
  for (Bytes version : {"/v1/", "/v1beta/", "/v1beta1/", "/v1alpha/"}) {
    if (take(path, version)) return true;
  }
  return false;
}

// The verbs of Google's API for models (its reference, "models") that are no endpoint here.
bool ends_with_gemini_verb(Bytes path) {
  const Bytes verb = path.substr(path.rfind(':') + 1);
  for (Bytes known : {"asyncBatchEmbedContent", "batchEmbedContents", "batchGenerateContent", "countTokens",
                      "embedContent", "predict", "predictLongRunning"}) {
    if (verb == known) return true;
  }
  return false;
}

// The paths of Gemini, behind its prefix:
//   /v1beta/models/{model}:{action}                     the Gemini API
//   /v1/publishers/google/models/{model}:{action}       Vertex with a key
//   /v1/projects/{p}/locations/{l}/publishers/google/models/{model}:{action}
// each under any of their versions, with generateContent and streamGenerateContent.
bool read_gemini_path(Bytes path, PathParts& parts) {
  if (!take_version(path)) return false;
  if (take(path, "projects/") &&
      !(take_segment(path) && take(path, "locations/") && take_segment(path) &&
        path.starts_with("publishers/"))) {
    return false;
  }
  take(path, "publishers/google/");
  if (!take(path, "models/")) return false;
  const size_t colon = path.rfind(':');
  if (colon == Bytes::npos) return false;
  const Bytes action = path.substr(colon + 1);
  parts = {.model = path.substr(0, colon), .stream = action == "streamGenerateContent"};
  return parts.stream || action == "generateContent";
}

// The paths of Bedrock, behind its prefix: /model/{model}/converse and converse-stream. A model's name may hold a slash
// (that of an inference profile does), which libraries escape and people do not.
bool read_bedrock_path(Bytes path, PathParts& parts) {
  if (!take(path, "/model/")) return false;
  const size_t slash = path.rfind('/');
  if (slash == Bytes::npos) return false;
  const Bytes action = path.substr(slash + 1);
  parts = {.model = path.substr(0, slash), .stream = action == "converse-stream"};
  return parts.stream || action == "converse";
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
    } else if (key == "gemini") {
      prefixes.gemini = value;
    } else if (key == "bedrock") {
      prefixes.bedrock = value;
    } else {
      return Failure{FailureKind::malformed_request,
                     "endpointPrefixes: expected openai, cohere, anthropic, gemini or bedrock before ':', got \"" +
                         std::string(key.substr(0, limits::quoted_in_error_max)) + "\""};
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
      cohere_prefix_(join(prefixes.root, prefixes.cohere, "")),
      gemini_prefix_(join(prefixes.root, prefixes.gemini, "")),
      bedrock_prefix_(join(prefixes.root, prefixes.bedrock, "")) {
  for (const Endpoint& endpoint : kEndpoints) {
    Bytes vendor = prefixes.openai;
    if (endpoint.dialect == Dialect::anthropic) vendor = prefixes.anthropic;
    if (endpoint.dialect == Dialect::cohere) vendor = prefixes.cohere;
    if (endpoint.dialect == Dialect::gemini) vendor = prefixes.gemini;
    if (endpoint.dialect == Dialect::converse) vendor = prefixes.bedrock;
    by_path_.emplace(join(prefixes.root, vendor, endpoint.name), endpoint);
  }
}

const Endpoint* Table::find(Bytes path, PathParts* parts) const {
  auto found = by_path_.find(path);
  if (found != by_path_.end()) return &found->second;
  PathParts read;
  Bytes rest = path;
  std::string name;
  if (take(rest, gemini_prefix_) && read_gemini_path(rest, read)) {
    name = gemini_prefix_ + std::string(kGenerateContent);
  } else if (rest = path; take(rest, bedrock_prefix_) && read_bedrock_path(rest, read)) {
    name = bedrock_prefix_ + std::string(kConverse);
  } else {
    return nullptr;
  }
  if (parts != nullptr) *parts = read;
  return &by_path_.find(name)->second;
}

Dialect Table::dialect_of_unknown(Bytes path) const {
  const auto under = [&](Bytes prefix) {
    if (prefix.empty() || !path.starts_with(prefix)) return false;
    const Bytes rest = path.substr(prefix.size());
    return rest.empty() || rest.front() == '/';
  };
  if (under(anthropic_prefix_)) return Dialect::anthropic;
  if (under(cohere_prefix_)) return Dialect::cohere;
  if (under(bedrock_prefix_ + "/model")) return Dialect::converse;
  // These versions are Google's alone, and so are these verbs behind a model in a version that others have too.
  const bool google = under(gemini_prefix_ + "/v1beta") || under(gemini_prefix_ + "/v1beta1") ||
                      (under(gemini_prefix_ + "/v1/models") && ends_with_gemini_verb(path));
  return google ? Dialect::gemini : Dialect::openai;
}

}  // namespace aigw::endpoint
