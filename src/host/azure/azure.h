// Azure OpenAI: OpenAI's dialect, with the deployment in the path.
#pragma once

#include <string>

#include "base/bytes.h"
#include "config/names.h"
#include "host/common.h"

namespace aigw::host::azure {

// "/openai/deployments/{model}{tail}?api-version={version}". `model` is the deployment and
// `version` the backend's; both are escaped. `tail` begins with a slash, like "/chat/completions".
std::string path(Bytes model, Bytes version, Bytes tail);

// "/openai{tail}?api-version={version}": what names its model in the body.
std::string service_path(Bytes version, Bytes tail);

// Whether this api-version has the Responses API: those from 2025-03-01-preview on, and what is no date ("preview").
bool serves_responses(Bytes version);

// Where the credential goes: `api-key` for a key, a bearer token for what Entra ID gave out.
CredentialHeader credential_header(config::AuthKind kind);

}  // namespace aigw::host::azure
