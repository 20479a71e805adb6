#include "credential/gcp.h"

#include <unistd.h>

#include "base/time_text.h"
#include "credential/answer.h"
#include "credential/form_body.h"
#include "crypto/jwt.h"
#include "json/text.h"
#include "json/writer.h"
#include "net/url.h"

namespace aigw::credential {
namespace {

using net::HttpRequest;
using net::HttpResponse;

constexpr int64_t kAssertionSeconds = 3600;  // what Google takes at most
constexpr std::chrono::milliseconds kMetadataTimeout{5'000};

constexpr const char* kTokenService = "Google's token service";

Failure unusable(std::string message) { return Failure{FailureKind::internal, std::move(message)}; }

class File final : public TokenSource {
 public:
  File(std::string path, std::string proxy) : path_(std::move(path)), proxy_(std::move(proxy)) {}

  Result<Token> fetch(const net::HttpClient& http, int64_t now) override {
    Result<Secret> text = read_secret_file(path_);
    if (!text) return std::move(text).error();
    const JsonAnswer file(text->reveal());
    if (!file.is_object()) return unusable(path_ + " is not a JSON object");
    const Bytes type = file.text("type");
    if (type == "service_account") return of_service_account(http, file, now);
    if (type == "external_account") return of_external_account(http, file, now);
    if (type == "authorized_user") return of_user(http, file, now);
    return unusable(path_ + ": the type of these credentials is not service_account, external_account or "
                            "authorized_user");
  }

  Bytes kind() const override { return "gcp_file"; }

  std::string name() const override {
    return "Google credentials in " + path_ + (proxy_.empty() ? "" : " through a proxy");
  }

  std::vector<std::string> files() const override {
    std::vector<std::string> list{path_};
    if (!subject_file_.empty()) list.push_back(subject_file_);
    return list;
  }

 private:
  Result<HttpResponse> post(const net::HttpClient& http, Bytes url, const Secret& body, const char* type,
                            const Secret* bearer = nullptr) const {
    HttpRequest request{.method = "POST", .url = std::string(url), .headers = {}, .body = body, .proxy = proxy_};
    request.headers.emplace_back("content-type", Secret(type));
    if (bearer != nullptr) {
      SecretBuilder value(7 + bearer->size());
      request.headers.emplace_back("authorization", Secret(value.append("Bearer ").append(bearer->reveal()).reveal()));
    }
    return http.send(request);
  }
  Result<HttpResponse> post_form(const net::HttpClient& http, Bytes url, const FormBody& form) const {
    return post(http, url, form.text(), FormBody::kType);
  }

  Result<Token> of_service_account(const net::HttpClient& http, const JsonAnswer& file, int64_t now) const {
    const Bytes address = file.text("token_uri").empty() ? Bytes("https://oauth2.googleapis.com/token")
                                                         : file.text("token_uri");
    std::string header;
    json::Writer head(header);
    head.begin_object();
    for (const auto& [key, value] : {std::pair<Bytes, Bytes>{"alg", "RS256"}, {"typ", "JWT"},
                                     {"kid", file.text("private_key_id")}}) {
      if (value.empty()) continue;
      head.key(key);
      head.string(value);
    }
    head.end_object();
    std::string claims;
    json::Writer body(claims);
    body.begin_object();
    for (const auto& [key, value] : {std::pair<Bytes, Bytes>{"iss", file.text("client_email")},
                                     {"aud", address},
                                     {"scope", kGcpScope}}) {
      body.key(key);
      body.string(value);
    }
    body.member_number("iat", now);
    body.member_number("exp", now + kAssertionSeconds);
    body.end_object();
    const Result<Secret> assertion = crypto::sign_jwt(header, claims, Secret(file.text("private_key")));
    if (!assertion) return unusable(path_ + ": " + assertion.error().message);
    FormBody form;
    form.add("assertion", assertion->reveal()).add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    return access_token(kTokenService, post_form(http, address, form), now);
  }

  Result<Token> of_user(const net::HttpClient& http, const JsonAnswer& file, int64_t now) const {
    FormBody form;
    form.add("grant_type", "refresh_token").add("client_id", file.text("client_id"));
    form.add("client_secret", file.text("client_secret")).add("refresh_token", file.text("refresh_token"));
    const Bytes address = file.text("token_uri").empty() ? Bytes("https://oauth2.googleapis.com/token")
                                                         : file.text("token_uri");
    return access_token(kTokenService, post_form(http, address, form), now);
  }

  Result<Token> of_external_account(const net::HttpClient& http, const JsonAnswer& file, int64_t now) {
    Result<Secret> subject = subject_token(http, file.root()["credential_source"]);
    if (!subject) return std::move(subject).error();
    const Bytes impersonation = file.text("service_account_impersonation_url");
    FormBody form;
    form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    form.add("audience", file.text("audience")).add("scope", kGcpScope);
    form.add("requested_token_type", "urn:ietf:params:oauth:token-type:access_token");
    form.add("subject_token", subject->reveal()).add("subject_token_type", file.text("subject_token_type"));
    Result<Token> token = access_token("Google's STS", post_form(http, file.text("token_url"), form), now);
    if (!token || impersonation.empty()) return token;
    return impersonate(http, file, token->value);
  }

  // The token that somebody else has given out: in a file, or at a URL; as it is, or in a member of JSON.
  Result<Secret> subject_token(const net::HttpClient& http, const json::Value& source) {
    Result<Secret> text = Secret();
    if (const Bytes file = source["file"].text(); !file.empty()) {
      subject_file_ = file;
      text = read_secret_file(subject_file_);
    } else if (const Bytes url = source["url"].text(); !url.empty()) {
      HttpRequest request{.url = std::string(url), .proxy = {}};
      for (const json::Value& header : source["headers"].members()) {
        request.headers.emplace_back(header.name(), Secret(header.text()));
      }
      Result<HttpResponse> response = http.send(request);
      if (!response) return std::move(response).error();
      if (!response->ok()) return refusal("the issuer of the subject token", *response);
      text = std::move(response->body);
    } else {
      return unusable(path_ + ": credential_source has neither file nor url");
    }
    if (!text) return text;
    if (source["format"]["type"].text() != "json") return Secret(without_space(text->reveal()));
    const JsonAnswer answer(text->reveal());
    const Bytes token = answer.text(source["format"]["subject_token_field_name"].text());
    if (token.empty()) return no_token("the issuer of the subject token");
    return Secret(token);
  }

  Result<Token> impersonate(const net::HttpClient& http, const JsonAnswer& file, const Secret& bearer) const {
    constexpr const char* kService = "Google's IAM";
    uint64_t seconds = 3600;
    if (const auto wished =
            json_count(file.root()["service_account_impersonation"]["token_lifetime_seconds"]); wished) {
      seconds = *wished;
    }
    std::string body;
    json::Writer writer(body);
    writer.begin_object();
    writer.key("scope");
    writer.begin_array();
    writer.string(kGcpScope);
    writer.end_array();
    writer.key("lifetime");
    writer.string(std::to_string(seconds) + "s");
    writer.end_object();
    const Result<HttpResponse> response =
        post(http, file.text("service_account_impersonation_url"), Secret(body), "application/json", &bearer);
    if (!response) return response.error();
    if (!response->ok()) return refusal(kService, *response);
    const JsonAnswer answer(response->body.reveal());
    if (answer.text("accessToken").empty()) return no_token(kService);
    return Token{Secret(answer.text("accessToken")), parse_time(answer.text("expireTime")).value_or(0)};
  }

  static std::optional<uint64_t> json_count(const json::Value& value) {
    return value.is_number() ? json::to_uint64(value.raw()) : std::nullopt;
  }

  std::string path_;
  std::string proxy_;
  std::string subject_file_;  // of the last fetch
};

class Metadata final : public TokenSource {
 public:
  explicit Metadata(std::string host) : host_(host.empty() ? "metadata.google.internal" : std::move(host)) {}

  Result<Token> fetch(const net::HttpClient& http, int64_t now) override {
    HttpRequest request{.url = "http://" + host_ +
                               "/computeMetadata/v1/instance/service-accounts/default/token?scopes=" +
                               net::percent_encoded(kGcpScope),
                        .timeout = kMetadataTimeout};
    request.headers.emplace_back("metadata-flavor", Secret("Google"));
    return access_token("Google's metadata server", http.send(request), now);
  }

  Bytes kind() const override { return "gcp_metadata"; }

  std::string name() const override { return "Google token of the machine at " + host_; }

 private:
  std::string host_;
};

}  // namespace

std::unique_ptr<TokenSource> gcp_file(std::string path, std::string proxy) {
  return std::make_unique<File>(std::move(path), std::move(proxy));
}

std::unique_ptr<TokenSource> gcp_metadata(std::string host) { return std::make_unique<Metadata>(std::move(host)); }

std::unique_ptr<TokenSource> choose_gcp(const Environment& environment) {
  const std::string proxy = environment("AI_GATEWAY_GCP_AUTH_PROXY_URL");
  if (std::string path = environment("GOOGLE_APPLICATION_CREDENTIALS"); !path.empty()) {
    return gcp_file(std::move(path), proxy);
  }
  std::string folder = environment("CLOUDSDK_CONFIG");
  if (folder.empty() && !environment("HOME").empty()) folder = environment("HOME") + "/.config/gcloud";
  const std::string path = folder + "/application_default_credentials.json";
  if (!folder.empty() && ::access(path.c_str(), R_OK) == 0) return gcp_file(path, proxy);
  return gcp_metadata(environment("GCE_METADATA_HOST"));
}

}  // namespace aigw::credential
