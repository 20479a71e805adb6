// Whole answers of the Messages API as events of the hub.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "json/cursor.h"

namespace aigw::dialect::anthropic {

// Emits the answer `root` as a stream of it would be. A body that is an error although its status
// was not becomes a Fault. Fails with bad_upstream, before any event, when the body is no answer of
// the API.
Result<void> decode_answer(const json::Value& root, Arena& arena, chat::Drops& drops,
                           chat::EventSink& sink);

}  // namespace aigw::dialect::anthropic
