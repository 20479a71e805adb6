// Errors of a provider that speaks this dialect, and errors for its clients.
#pragma once

#include <cstdint>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/event.h"
#include "json/cursor.h"

namespace aigw::dialect::openai_chat {

// Whether `root` is an error instead of an answer: {"error":…}, or one of the shapes of
// compatible servers.
bool is_error(const json::Value& root);

// What an error says: {"error":{"message","type","code","param"}}, {"error":"…"},
// {"object":"error","message","type","code"}, {"message":…} and {"detail":"…"}. Nothing fails:
// what is of another type is not there. Views are those of the tree. `status` is that of the answer
// that carried it; with 0, the HTTP status that its code or type stands for.
chat::event::Fault read_error(const json::Value& root, uint16_t status);

// The body of an answer with an error status. What is not such JSON becomes the message, cut at
// limits::error_text_max, and `type` is `fallback_type`. Views live in `arena`, but for that of
// `fallback_type`.
chat::event::Fault decode_error(uint16_t status, Bytes body, Bytes fallback_type,
                                json::Parser& parser, Arena& arena);

// {"type":"error","error":{"type":…,"code":"<status>","message"?,"param"?}}. The type is an open
// word in this dialect, so the provider's stands where there is one, as the peer has it.
std::string encode_error(const chat::event::Fault& fault);

}  // namespace aigw::dialect::openai_chat
