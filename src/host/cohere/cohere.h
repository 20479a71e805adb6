// Cohere: a bearer key, and the version of the API in the path.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::host::cohere {

// "/{version}{tail}", of "v2" where no version is configured. `tail` begins with a slash.
std::string path(Bytes version, Bytes tail);

}  // namespace aigw::host::cohere
