#include "endpoint/paths.h"

#include "endpoint/embeddings.h"
#include "host/anthropic/anthropic.h"
#include "host/aws/endpoint.h"
#include "host/azure/azure.h"
#include "host/cohere/cohere.h"
#include "host/gcp/gcp.h"
#include "host/openai/openai.h"
#include "host/services/services.h"

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

Bytes vertex_action(EndpointKind kind, Bytes model) {
  if (kind == EndpointKind::tokenize) return host::gcp::kCountTokens;
  return takes_embed_content(model) ? host::gcp::kEmbedContent : host::gcp::kPredict;
}

}  // namespace

Result<std::string> path_of(EndpointKind kind, const config::Backend& backend, Bytes model) {
  if (backend.service != config::Service::none) {
    // Of the languages that services have, these two have more than conversations.
    const bool anthropic = backend.schema == SchemaName::anthropic;
    const Bytes tail = anthropic ? Bytes("/messages/count_tokens") : name_of(kind).substr(Bytes("/v1").size());
    return host::services::path(backend, {.model = model, .tail = tail});
  }
  const bool embeds = kind == EndpointKind::embeddings;
  switch (backend.schema) {
    case SchemaName::azure_openai:
      return azure_path(kind, backend, model);
    case SchemaName::cohere:
      return host::cohere::path(backend.version, embeds ? "/embed" : "/rerank");
    case SchemaName::anthropic:
      return host::anthropic::path(backend.prefix, "/messages/count_tokens");
    case SchemaName::aws_bedrock:
      if (embeds) return host::aws::path(model, host::aws::kInvoke);
      if (kind == EndpointKind::count_tokens) model = host::aws::anthropic_model(model);
      return host::aws::path(host::aws::without_geography(model), host::aws::kCountTokens);
    case SchemaName::aws_anthropic:
      return host::aws::path(host::aws::anthropic_model(model), host::aws::kCountTokens);
    case SchemaName::gcp_anthropic:
      return host::gcp::vertex_path(backend, "anthropic", host::gcp::kAnthropicCounter,
                                    host::gcp::kRawPredict);
    case SchemaName::gcp_vertex_ai:
      return host::gcp::vertex_path(backend, "google", model, vertex_action(kind, model));
    case SchemaName::openai:
    case SchemaName::openai_chat:
    case SchemaName::openai_responses:
    case SchemaName::gemini_api:
      break;
  }
  if (kind == EndpointKind::tokenize) return tokenize_path(backend);
  // OpenAI's own paths are those of its endpoints with the backend's prefix in the place of /v1.
  return host::openai::path(backend, name_of(kind).substr(Bytes("/v1").size()));
}

}  // namespace aigw::endpoint
