// The addresses of token services: http and https URLs.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::net {

struct Url {
  bool tls = false;
  std::string host;  // lower case, without brackets
  uint16_t port = 0;
  std::string target;  // path and query, "/" at least

  // As a host header has it: the port only where it is not the scheme's.
  std::string authority() const;
};

// A fragment is cut; user names, control characters and other schemes are refused. A failure does not
// quote the text, which may hold a key.
Result<Url> parse_url(Bytes text);

// `text` with every byte but letters, digits and `-_.~` as %XX.
std::string percent_encoded(Bytes text);

}  // namespace aigw::net
