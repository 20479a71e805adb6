#include "endpoint/models.h"

#include <vector>

#include "dialect/anthropic/models.h"
#include "json/text.h"

namespace aigw::endpoint {

namespace {

std::string anthropic_models(std::span<const config::Model> models) {
  std::vector<dialect::anthropic::ListedModel> listed;
  for (const config::Model& model : models) listed.push_back({.id = model.id, .created = model.created_at});
  return dialect::anthropic::models_body(listed);
}

}  // namespace

std::string models_body(const config::Config& config, Bytes authority, Dialect dialect) {
  if (dialect == Dialect::anthropic) return anthropic_models(config.models_for_host(authority));
  std::string body = R"({"data":[)";
  bool first = true;
  for (const config::Model& model : config.models_for_host(authority)) {
    body += first ? R"({"id":)" : R"(,{"id":)";
    first = false;
    json::append_quoted(body, model.id);
    body += R"(,"created":)";
    body += std::to_string(model.created_at);
    body += R"(,"object":"model","owned_by":)";
    json::append_quoted(body, model.owned_by);
    body += '}';
  }
  body += R"(],"object":"list"})";
  return body;
}

}  // namespace aigw::endpoint
