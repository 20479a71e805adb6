#include "control/client_filter.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/limits.h"
#include "control/sds_file.h"

namespace aigw::control {
namespace {

constexpr const char* kName = "ai_gateway.clients";
constexpr const char* kClientHeader = "x-ai-eg-client";
constexpr const char* kApiKeyType = "type.googleapis.com/envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth";
constexpr const char* kJwtType = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";

// Where the SDKs of all languages put their key.
constexpr const char* kKeyHeaders[] = {"authorization", "x-api-key", "api-key", "x-goog-api-key"};

// A key that changes is live within a second: half of it is for Envoy to read the file.
constexpr std::chrono::milliseconds kPeriod{300};

Failure failure(const std::string& client, const std::string& what) {
  return {FailureKind::internal, "client " + client + ": " + what};
}

bool by_sds(const config::ClientKey& client) { return client.key.source == config::SecretSpec::Source::sds; }

// Without the line end that editors put behind it. `delivered` is needed for a key by SDS.
Result<std::string> key_of(const config::ClientKey& client, const SdsFile* delivered) {
  using Source = config::SecretSpec::Source;
  const std::string& place = client.key.place;
  std::string key(client.key.literal.reveal());
  if (by_sds(client)) {
    const Result<Secret> secret = delivered->find(place);
    if (!secret) return failure(client.name, secret.error().message);
    key = secret->reveal();
  }
  if (client.key.source == Source::env) {
    const char* variable = std::getenv(place.c_str());
    if (variable == nullptr) return failure(client.name, "the environment variable " + place + " is not set");
    key = variable;
  } else if (client.key.source == Source::file) {
    std::ifstream file(place);
    if (!file) return failure(client.name, "the key file " + place + " cannot be read");
    key.assign(limits::credential_max + 1, '\0');
    file.read(key.data(), static_cast<std::streamsize>(key.size()));
    key.resize(static_cast<size_t>(file.gcount()));
  }
  while (!key.empty() && std::isspace(static_cast<unsigned char>(key.back()))) key.pop_back();
  if (key.empty()) return failure(client.name, "the key is empty");
  if (key.size() > limits::credential_max) return failure(client.name, "the key is too long");
  return key;
}

Result<Json> api_key_filter(const config::Clients& clients) {
  std::optional<SdsFile> delivered;
  if (std::any_of(clients.keys.begin(), clients.keys.end(), by_sds)) {
    Result<SdsFile> file = SdsFile::read(clients.sds_file);
    if (!file) return std::move(file).error();
    delivered.emplace(std::move(*file));
  }
  Json credentials = Json::array();
  std::map<std::string, std::string> owners;
  for (const config::ClientKey& client : clients.keys) {
    Result<std::string> key = key_of(client, delivered ? &*delivered : nullptr);
    if (!key) return std::move(key).error();
    const auto [owner, is_first] = owners.emplace(*key, client.name);
    if (!is_first) return failure(client.name, "has the same key as " + owner->second);
    credentials.push_back({{"key", *key}, {"client", client.name}});
  }
  Json sources = Json::array();
  for (const char* header : kKeyHeaders) sources.push_back({{"header", header}});
  return Json{{"@type", kApiKeyType},
              {"credentials", std::move(credentials)},
              {"key_sources", std::move(sources)},
              {"forwarding", {{"header", kClientHeader}, {"hide_credentials", true}}}};
}

Json jwt_filter(const config::ClientJwt& jwt) {
  Json headers = Json::array();
  for (const char* header : kKeyHeaders) {
    Json from = {{"name", header}};
    if (std::string(header) == "authorization") from["value_prefix"] = "Bearer ";
    headers.push_back(std::move(from));
  }
  Json provider = {{"issuer", jwt.issuer},
                   {"local_jwks", {{"filename", jwt.jwks_file}}},
                   {"from_headers", std::move(headers)},
                   {"claim_to_headers",
                    Json::array({{{"header_name", kClientHeader}, {"claim_name", jwt.claim}}})}};
  if (!jwt.audiences.empty()) provider["audiences"] = jwt.audiences;
  return {{"@type", kJwtType},
          {"providers", {{"clients", std::move(provider)}}},
          {"rules", Json::array({{{"match", {{"prefix", "/"}}}, {"requires", {{"provider_name", "clients"}}}}})}};
}

}  // namespace

Json client_filter(const config::Clients& clients, const std::string& directory) {
  const Json source = {{"path", directory + "/" + kClientsFile}, {"watched_directory", {{"path", directory}}}};
  return {{"name", kName},
          {"config_discovery",
           {{"config_source", {{"path_config_source", source}, {"resource_api_version", "V3"}}},
            {"type_urls", Json::array({clients.jwt ? kJwtType : kApiKeyType})}}}};
}

Result<std::string> client_resource(const config::Clients& clients) {
  Json filter;
  if (clients.jwt) {
    filter = jwt_filter(*clients.jwt);
  } else {
    Result<Json> keys = api_key_filter(clients);
    if (!keys) return std::move(keys).error();
    filter = std::move(*keys);
  }
  const Json resource = {{"@type", "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"},
                         {"name", kName},
                         {"typed_config", std::move(filter)}};
  const Json response = {{"version_info", "1"}, {"resources", Json::array({resource})}};
  return response.dump(2, ' ', false, Json::error_handler_t::replace);
}

struct ClientKeyWatcher::Thread {
  const config::Clients& clients;
  const RuntimeDirectory& directory;
  std::string written;
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::thread thread;

  void run() {
    std::unique_lock<std::mutex> lock(mutex);
    while (!changed.wait_for(lock, kPeriod, [this] { return stopping; })) {
      Result<std::string> now = client_resource(clients);
      if (!now || *now == written) continue;
      if (directory.replace(kClientsFile, *now)) written = std::move(*now);
    }
  }
};

ClientKeyWatcher::ClientKeyWatcher(const config::Clients& clients, const RuntimeDirectory& directory,
                                   std::string written)
    : thread_(new Thread{clients, directory, std::move(written), {}, {}, false, {}}) {
  thread_->thread = std::thread([thread = thread_.get()] { thread->run(); });
}

ClientKeyWatcher::~ClientKeyWatcher() {
  {
    std::lock_guard<std::mutex> lock(thread_->mutex);
    thread_->stopping = true;
  }
  thread_->changed.notify_all();
  thread_->thread.join();
}

}  // namespace aigw::control
