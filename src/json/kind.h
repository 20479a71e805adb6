// What a JSON value is.
#pragma once

#include <cstdint>

namespace aigw::json {

enum class Kind : uint8_t {
  absent,
  null,
  boolean_false,
  boolean_true,
  number,
  string,
  object,
  array
};

}  // namespace aigw::json
