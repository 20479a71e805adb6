// AWS Signature Version 4 in headers, for the service `bedrock`.
//
// What is signed is a canonical form of the request: method, path, query, some headers, and the
// SHA-256 of the body. The path in it is the path as sent with its dot segments and doubled slashes
// gone and its segments escaped once more, so a %2F that is sent stands there as %252F (all
// services but S3). The key that signs comes from the secret by four HMACs over day, region and
// service: it is the same for a whole day.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "crypto/sha256.h"
#include "host/aws/credentials.h"
#include "http/header_map.h"

namespace aigw::host::aws {

// The signing key that was derived last. One for each thread and credential, kept by the caller
// from call to call; as secret as what it is made of. A call that it does not fit makes it anew.
struct SigningKey {
  SigningKey() = default;
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey() { erase_bytes(key.data(), key.size()); }

  Secret secret;
  std::string region;
  std::array<char, 8> day{};  // YYYYMMDD
  crypto::Digest key{};
};

struct RequestToSign {
  Bytes method;
  Bytes host;  // as it is sent
  Bytes path;  // as it is sent, with its query: begins with a slash, everything is escaped
  crypto::Digest payload_sha256;
  // More headers to sign, if any. Names are lower case; none of host, authorization, x-amz-date
  // and x-amz-security-token, and none that may change on the way (content-length, user-agent).
  std::span<const http::HeaderView> headers;
};

// What goes into the request's headers, beside x-amz-security-token, which is the session token if
// there is one.
struct Signature {
  std::string authorization;
  std::string date;  // x-amz-date, "20260101T000000Z"
};

// `unix_seconds` is the time of the request, of which AWS tolerates some minutes.
Signature sign(const Credentials& credentials, Bytes region, const RequestToSign& request,
               int64_t unix_seconds, SigningKey& key);

}  // namespace aigw::host::aws
