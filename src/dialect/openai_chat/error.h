// Errors as a client of the OpenAI endpoints gets them.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace aigw::dialect::openai_chat {

// {"type":"error","error":{"type":…,"code":"<status>","message":…}}, the peer's shape (its facts, 2.5), always valid
// JSON whatever the message quotes.
std::string error_body(uint32_t status, Bytes type, Bytes message);

}  // namespace aigw::dialect::openai_chat
