// OpenAI itself, and everyone who serves its API under some path prefix and a bearer key.
#pragma once

#include <string>

#include "base/bytes.h"
#include "config/config.h"

namespace aigw::host::openai {

// "/{prefix}{tail}": the prefix of the backend's schema, without a slash at either end, may be empty.
std::string path(const config::Backend& backend, Bytes tail);

}  // namespace aigw::host::openai
