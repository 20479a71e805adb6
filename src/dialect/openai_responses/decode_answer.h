// A whole answer of the Responses API as events.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "json/cursor.h"

namespace aigw::dialect::openai_responses {

// Emits the whole list, ending with Done; or with Fault where the answer is an error or has failed.
// Fails with bad_upstream, and emits nothing, where `root` is neither: of wrong types, without
// output, or not ended yet. Views live in what `root` shows and in `arena`.
Result<void> decode_answer(const json::Value& root, Arena& arena, chat::Drops& drops,
                           chat::EventSink& sink);

}  // namespace aigw::dialect::openai_responses
