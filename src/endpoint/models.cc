#include "endpoint/models.h"

#include "json/text.h"

namespace aigw::endpoint {

std::string models_body(const config::Config& config, Bytes authority) {
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
