// Which of a client's headers stop at the gateway.
#pragma once

#include "base/bytes.h"

namespace aigw::policy {

// A header of the gateway's own: dropped when it comes from outside, and never sent to a provider.
bool is_internal_header(Bytes name);

// A header that carries a client's credentials for some provider. It passes only to a backend that has none of its
// own.
bool is_credential_header(Bytes name);

}  // namespace aigw::policy
