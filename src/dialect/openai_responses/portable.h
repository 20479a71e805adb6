// What of a conversation only a provider of the Responses API can do or read. The splice lane hands
// everything on; where a conversation goes to another language, this stands between.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"

namespace aigw::dialect::openai_responses {

// Fails with unprocessable, naming what it is, where a conversation of this dialect needs a state
// or a tool that the provider keeps: previous_response_id, conversation, prompt, background, store
// when it is asked for by name, hosted tools, items that stand for something stored. Right for
// every conversation of another dialect.
Result<void> check_portable(const chat::Conversation& conversation);

// `from` without the reasoning that a provider of this dialect encrypted, which any other provider
// would refuse: its text stays, unsigned. For conversations of every dialect, since all clients
// give back what they got. Views are those of `from`, or live in `arena`.
chat::Conversation without_own_seals(const chat::Conversation& from, Arena& arena,
                                     chat::Drops& drops);

}  // namespace aigw::dialect::openai_responses
