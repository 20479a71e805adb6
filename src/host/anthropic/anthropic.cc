#include "host/anthropic/anthropic.h"

namespace aigw::host::anthropic {
namespace {

// YYYY-MM-DD, so that text order is the order of time.
bool is_date(Bytes text) {
  if (text.size() != kVersion2026.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  return true;
}

bool since_2026(Bytes version) { return is_date(version) && version >= kVersion2026; }

}  // namespace

std::string path(Bytes prefix, Bytes tail) {
  std::string path = "/";
  path += prefix.empty() ? Bytes("v1") : prefix;
  path += tail;
  return path;
}

Bytes version_for(Bytes configured, Bytes client) {
  if (!configured.empty()) return configured;
  return client.empty() ? kVersion2023 : client;
}

CredentialHeader credential_header(config::AuthKind kind, Bytes version) {
  if (kind == config::AuthKind::anthropic_api_key && !since_2026(version)) return {"x-api-key", ""};
  return kBearer;
}

bool takes_sampling(Bytes version) { return !since_2026(version); }

}  // namespace aigw::host::anthropic
