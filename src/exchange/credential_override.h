// A credential that comes with the request instead of the backend's own (`credentialOverride`, the
// peer's facts, 5): from headers, or from the dynamic metadata that a filter before ours has written.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/config.h"
#include "host/aws/credentials.h"
#include "http/header_map.h"

namespace aigw::exchange {

// The request's dynamic metadata, wherever the carrier keeps it.
class RequestMetadata {
 public:
  virtual ~RequestMetadata() = default;
  // A text in a namespace; nothing where there is none, or something else.
  virtual std::optional<Secret> text(Bytes name_space, Bytes key) = 0;
  // A text in a struct in a namespace. Nothing also where the carrier cannot look into structs.
  virtual std::optional<Secret> member(Bytes name_space, Bytes key, Bytes member) = 0;
};

// What the request brought. `aws` for a backend of that kind, else `key`.
struct RequestCredential {
  Secret key;
  host::aws::Credentials aws;
};

// Whether a header carries a credential to the gateway by one of the names for it, or by what the
// backend is told to look at: it goes on to no provider. `name` is in lower case.
bool is_override_header(Bytes name, const config::CredentialOverride& from);

// The request's credential for `backend`; nothing where the backend takes its own. Fails with
// `unauthorized` where there is neither, and with `internal` where half an AWS key came.
// `metadata` may be null: there is none.
Result<std::optional<RequestCredential>> read_request_credential(const config::Backend& backend,
                                                                 http::HeaderMap& request,
                                                                 RequestMetadata* metadata);

}  // namespace aigw::exchange
