#include "control/documents.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace aigw::control {
namespace {

using Json = nlohmann::ordered_json;

// How model ids of Bedrock begin: the vendor's name, a group of regions (or all) before it, or an
// ARN.
constexpr const char* bedrock_models[] = {
    "anthropic.*", "amazon.*",     "meta.*",   "mistral.*", "cohere.*", "ai21.*", "deepseek.*",
    "qwen.*",      "openai.*",     "google.*", "nvidia.*",  "writer.*", "zai.*",  "minimax.*",
    "moonshot.*",  "moonshotai.*", "us.*",     "us-gov.*",  "eu.*",     "apac.*", "jp.*",
    "au.*",        "ca.*",         "global.*", "arn:*"};

constexpr const char* anthropic_models[] = {"claude-*"};

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

struct Provider {
  Json backend;     // of the document
  std::string url;  // of the upstream

  std::string name() const { return backend["name"]; }
};

struct Providers {
  std::optional<Provider> anthropic, bedrock, openai, azure;
};

template <size_t N>
Json models(const char* const (&names)[N]) {
  return Json(std::vector<std::string>(std::begin(names), std::end(names)));
}

Json route(Json models, const std::vector<const Provider*>& by_priority) {
  Json members = Json::array();
  for (const Provider* provider : by_priority) {
    Json member = {{"name", provider->name()}};
    if (!members.empty()) member["priority"] = members.size();
    members.push_back(std::move(member));
  }
  return {{"name", by_priority.front()->name()},
          {"models", std::move(models)},
          {"backends", std::move(members)}};
}

// What goes where. A model that fits no route gets the gateway's own 404.
Json routes(const Providers& providers) {
  std::vector<const Provider*> general;
  for (const std::optional<Provider>* one : {&providers.openai, &providers.azure}) {
    if (one->has_value()) general.push_back(&**one);
  }
  const bool alone =
      general.empty() && providers.anthropic.has_value() != providers.bedrock.has_value();
  Json list = Json::array();
  if (providers.anthropic) {
    list.push_back(
        route(alone ? Json::array({"*"}) : models(anthropic_models), {&*providers.anthropic}));
  }
  if (providers.bedrock) {
    list.push_back(
        route(alone ? Json::array({"*"}) : models(bedrock_models), {&*providers.bedrock}));
  }
  if (!general.empty()) list.push_back(route(Json::array({"*"}), general));
  return list;
}

// "" where there is no provider.
std::string document(const Providers& providers, Json listed_models) {
  Json backends = Json::array();
  Json upstreams = Json::array();
  for (const std::optional<Provider>* one :
       {&providers.openai, &providers.azure, &providers.anthropic, &providers.bedrock}) {
    if (!one->has_value()) continue;
    backends.push_back((*one)->backend);
    upstreams.push_back({{"backend", (*one)->name()}, {"url", (*one)->url}});
  }
  if (backends.empty()) return {};
  Json json = {{"globalLLMRequestCosts", costs()}, {"backends", std::move(backends)}};
  if (!listed_models.empty()) json["models"] = std::move(listed_models);
  json["upstreams"] = std::move(upstreams);
  json["routes"] = routes(providers);
  // Variables may hold any bytes; the loader then refuses the replacement.
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

// A base URL in two: up to the path, and the path without slashes at its ends.
struct SplitUrl {
  std::string origin, path;
};

SplitUrl split(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  const size_t scheme = url.find("://");
  const size_t path = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (path == std::string::npos) return {url, {}};
  return {url.substr(0, path), url.substr(path + 1)};
}

class Environment {
 public:
  explicit Environment(const Variables& variables) : variables_(variables) {}

  EnvironmentDocument read() {
    const Providers providers{anthropic(), bedrock(), openai(), azure()};
    return {document(providers, Json::array()), std::move(notes_)};
  }

 private:
  std::string get(const char* name) const { return variables_(name); }
  bool has(const char* name) const { return !get(name).empty(); }

  std::optional<Provider> openai() const {
    const bool has_key = has("OPENAI_API_KEY");
    std::string base = get("OPENAI_BASE_URL");
    if (!has_key && base.empty()) return {};
    if (base.empty()) base = "https://api.openai.com/v1";
    const SplitUrl url = split(base);
    Json backend = {{"name", "openai"}, {"schema", {{"name", "OpenAI"}}}};
    if (!url.path.empty()) backend["schema"]["prefix"] = url.path;
    if (has_key) backend["auth"] = {{"apiKey", {{"keyEnv", "OPENAI_API_KEY"}}}};
    Json headers = Json::array();
    for (const auto& [variable, header] : {std::pair{"OPENAI_ORG_ID", "openai-organization"},
                                           {"OPENAI_PROJECT_ID", "openai-project"}}) {
      if (std::string value = get(variable); !value.empty()) {
        headers.push_back({{"name", header}, {"value", std::move(value)}});
      }
    }
    if (!headers.empty()) backend["httpHeaderMutation"] = {{"set", std::move(headers)}};
    return Provider{std::move(backend), url.origin};
  }

  // The base URL is the SDK's: the path before /v1/messages.
  std::optional<Provider> anthropic() {
    if (!has("ANTHROPIC_API_KEY")) return {};
    const std::string base = get("ANTHROPIC_BASE_URL");
    const SplitUrl url = split(base.empty() ? "https://api.anthropic.com" : base);
    const std::string prefix = url.path.empty() ? "v1" : url.path + "/v1";
    return Provider{{{"name", "anthropic"},
                     {"schema", {{"name", "Anthropic"}, {"prefix", prefix}}},
                     {"auth", {{"anthropicAPIKey", {{"keyEnv", "ANTHROPIC_API_KEY"}}}}}},
                    url.origin};
  }

  std::optional<Provider> azure() {
    if (!complete("Azure OpenAI", "AZURE_OPENAI_API_KEY",
                  {"AZURE_OPENAI_ENDPOINT", "OPENAI_API_VERSION"}))
      return {};
    std::string url = get("AZURE_OPENAI_ENDPOINT");
    while (url.ends_with('/')) url.pop_back();
    return Provider{{{"name", "azure"},
                     {"schema", {{"name", "AzureOpenAI"}, {"version", get("OPENAI_API_VERSION")}}},
                     {"auth", {{"azureAPIKey", {{"keyEnv", "AZURE_OPENAI_API_KEY"}}}}}},
                    std::move(url)};
  }

  std::optional<Provider> bedrock() {
    const char* region_name =
        has("AWS_REGION") || !has("AWS_DEFAULT_REGION") ? "AWS_REGION" : "AWS_DEFAULT_REGION";
    if (!complete("Bedrock", "AWS_ACCESS_KEY_ID", {"AWS_SECRET_ACCESS_KEY", region_name}))
      return {};
    const std::string region = get(region_name);
    std::string credentials = "[default]\naws_access_key_id = " + get("AWS_ACCESS_KEY_ID") +
                              "\naws_secret_access_key = " + get("AWS_SECRET_ACCESS_KEY") + "\n";
    if (has("AWS_SESSION_TOKEN"))
      credentials += "aws_session_token = " + get("AWS_SESSION_TOKEN") + "\n";
    std::string url = get("AWS_ENDPOINT_URL_BEDROCK_RUNTIME");
    while (url.ends_with('/')) url.pop_back();
    if (url.empty()) {
      const char* domain = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
      url = "https://bedrock-runtime." + region + domain;
    }
    return Provider{
        {{"name", "bedrock"},
         {"schema", {{"name", "AWSBedrock"}}},
         {"auth", {{"aws", {{"credentialFileLiteral", credentials}, {"region", region}}}}}},
        std::move(url)};
  }

  // Whether a provider is named with all that it needs; says so where something is missing.
  bool complete(const char* provider, const char* key, std::initializer_list<const char*> others) {
    if (!has(key)) return false;
    std::string missing;
    for (const char* other : others) {
      if (!has(other)) missing.append(missing.empty() ? "" : " and ").append(other);
    }
    if (missing.empty()) return true;
    notes_.push_back(std::string(provider) + " is left out: " + key + " is set, but not " +
                     missing);
    return false;
  }

  const Variables& variables_;
  std::vector<std::string> notes_;
};

}  // namespace

EnvironmentDocument document_of_environment(const Variables& variables) {
  return Environment(variables).read();
}

std::string embedded_document(const Address& provider) {
  Json listed = Json::array();
  for (const char* name :
       {"mock-small", "mock-large", "claude-mock", "anthropic.claude-mock-v1:0"}) {
    listed.push_back({{"Name", name}, {"OwnedBy", "aigw"}, {"CreatedAt", "2025-01-01T00:00:00Z"}});
  }
  const std::string url = "http://" + to_string(provider);
  const auto speaking = [&](const char* name, const char* schema) {
    return Provider{{{"name", name}, {"schema", {{"name", schema}}}}, url};
  };
  Providers providers;
  providers.openai = speaking("embedded", "OpenAI");
  providers.anthropic = speaking("embedded-anthropic", "Anthropic");
  providers.bedrock = speaking("embedded-bedrock", "AWSBedrock");
  return document(providers, std::move(listed));
}

}  // namespace aigw::control
