// What of a request the gateway writes for Envoy's access log: the option `accessLog`
// (exchange/access_line.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"

namespace aigw::observe {

struct AccessMember {
  enum class From : uint8_t { metadata, header, path };
  std::string head;  // a comma, the member's name as JSON, and a colon
  From from = From::metadata;
  std::string key;  // of the metadata, or the header's name
};
using AccessMembers = std::vector<AccessMember>;

// "metadata:KEY", "header:NAME" or "path"; the path is without its query. False for anything else.
bool parse_access_member(Bytes name, Bytes source, AccessMember& into);

}  // namespace aigw::observe
