// What this dialect is called in conversations and answers (chat::Conversation::language).
#pragma once

#include "base/bytes.h"

namespace aigw::dialect::openai_chat {

inline constexpr Bytes kLanguage = "openai_chat";

}  // namespace aigw::dialect::openai_chat
