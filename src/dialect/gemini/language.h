// The name of this dialect in the hub and in messages, and what its models take.
#pragma once

#include "base/bytes.h"

namespace aigw::dialect::gemini {

// Conversation::language and Start::language of everything decoded here.
inline constexpr Bytes kLanguage = "gemini";

// In refusals.
inline constexpr Bytes kTarget = "Gemini";

// What a model can do that others refuse, told from its name as the peer does (its facts, 4.6).
// "gemini" has to be in it, whatever the case of the rest.
struct ModelFamily {
  explicit ModelFamily(Bytes model);

  bool takes_json_schema;  // whole JSON schemas; others a subset in a form of their own
  bool third;              // generation 3: levels of thinking, resolutions of media
  bool flash;
};

}  // namespace aigw::dialect::gemini
