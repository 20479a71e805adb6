#include "endpoint/paths.h"

#include "host/anthropic/anthropic.h"
#include "host/azure/azure.h"
#include "host/cohere/cohere.h"
#include "host/openai/openai.h"

namespace aigw::endpoint {
namespace {

using config::SchemaName;

// vLLM serves /tokenize beside /v1, so a prefix that ends in the version loses it.
std::string tokenize_path(const config::Backend& backend) {
  Bytes prefix = backend.prefix;
  if (prefix == "v1") {
    prefix = {};
  } else if (prefix.ends_with("/v1")) {
    prefix.remove_suffix(3);
  }
  return prefix.empty() ? "/tokenize" : "/" + std::string(prefix) + "/tokenize";
}

std::string azure_path(EndpointKind kind, const config::Backend& backend, Bytes model) {
  if (kind == EndpointKind::input_tokens) {
    return host::azure::service_path(backend.version, "/responses/input_tokens");
  }
  return host::azure::path(model, backend.version, "/embeddings");
}

}  // namespace

std::string path_of(EndpointKind kind, const config::Backend& backend, Bytes model) {
  if (backend.schema == SchemaName::azure_openai) return azure_path(kind, backend, model);
  if (backend.schema == SchemaName::cohere) return host::cohere::path(backend.version, "/rerank");
  if (backend.schema == SchemaName::anthropic) {
    return host::anthropic::path(backend.prefix, "/messages/count_tokens");
  }
  if (kind == EndpointKind::tokenize) return tokenize_path(backend);
  // OpenAI's own paths are those of its endpoints with the backend's prefix in the place of /v1.
  return host::openai::path(backend, name_of(kind).substr(Bytes("/v1").size()));
}

}  // namespace aigw::endpoint
