// Lower-case hexadecimal.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::crypto {

void append_hex(std::string& out, Bytes bytes);

std::string hex(Bytes bytes);

}  // namespace aigw::crypto
