// A chat completion request as a conversation. What is read, and into what, is in README.md.
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/cursor.h"

namespace aigw::dialect::openai_chat {

// The conversation and all it shows live in `arena`; `body` is not needed after the call. A member
// of the root that nobody knows becomes an extra; one further down, which the hub cannot keep, is
// added to `drops`.
//
// Fails with malformed_request, naming the place: what is no JSON or of a wrong type, a role or a
// type of content part that does not exist. Neither model nor messages has to be there.
Result<chat::Conversation> decode_request(Slices body, json::Parser& parser, Arena& arena,
                                          chat::Drops& drops);

// The same of a body that has been parsed; `root` outlives the conversation.
Result<chat::Conversation> decode_request(const json::Value& root, Arena& arena, chat::Drops& drops);

}  // namespace aigw::dialect::openai_chat
