#include "cli/banner.h"

#include <algorithm>
#include <vector>

namespace aigw::cli {
namespace {

// A client on this machine reaches a listener on all addresses by loopback.
std::string base_url(control::Address listening) {
  if (listening.host == "0.0.0.0") listening.host = "127.0.0.1";
  if (listening.host == "::") listening.host = "::1";
  return "http://" + to_string(listening);
}

std::string url_of(const config::Upstream& upstream) {
  std::string url = upstream.tls ? "https://" : "http://";
  url.append(upstream.host.find(':') == std::string::npos ? upstream.host
                                                          : "[" + upstream.host + "]");
  if (upstream.port != (upstream.tls ? 443 : 80))
    url.append(":").append(std::to_string(upstream.port));
  return url;
}

std::string join(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text.append(text.empty() ? "" : ", ").append(one);
  return text;
}

// What a route takes, on one line.
std::string models_of(const config::GatewayDocument& document, const config::Route& route) {
  constexpr size_t shown = 6;
  if (std::find(route.models.begin(), route.models.end(), "*") != route.models.end())
    return &route == &document.routes.front() ? "any model" : "any other model";
  if (route.models.size() <= shown + 1) return join(route.models);
  return join({route.models.begin(), route.models.begin() + shown}) + " and " +
         std::to_string(route.models.size() - shown) + " more prefixes";
}

std::string destination(const config::GatewayDocument& document,
                        const config::RouteBackend& backend) {
  std::string text = backend.name;
  if (const config::Upstream* upstream = document.find_upstream(backend.name)) {
    text.append(" (").append(url_of(*upstream)).append(")");
  }
  if (backend.priority > 0) text.insert(0, "else ");
  return text;
}

// A name to try: a listed model, or what a route takes by name, or a placeholder.
std::string model_to_try(const config::GatewayDocument& document) {
  if (!document.filter.models.empty()) return document.filter.models[0].name;
  for (const config::Route& route : document.routes) {
    for (const std::string& model : route.models) {
      if (!model.ends_with('*')) return model;
    }
  }
  return "MODEL";
}

}  // namespace

std::string banner(const config::GatewayDocument& document, const control::Address& listening,
                   uint16_t admin_port, const std::string& admin_address) {
  const std::string url = base_url(listening);
  const std::string model = model_to_try(document);
  std::string text = "aigw listens on " + url +
                     " (Envoy's admin: http://127.0.0.1:" + std::to_string(admin_port) + ")\n";
  for (const config::Route& route : document.routes) {
    std::vector<std::string> destinations;
    for (const config::RouteBackend& backend : route.backends)
      destinations.push_back(destination(document, backend));
    text.append("  ")
        .append(models_of(document, route))
        .append(" -> ")
        .append(join(destinations))
        .append("\n");
  }
  if (!admin_address.empty()) {
    text.append("  status: http://").append(admin_address).append("/, metrics: http://");
    text.append(admin_address).append("/metrics\n");
  }
  std::vector<std::string> models;
  for (const config::ModelSpec& one : document.filter.models) models.push_back(one.name);
  if (!models.empty()) text.append("  listed models: ").append(join(models)).append("\n");
  text.append("\nTry:\n  curl ")
      .append(url)
      .append("/v1/chat/completions -H 'content-type: application/json' -d \\\n");
  text.append("    '{\"model\": \"")
      .append(model)
      .append("\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello!\"}]}'\n");
  text.append("\nor with the OpenAI SDK for Python:\n  from openai import OpenAI\n");
  text.append("  client = OpenAI(base_url=\"").append(url).append("/v1\", api_key=\"unused\")\n");
  text.append("  print(client.chat.completions.create(model=\"").append(model);
  text.append("\", messages=[{\"role\": \"user\", \"content\": \"Hello!\"}]))\n");
  text.append("\nAnthropic's SDK takes base_url=\"").append(url).append("/anthropic\".\n");
  text.append("\nCtrl-C ends it.\n");
  return text;
}

std::string exposure_warning(const config::GatewayDocument& document,
                             const control::Address& listening) {
  if (is_loopback(listening) || document.clients) return {};
  const bool has_keys =
      std::any_of(document.filter.backends.begin(), document.filter.backends.end(),
                  [](const config::BackendSpec& backend) { return backend.auth.has_value(); });
  std::string text = "\n*** WARNING: " + to_string(listening) +
                     " is not only for this machine. Whoever reaches it\n";
  text.append(has_keys
                  ? "*** spends the provider keys of this gateway: it asks nobody who they are.\n"
                  : "*** uses this gateway: it asks nobody who they are.\n");
  text.append("*** Give each client a key (`clients` in the document), or listen on 127.0.0.1.\n\n");
  return text;
}

}  // namespace aigw::cli
