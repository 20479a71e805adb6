// How Entra ID tokens are had where none is configured.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "credential/token_source.h"

namespace aigw::credential {

inline constexpr const char* kAzureScope = "https://cognitiveservices.azure.com/.default";

// An application of Entra ID, which proves itself with a secret or with another issuer's token in a file
// (workload identity federation).
struct AzureApplication {
  std::string tenant_id;
  std::string client_id;
  std::function<Secret()> client_secret;  // where the secret stands in no file; null: in one, or there is none
  std::string secret_file;                // "" for none: without a secret, the token in the file below
  std::string secret_name;                // where the secret is from, for logs, and to tell it from others
  std::string federated_token_file;
  std::string authority;  // "" is https://login.microsoftonline.com
  std::string scope;      // "" is kAzureScope
  std::string proxy;
};
std::unique_ptr<TokenSource> azure_application(AzureApplication from);

// The identity of the machine, from its metadata server. `client_id` names one of several, "" takes the only
// one; `endpoint` is "http://169.254.169.254" where "".
std::unique_ptr<TokenSource> azure_managed_identity(std::string endpoint, std::string client_id, std::string scope);

// AZURE_TENANT_ID and AZURE_CLIENT_ID with AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE
// (AZURE_AUTHORITY_HOST), else the machine's identity. AI_GATEWAY_AZURE_PROXY_URL is the proxy.
std::unique_ptr<TokenSource> choose_azure(const std::string& scope, const Environment& environment);

}  // namespace aigw::credential
