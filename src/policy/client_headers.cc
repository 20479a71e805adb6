#include "policy/client_headers.h"

namespace aigw::policy {

bool is_internal_header(Bytes name) {
  if (!name.starts_with("x-")) return false;
  return name.starts_with("x-ai-eg-") || name == "x-envoy-original-path" ||
         name == "x-gateway-destination-endpoint";
}

bool is_credential_header(Bytes name) {
  if (name.empty()) return false;
  switch (name.front()) {
    case 'a':
      return name == "authorization" || name == "api-key";
    case 'p':
      return name == "proxy-authorization";
    case 'x':
      return name == "x-api-key" || name == "x-goog-api-key" || name.starts_with("x-amz-") ||
             name.starts_with("x-aigw-");
    default:
      return false;
  }
}

}  // namespace aigw::policy
