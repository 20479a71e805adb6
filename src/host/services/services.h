// The paths of the providers in config/services.def, one file each.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"

namespace aigw::host::services {

// What is asked for, in the words of the schema: "/chat/completions", "/responses", "/messages",
// "/messages/count_tokens".
struct Wish {
  Bytes model;  // as the provider calls it
  Bytes tail;
};

// The path at `backend`, whose service is not none. Fails where its configuration lacks what stands there.
Result<std::string> path(const config::Backend& backend, const Wish& wish);

}  // namespace aigw::host::services
