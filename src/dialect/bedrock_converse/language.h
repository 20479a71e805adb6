// The name of this dialect in the hub, and in errors.
#pragma once

#include "base/bytes.h"

namespace aigw::dialect::bedrock_converse {

// Conversation::language and Start::language of what is decoded here.
inline constexpr Bytes kLanguage = "bedrock_converse";

inline constexpr Bytes kTarget = "Bedrock Converse";

}  // namespace aigw::dialect::bedrock_converse
