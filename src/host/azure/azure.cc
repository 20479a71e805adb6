#include "host/azure/azure.h"

namespace aigw::host::azure {

namespace {

void append_version(std::string& path, Bytes version) {
  path += "?api-version=";
  // An escaped segment keeps `&`, `=` and `+`, which mean something in a query.
  std::string escaped;
  append_path_segment(escaped, version);
  for (char c : escaped) {
    switch (c) {
      case '&':
        path += "%26";
        break;
      case '=':
        path += "%3D";
        break;
      case '+':
        path += "%2B";
        break;
      default:
        path += c;
    }
  }
}

}  // namespace

std::string path(Bytes model, Bytes version, Bytes tail) {
  std::string path = "/openai/deployments/";
  append_path_segment(path, model);
  path += tail;
  append_version(path, version);
  return path;
}

std::string service_path(Bytes version, Bytes tail) {
  std::string path = "/openai";
  path += tail;
  append_version(path, version);
  return path;
}

bool serves_responses(Bytes version) {
  const bool dated = version.size() >= 10 && version[0] >= '0' && version[0] <= '9' && version[4] == '-';
  return !dated || version.substr(0, 10) >= "2025-03-01";
}

CredentialHeader credential_header(config::AuthKind kind) {
  if (kind == config::AuthKind::azure_api_key) return {"api-key", ""};
  return kBearer;
}

}  // namespace aigw::host::azure
