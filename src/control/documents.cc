#include "control/documents.h"

#include <nlohmann/json.hpp>

namespace aigw::control {
namespace {

using Json = nlohmann::ordered_json;

// Given to every run without a file, so that metadata and access logs have them.
Json costs() {
  Json list = Json::array();
  for (const auto& [key, type] : {std::pair{"llm_input_token", "InputToken"},
                                  {"llm_output_token", "OutputToken"},
                                  {"llm_total_token", "TotalToken"},
                                  {"llm_cached_input_token", "CachedInputToken"},
                                  {"llm_reasoning_token", "ReasoningToken"}}) {
    list.push_back({{"metadataKey", key}, {"type", type}});
  }
  return list;
}

std::string document(Json backend, const std::string& url, Json models) {
  const std::string name = backend["name"];
  const Json upstream = {{"backend", name}, {"url", url}};
  const Json member = {{"name", name}};
  const Json route = {
      {"name", name}, {"models", Json::array({"*"})}, {"backends", Json::array({member})}};
  Json json = {{"globalLLMRequestCosts", costs()}, {"backends", Json::array({std::move(backend)})}};
  if (!models.empty()) json["models"] = std::move(models);
  json["upstreams"] = Json::array({upstream});
  json["routes"] = Json::array({route});
  // Variables may hold any bytes; the loader then refuses the replacement.
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::optional<std::string> document_of_environment(const Variables& variables) {
  const bool has_key = !variables("OPENAI_API_KEY").empty();
  std::string url = variables("OPENAI_BASE_URL");
  if (!has_key && url.empty()) return {};
  if (url.empty()) url = "https://api.openai.com/v1";
  while (url.ends_with('/')) url.pop_back();
  const size_t scheme = url.find("://");
  const size_t path = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  const std::string prefix = path == std::string::npos ? std::string() : url.substr(path + 1);
  if (path != std::string::npos) url.resize(path);

  Json backend = {{"name", "openai"}, {"schema", {{"name", "OpenAI"}}}};
  if (!prefix.empty()) backend["schema"]["prefix"] = prefix;
  if (has_key) backend["auth"] = {{"apiKey", {{"keyEnv", "OPENAI_API_KEY"}}}};
  Json headers = Json::array();
  for (const auto& [variable, header] : {std::pair{"OPENAI_ORG_ID", "openai-organization"},
                                         {"OPENAI_PROJECT_ID", "openai-project"}}) {
    if (std::string value = variables(variable); !value.empty()) {
      headers.push_back({{"name", header}, {"value", std::move(value)}});
    }
  }
  if (!headers.empty()) backend["httpHeaderMutation"] = {{"set", std::move(headers)}};
  return document(std::move(backend), url, Json::array());
}

std::string embedded_document(const Address& provider) {
  Json models = Json::array();
  for (const char* name : {"mock-small", "mock-large"}) {
    models.push_back({{"Name", name}, {"OwnedBy", "aigw"}, {"CreatedAt", "2025-01-01T00:00:00Z"}});
  }
  return document({{"name", "embedded"}, {"schema", {{"name", "OpenAI"}}}},
                  "http://" + to_string(provider), std::move(models));
}

}  // namespace aigw::control
