// AWS credentials as the shared-credentials file holds them (~/.aws/credentials).
//
// The file is INI: "[profile]" lines, "key = value" lines, comments from `#` or `;` at the start of
// a line or after white space. White space at both ends of a line, of keys and of values means
// nothing here, names of keys ignore case, and of two lines for one key the later counts, also
// where a profile stands twice. A value may be quoted. Lines of another shape, and keys that are
// not credentials (region, role_arn, nested settings), are passed over.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace aigw::host::aws {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  // empty for long-lived keys
};

// The credentials of one profile. Fails where the profile, its aws_access_key_id or its
// aws_secret_access_key is missing, or a value could not go into a header; the message holds
// nothing of the file but names.
Result<Credentials> parse_credentials(Bytes file, Bytes profile = "default");

}  // namespace aigw::host::aws
