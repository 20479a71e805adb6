// What this dialect is called in conversations and answers (chat::Conversation::language).
#pragma once

#include "base/bytes.h"

namespace aigw::dialect::openai_responses {

inline constexpr Bytes kLanguage = "openai_responses";

// What it is called in messages.
inline constexpr Bytes kTarget = "OpenAI responses";

}  // namespace aigw::dialect::openai_responses
