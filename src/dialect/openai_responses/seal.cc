#include "dialect/openai_responses/seal.h"

#include <algorithm>

namespace aigw::dialect::openai_responses {
namespace {

constexpr Bytes kOwn = "openai:";

}  // namespace

Bytes seal_own(Bytes id, Bytes encrypted, Arena& arena) {
  const size_t size = kOwn.size() + id.size() + 1 + encrypted.size();
  char* const begin = arena.allocate(size);
  char* to = std::copy(kOwn.begin(), kOwn.end(), begin);
  to = std::copy(id.begin(), id.end(), to);
  *to++ = ':';
  std::copy(encrypted.begin(), encrypted.end(), to);
  return {begin, size};
}

std::optional<OwnSeal> open_own(Bytes signature) {
  if (!signature.starts_with(kOwn)) return std::nullopt;
  const Bytes rest = signature.substr(kOwn.size());
  const size_t colon = rest.find(':');
  if (colon == Bytes::npos) return std::nullopt;
  return OwnSeal{rest.substr(0, colon), rest.substr(colon + 1)};
}

std::optional<ForeignSeal> open_foreign(Bytes text) {
  using Kind = ForeignSeal::Kind;
  if (text.starts_with(kSealedSignature)) {
    return ForeignSeal{Kind::signature, text.substr(kSealedSignature.size())};
  }
  if (text.starts_with(kSealedRedacted)) {
    return ForeignSeal{Kind::redacted, text.substr(kSealedRedacted.size())};
  }
  if (!text.starts_with(kSealedCall)) return std::nullopt;
  // Ids of calls are the client's to choose, signatures are base64: the last colon is ours.
  const Bytes rest = text.substr(kSealedCall.size());
  const size_t colon = rest.rfind(':');
  if (colon == Bytes::npos) return std::nullopt;
  return ForeignSeal{Kind::call, rest.substr(colon + 1), rest.substr(0, colon)};
}

}  // namespace aigw::dialect::openai_responses
