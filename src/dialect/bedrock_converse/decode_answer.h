// Whole answers of Converse as events of the hub.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "dialect/bedrock_converse/answer_parts.h"
#include "json/cursor.h"

namespace aigw::dialect::bedrock_converse {

// Emits the answer `root` as a stream of it would be. Fails with bad_upstream, before any event,
// when the body is no answer of Converse: the service can send such a one with status 200, with an
// error of its framework in it or with nothing.
//
// A block that the hub has no word for (the result of a tool that the service runs) is dropped.
Result<void> decode_answer(const json::Value& root, const AnswerIdentity& identity, Arena& arena,
                           chat::Drops& drops, chat::EventSink& sink);

}  // namespace aigw::dialect::bedrock_converse
