#include "credential/azure.h"

#include "base/bytes.h"
#include "credential/answer.h"
#include "credential/form_body.h"
#include "net/url.h"

namespace aigw::credential {
namespace {

using net::HttpRequest;

constexpr std::chrono::milliseconds kMetadataTimeout{5'000};

class Application final : public TokenSource {
 public:
  explicit Application(AzureApplication from) : from_(std::move(from)) {
    if (from_.authority.empty()) from_.authority = "https://login.microsoftonline.com";
    while (from_.authority.ends_with('/')) from_.authority.pop_back();
    if (from_.authority.find("://") == std::string::npos) from_.authority.insert(0, "https://");
    if (from_.scope.empty()) from_.scope = kAzureScope;
  }

  Result<Token> fetch(const net::HttpClient& http, int64_t now) override {
    FormBody form;
    form.add("grant_type", "client_credentials").add("client_id", from_.client_id).add("scope", from_.scope);
    if (from_.client_secret) {
      form.add("client_secret", without_space(from_.client_secret().reveal()));
    } else {
      // Read here, so that it is what stood in the file when its version was looked at, or later.
      Result<Secret> proof = read_secret_file(files().front());
      if (!proof) return std::move(proof).error();
      const Bytes text = without_space(proof->reveal());
      if (text.empty()) return Failure{FailureKind::internal, files().front() + ": it is empty"};
      if (!has_secret()) form.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
      form.add(has_secret() ? "client_secret" : "client_assertion", text);
    }
    HttpRequest request{.method = "POST",
                        .url = from_.authority + "/" + net::percent_encoded(from_.tenant_id) + "/oauth2/v2.0/token",
                        .headers = {},
                        .body = form.text(),
                        .proxy = from_.proxy};
    request.headers.emplace_back("content-type", Secret(FormBody::kType));
    request.headers.emplace_back("accept", Secret("application/json"));
    return access_token("Entra ID", http.send(request), now);
  }

  Bytes kind() const override { return "azure_application"; }

  std::string name() const override {
    return "Entra ID token of client " + from_.client_id + " in tenant " + from_.tenant_id + " at " +
           from_.authority + " for " + from_.scope + " by " +
           (has_secret() ? from_.secret_name : "the token in " + from_.federated_token_file) +
           (from_.proxy.empty() ? "" : " through a proxy");
  }

  std::vector<std::string> files() const override {
    if (from_.client_secret) return {};
    return {from_.secret_file.empty() ? from_.federated_token_file : from_.secret_file};
  }

 private:
  bool has_secret() const { return from_.client_secret || !from_.secret_file.empty(); }

  AzureApplication from_;
};

class ManagedIdentity final : public TokenSource {
 public:
  ManagedIdentity(std::string endpoint, std::string client_id, std::string scope)
      : endpoint_(endpoint.empty() ? "http://169.254.169.254" : std::move(endpoint)),
        client_id_(std::move(client_id)),
        resource_(scope.empty() ? kAzureScope : std::move(scope)) {
    while (endpoint_.ends_with('/')) endpoint_.pop_back();
    // The metadata server speaks the protocol's first version, where a scope is a resource.
    constexpr Bytes kDefault = "/.default";
    if (resource_.ends_with(kDefault)) resource_.resize(resource_.size() - kDefault.size());
  }

  Result<Token> fetch(const net::HttpClient& http, int64_t now) override {
    std::string url = endpoint_ + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" +
                      net::percent_encoded(resource_);
    if (!client_id_.empty()) url += "&client_id=" + net::percent_encoded(client_id_);
    HttpRequest request{.url = std::move(url), .timeout = kMetadataTimeout};
    request.headers.emplace_back("metadata", Secret("true"));
    return access_token("Azure's metadata server", http.send(request), now);
  }

  Bytes kind() const override { return "azure_managed_identity"; }

  std::string name() const override {
    return "Entra ID token of the machine" + (client_id_.empty() ? "" : " as client " + client_id_) + " at " +
           endpoint_ + " for " + resource_;
  }

 private:
  std::string endpoint_;
  std::string client_id_;
  std::string resource_;
};

}  // namespace

std::unique_ptr<TokenSource> azure_application(AzureApplication from) {
  return std::make_unique<Application>(std::move(from));
}

std::unique_ptr<TokenSource> azure_managed_identity(std::string endpoint, std::string client_id, std::string scope) {
  return std::make_unique<ManagedIdentity>(std::move(endpoint), std::move(client_id), std::move(scope));
}

std::unique_ptr<TokenSource> choose_azure(const std::string& scope, const Environment& environment) {
  AzureApplication from;
  from.tenant_id = environment("AZURE_TENANT_ID");
  from.client_id = environment("AZURE_CLIENT_ID");
  from.authority = environment("AZURE_AUTHORITY_HOST");
  from.proxy = environment("AI_GATEWAY_AZURE_PROXY_URL");
  from.scope = scope;
  if (!from.tenant_id.empty() && !from.client_id.empty()) {
    if (!environment("AZURE_CLIENT_SECRET").empty()) {
      from.client_secret = [environment] { return Secret(environment("AZURE_CLIENT_SECRET")); };
      from.secret_name = "the secret in AZURE_CLIENT_SECRET";
      return azure_application(std::move(from));
    }
    from.federated_token_file = environment("AZURE_FEDERATED_TOKEN_FILE");
    if (!from.federated_token_file.empty()) return azure_application(std::move(from));
  }
  return azure_managed_identity(environment("AZURE_POD_IDENTITY_AUTHORITY_HOST"), from.client_id, scope);
}

}  // namespace aigw::credential
