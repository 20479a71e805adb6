// The content coding gzip (RFC 1952), for bodies of our own that are whole.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::wire {

std::string gzip(Bytes text);

}  // namespace aigw::wire
