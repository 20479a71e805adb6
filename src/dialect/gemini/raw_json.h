// What text that a client wrote into a string is, where an object is wanted in its place.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace aigw::dialect::gemini {

enum class ObjectText : uint8_t {
  none,   // not one JSON object and nothing else
  empty,  // an object without members
  full
};

ObjectText object_text(Bytes text);

}  // namespace aigw::dialect::gemini
