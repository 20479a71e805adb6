// What hosts share about writing paths and credentials.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::host {

// Appends `text` as one segment of a path, escaped as Go's url.PathEscape does, which is what the
// peer sends: letters, digits and `-_.~$&+:=@` stay, every other byte becomes %XX. A segment that
// is "." or ".." has its dots escaped too: it is a name, and must not walk about in the path.
void append_path_segment(std::string& out, Bytes text);

// The header that carries a credential: its value is `scheme` and the secret.
struct CredentialHeader {
  Bytes name;
  Bytes scheme;
  bool operator==(const CredentialHeader&) const = default;
};
inline constexpr CredentialHeader kBearer{"authorization", "Bearer "};

}  // namespace aigw::host
