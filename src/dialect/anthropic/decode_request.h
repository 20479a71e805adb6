// A body of the Messages API as a conversation of the hub. README.md has the members one by one.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/cursor.h"

namespace aigw::dialect::anthropic {

// `root` is the whole body. What the conversation shows lives in the document's tree or in `arena`.
// Fails with malformed_request, naming the member, when one is missing or of a wrong type; what the
// API would refuse for its value (an unknown model, a budget too small) passes.
Result<chat::Conversation> decode_request(const json::Value& root, Arena& arena,
                                          chat::Drops& drops);

}  // namespace aigw::dialect::anthropic
