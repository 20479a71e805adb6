// A body of Converse and ConverseStream as a conversation of the hub. README.md has the members one by one.
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/cursor.h"

namespace aigw::dialect::bedrock_converse {

// `root` is the whole body; `model` and `stream` are what the path says. What the conversation shows lives in the
// document's tree, in `model` or in `arena`. Fails with malformed_request, naming the member, when one is missing or of
// a wrong type, and with unprocessable for what only the service itself can do (videos, files in S3).
Result<chat::Conversation> decode_request(const json::Value& root, Bytes model, bool stream, Arena& arena,
                                          chat::Drops& drops);

}  // namespace aigw::dialect::bedrock_converse
