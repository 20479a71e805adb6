// How Google access tokens are had where none is configured: application default credentials, as Google's
// libraries find them.
#pragma once

#include <memory>
#include <string>

#include "credential/token_source.h"

namespace aigw::credential {

inline constexpr const char* kGcpScope = "https://www.googleapis.com/auth/cloud-platform";

// The credentials file at `path`, read anew for each token:
//   service_account      a token that the account's key signs is exchanged (RS256)
//   external_account     workload identity federation: the token in a file or at a URL is exchanged at Google's
//                        STS, and then, where the file says so, for one of a service account
//   authorized_user      what `gcloud auth application-default login` writes
// `proxy` is the URL of an HTTP proxy, "" for none.
std::unique_ptr<TokenSource> gcp_file(std::string path, std::string proxy);

// The metadata server of a machine of Google's. `host` is "metadata.google.internal" where "".
std::unique_ptr<TokenSource> gcp_metadata(std::string host);

// The file that GOOGLE_APPLICATION_CREDENTIALS names, gcloud's own file, or the metadata server
// (GCE_METADATA_HOST). AI_GATEWAY_GCP_AUTH_PROXY_URL is the proxy.
std::unique_ptr<TokenSource> choose_gcp(const Environment& environment);

}  // namespace aigw::credential
