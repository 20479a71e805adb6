#include "credential/aws.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>

#include "base/time_text.h"
#include "credential/answer.h"
#include "credential/form_body.h"
#include "net/url.h"

namespace aigw::credential {
namespace {

using net::HttpRequest;
using net::HttpResponse;

// The instance's and the container's services are on the machine: they answer at once or not at all.
constexpr std::chrono::milliseconds kLocalTimeout{5'000};
constexpr const char* kInstanceTokenSeconds = "21600";

Failure unusable(std::string message) { return Failure{FailureKind::internal, std::move(message)}; }

// A part of a credential must not end its line of the file.
bool is_part(Bytes text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

Result<Token> token_of(const std::string& service, Bytes id, Bytes secret, Bytes session, Bytes expiration) {
  if (id.empty() || secret.empty() || !is_part(id) || !is_part(secret) || !is_part(session)) return no_token(service);
  return Token{aws_credentials_file(id, secret, session), parse_time(expiration).value_or(0)};
}

// The JSON that container and instance services answer with.
Result<Token> token_of_json(const std::string& service, const HttpResponse& response) {
  if (!response.ok()) return refusal(service, response);
  const JsonAnswer answer(response.body.reveal());
  // The instance's service says in a 200 that there is no role to assume.
  const Bytes code = answer.text("Code");
  if (!code.empty() && code != "Success") return refusal(service, response);
  return token_of(service, answer.text("AccessKeyId"), answer.text("SecretAccessKey"), answer.text("Token"),
                  answer.text("Expiration"));
}

class WebIdentity final : public TokenSource {
 public:
  explicit WebIdentity(AwsWebIdentity from) : from_(std::move(from)) {
    if (from_.session_name.empty()) from_.session_name = "aigw-" + std::to_string(::getpid());
  }

  Result<Token> fetch(const net::HttpClient& http, int64_t) override {
    Result<Secret> token = read_secret_file(from_.token_file);
    if (!token) return std::move(token).error();
    std::string encoded = net::percent_encoded(without_space(token->reveal()));
    const std::string start = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" +
                              net::percent_encoded(from_.role_arn) +
                              "&RoleSessionName=" + net::percent_encoded(from_.session_name) + "&WebIdentityToken=";
    SecretBuilder body(start.size() + encoded.size());
    body.append(start).append(encoded);
    erase_bytes(encoded.data(), encoded.size());
    HttpRequest request{.method = "POST", .url = from_.sts_url, .headers = {}, .body = Secret(body.reveal())};
    request.headers.emplace_back("content-type", Secret("application/x-www-form-urlencoded; charset=utf-8"));
    request.proxy = from_.proxy;
    const Result<HttpResponse> response = http.send(request);
    if (!response) return response.error();
    if (!response->ok()) return refusal("STS", *response);
    const Bytes found = xml_element(response->body.reveal(), "Credentials");
    return token_of("STS", xml_element(found, "AccessKeyId"), xml_element(found, "SecretAccessKey"),
                    xml_element(found, "SessionToken"), xml_element(found, "Expiration"));
  }

  Bytes kind() const override { return "aws_web_identity"; }

  std::string name() const override {
    return "AWS role " + from_.role_arn + " as " + from_.session_name + " by the token in " + from_.token_file +
           " at " + from_.sts_url + (from_.proxy.empty() ? "" : " through a proxy");
  }
  std::vector<std::string> files() const override { return {from_.token_file}; }

 private:
  AwsWebIdentity from_;
};

class Container final : public TokenSource {
 public:
  explicit Container(AwsContainer from) : from_(std::move(from)) {}

  Result<Token> fetch(const net::HttpClient& http, int64_t) override {
    HttpRequest request{.url = from_.url, .timeout = kLocalTimeout};
    if (!from_.token_file.empty()) {
      Result<Secret> token = read_secret_file(from_.token_file);
      if (!token) return std::move(token).error();
      request.headers.emplace_back("authorization", Secret(without_space(token->reveal())));
    } else if (!from_.token.empty()) {
      request.headers.emplace_back("authorization", Secret(without_space(from_.token.reveal())));
    }
    request.headers.emplace_back("accept", Secret("application/json"));
    const Result<HttpResponse> response = http.send(request);
    if (!response) return response.error();
    return token_of_json("the container's credentials service", *response);
  }

  Bytes kind() const override { return "aws_container"; }

  std::string name() const override { return "AWS credentials of the container at " + from_.url; }
  std::vector<std::string> files() const override {
    return from_.token_file.empty() ? std::vector<std::string>() : std::vector<std::string>{from_.token_file};
  }

 private:
  AwsContainer from_;
};

class Instance final : public TokenSource {
 public:
  explicit Instance(std::string endpoint)
      : endpoint_(endpoint.empty() ? "http://169.254.169.254" : std::move(endpoint)) {
    while (endpoint_.ends_with('/')) endpoint_.pop_back();
  }

  Result<Token> fetch(const net::HttpClient& http, int64_t) override {
    HttpRequest ask{.method = "PUT", .url = endpoint_ + "/latest/api/token", .timeout = kLocalTimeout};
    ask.headers.emplace_back("x-aws-ec2-metadata-token-ttl-seconds", Secret(kInstanceTokenSeconds));
    const Result<HttpResponse> session = http.send(ask);
    if (!session) return session.error();
    if (!session->ok()) return refusal(kService, *session);
    const std::string path = "/latest/meta-data/iam/security-credentials/";
    const Result<HttpResponse> roles = get(http, path, *session);
    if (!roles) return roles.error();
    if (!roles->ok()) return refusal(kService, *roles);
    const Bytes names = roles->body.reveal();
    const std::string role(without_space(names.substr(0, names.find('\n'))));
    if (role.empty() || !is_part(role)) return no_token(kService);
    const Result<HttpResponse> credentials = get(http, path + net::percent_encoded(role), *session);
    if (!credentials) return credentials.error();
    return token_of_json(kService, *credentials);
  }

  Bytes kind() const override { return "aws_instance"; }

  std::string name() const override { return "AWS credentials of the instance at " + endpoint_; }

 private:
  static constexpr const char* kService = "the instance's metadata service";

  Result<HttpResponse> get(const net::HttpClient& http, const std::string& path, const HttpResponse& session) const {
    HttpRequest request{.url = endpoint_ + path, .timeout = kLocalTimeout};
    request.headers.emplace_back("x-aws-ec2-metadata-token", Secret(without_space(session.body.reveal())));
    return http.send(request);
  }

  std::string endpoint_;
};

// Where a service of the machine itself may be asked without TLS.
bool is_local(const std::string& host) {
  in_addr address{};
  const bool loopback = ::inet_pton(AF_INET, host.c_str(), &address) == 1 && host.starts_with("127.");
  return loopback || host == "localhost" || host == "::1" || host == "169.254.170.2" ||
         host == "169.254.170.23" || host == "fd00:ec2::23";
}

bool has_keys(const std::string& path) {
  const Result<Secret> file = read_secret_file(path);
  return file && file->reveal().find("aws_access_key_id") != Bytes::npos;
}

std::string shared_file(const Environment& environment) {
  std::string path = environment("AWS_SHARED_CREDENTIALS_FILE");
  if (path.empty() && !environment("HOME").empty()) path = environment("HOME") + "/.aws/credentials";
  return path;
}

bool is_yes(const std::string& text) { return text == "true" || text == "TRUE" || text == "True" || text == "1"; }

}  // namespace

Secret aws_credentials_file(Bytes access_key_id, Bytes secret_access_key, Bytes session_token) {
  SecretBuilder file(128 + access_key_id.size() + secret_access_key.size() + session_token.size());
  file.append("[default]\naws_access_key_id = ").append(access_key_id);
  file.append("\naws_secret_access_key = ").append(secret_access_key).append("\n");
  if (!session_token.empty()) file.append("aws_session_token = ").append(session_token).append("\n");
  return Secret(file.reveal());
}

std::unique_ptr<TokenSource> aws_web_identity(AwsWebIdentity from) {
  return std::make_unique<WebIdentity>(std::move(from));
}

std::string aws_sts_url(const std::string& region, const Environment& environment) {
  for (const char* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    if (std::string url = environment(name); !url.empty()) return url;
  }
  const char* const service = is_yes(environment("AWS_USE_FIPS_ENDPOINT")) ? "sts-fips." : "sts.";
  const char* const domain = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
  return std::string("https://") + service + region + domain;
}

Result<std::unique_ptr<TokenSource>> aws_container(AwsContainer from) {
  const Result<net::Url> url = net::parse_url(from.url);
  if (!url) return url.error();
  if (!url->tls && !is_local(url->host)) {
    return unusable("AWS_CONTAINER_CREDENTIALS_FULL_URI: plain http is for this machine's own services only");
  }
  return std::unique_ptr<TokenSource>(std::make_unique<Container>(std::move(from)));
}

std::unique_ptr<TokenSource> aws_instance(std::string endpoint) {
  return std::make_unique<Instance>(std::move(endpoint));
}

Result<AwsChoice> choose_aws(const std::string& region, const Environment& environment) {
  AwsChoice choice;
  const std::string id = environment("AWS_ACCESS_KEY_ID");
  const Secret secret(environment("AWS_SECRET_ACCESS_KEY"));
  if (!id.empty() && !secret.empty()) {
    choice.literal = aws_credentials_file(id, secret.reveal(), environment("AWS_SESSION_TOKEN"));
    return choice;
  }
  if (std::string token_file = environment("AWS_WEB_IDENTITY_TOKEN_FILE"); !token_file.empty()) {
    const std::string role = environment("AWS_ROLE_ARN");
    if (role.empty()) return unusable("AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not");
    choice.source = aws_web_identity({role, std::move(token_file), environment("AWS_ROLE_SESSION_NAME"),
                                      aws_sts_url(region, environment), environment("AI_GATEWAY_STS_PROXY_URL")});
    return choice;
  }
  if (std::string profile = environment("AWS_PROFILE"); !profile.empty()) choice.profile = std::move(profile);
  if (std::string path = shared_file(environment); !path.empty() && has_keys(path)) {
    choice.file = std::move(path);
    return choice;
  }
  choice.profile = "default";
  AwsContainer container;
  container.url = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (const std::string path = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); !path.empty()) {
    container.url = "http://169.254.170.2" + path;
  }
  if (!container.url.empty()) {
    container.token_file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    container.token = Secret(environment("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
    Result<std::unique_ptr<TokenSource>> source = aws_container(std::move(container));
    if (!source) return std::move(source).error();
    choice.source = std::move(*source);
    return choice;
  }
  if (is_yes(environment("AWS_EC2_METADATA_DISABLED"))) {
    return unusable("there are no AWS credentials: neither in the environment nor in a file, and "
                    "AWS_EC2_METADATA_DISABLED forbids to ask the instance");
  }
  choice.source = aws_instance(environment("AWS_EC2_METADATA_SERVICE_ENDPOINT"));
  return choice;
}

}  // namespace aigw::credential
