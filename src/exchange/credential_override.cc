#include "exchange/credential_override.h"

#include <algorithm>
#include <array>
#include <string>

#include "http/media_type.h"

namespace aigw::exchange {
namespace {

using config::AuthKind;
using config::CredentialOverride;
using Source = config::CredentialOverride::Source;

// The parts of an AWS key: behind the prefix of a header, and in a struct of metadata.
struct AwsPart {
  Bytes header;
  Bytes member;
};
constexpr AwsPart kAccessKeyId{"access-key-id", "accessKeyId"};
constexpr AwsPart kSecretAccessKey{"secret-access-key", "secretAccessKey"};
constexpr AwsPart kSessionToken{"session-token", "sessionToken"};
constexpr std::array kAwsParts{kAccessKeyId, kSecretAccessKey, kSessionToken};

bool is_header_safe(Bytes value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

Secret trimmed(const Secret& value) {
  Bytes text = value.reveal();
  constexpr Bytes kSpace = " \t\r\n\v\f";
  const size_t last = text.find_last_not_of(kSpace);
  text = text.substr(0, last == Bytes::npos ? 0 : last + 1);
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kSpace)));
  return is_header_safe(text) ? Secret(text) : Secret();
}

Secret header(http::HeaderMap& request, Bytes name) {
  Bytes value = request.get(name).value_or("");
  // There the key stands behind its scheme, which is set anew.
  constexpr Bytes kBearer = "bearer ";
  if (name == "authorization" &&
      http::equals_ignoring_case(value.substr(0, kBearer.size()), kBearer)) {
    value.remove_prefix(kBearer.size());
  }
  return trimmed(Secret(value));
}

Secret aws_part(const CredentialOverride& from, const AwsPart& part, http::HeaderMap& request,
                RequestMetadata* metadata) {
  if (from.source == Source::header) {
    return header(request, from.header + std::string(part.header));
  }
  if (metadata == nullptr) return {};
  std::optional<Secret> value =
      metadata->member(from.metadata_namespace, from.metadata_key, part.member);
  // A carrier that cannot look into a struct: the parts may stand in the namespace themselves.
  if (!value) value = metadata->text(from.metadata_namespace, part.member);
  return value ? trimmed(*value) : Secret();
}

Secret key(const CredentialOverride& from, http::HeaderMap& request, RequestMetadata* metadata) {
  if (from.source == Source::header) return header(request, from.header);
  if (metadata == nullptr) return {};
  const std::optional<Secret> value = metadata->text(from.metadata_namespace, from.metadata_key);
  return value ? trimmed(*value) : Secret();
}

}  // namespace

bool is_override_header(Bytes name, const CredentialOverride& from) {
  if (name.starts_with("x-aigw-")) return true;
  if (from.source != Source::header || !name.starts_with(from.header)) return false;
  const Bytes rest = name.substr(from.header.size());
  if (!from.is_prefix) return rest.empty();
  return std::any_of(kAwsParts.begin(), kAwsParts.end(),
                     [&](const AwsPart& part) { return rest == part.header; });
}

Result<std::optional<RequestCredential>> read_request_credential(const config::Backend& backend,
                                                                 http::HeaderMap& request,
                                                                 RequestMetadata* metadata) {
  const CredentialOverride& from = backend.credential_override;
  if (from.source == Source::none) return std::optional<RequestCredential>();
  RequestCredential found;
  bool complete = false;
  if (backend.auth == AuthKind::aws) {
    const Secret id = aws_part(from, kAccessKeyId, request, metadata);
    found.aws.access_key_id = id.reveal();
    found.aws.secret_access_key = aws_part(from, kSecretAccessKey, request, metadata);
    found.aws.session_token = aws_part(from, kSessionToken, request, metadata);
    if (id.empty() != found.aws.secret_access_key.empty()) {
      return Failure{FailureKind::internal,
                     "the request brings half an AWS key: access key id and secret access key belong together"};
    }
    complete = !id.empty();
  } else {
    found.key = key(from, request, metadata);
    complete = !found.key.empty();
  }
  if (complete) return std::optional<RequestCredential>(std::move(found));
  if (from.fallback_to_configured) return std::optional<RequestCredential>();
  return Failure{FailureKind::unauthorized, "the request brings no credential for this backend"};
}

}  // namespace aigw::exchange
