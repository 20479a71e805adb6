// How AWS credentials are found where none are configured, as AWS's SDKs do it. What is fetched has the form
// of a shared-credentials file with one profile, so that there is one form to read.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "credential/token_source.h"

namespace aigw::credential {

// The file [default] of these three; the last may be empty.
Secret aws_credentials_file(Bytes access_key_id, Bytes secret_access_key, Bytes session_token);

// A role that is assumed with a web identity token (IRSA, and any OIDC issuer that the role trusts).
struct AwsWebIdentity {
  std::string role_arn;
  std::string token_file;
  std::string session_name;  // "" takes one of the gateway's
  std::string sts_url;       // where STS is; see aws_sts_url
  std::string proxy;
};
std::unique_ptr<TokenSource> aws_web_identity(AwsWebIdentity from);

// STS in `region`: AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL where one is set; the region's own host, with
// AWS_USE_FIPS_ENDPOINT its FIPS one.
std::string aws_sts_url(const std::string& region, const Environment& environment);

// A container's credentials (EKS Pod Identity, ECS): an URL, and a token that is sent with it, from a file or
// as it is. Plain http is for loopback and the link-local addresses of ECS and EKS only.
struct AwsContainer {
  std::string url;
  std::string token_file;
  Secret token;
};
Result<std::unique_ptr<TokenSource>> aws_container(AwsContainer from);

// The role of an EC2 instance, by IMDSv2: `endpoint` is "http://169.254.169.254" where "".
std::unique_ptr<TokenSource> aws_instance(std::string endpoint);

// What the environment gives, in the order of AWS's SDK for Go: keys in variables, web identity, the
// shared-credentials file, the container, the instance.
struct AwsChoice {
  Secret literal;                       // or
  std::string file;                     // the shared-credentials file, or
  std::unique_ptr<TokenSource> source;  // what has to be fetched
  std::string profile = "default";      // of the file
};
Result<AwsChoice> choose_aws(const std::string& region, const Environment& environment);

}  // namespace aigw::credential
