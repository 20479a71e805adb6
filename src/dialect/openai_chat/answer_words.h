// Words that unary answers and streams have in common: reasons to stop, and usage.
#pragma once

#include <span>

#include "base/bytes.h"
#include "chat/event.h"
#include "chat/usage.h"
#include "json/cursor.h"
#include "json/reader.h"
#include "json/writer.h"

namespace aigw::dialect::openai_chat {

// The choice with index 0, or without one; null when there is none.
const json::Value* first_choice(std::span<const json::Value> choices);

// `unknown` for a word that is none of this dialect's.
chat::StopReason stop_reason(Bytes finish_reason);

// `other` for what this dialect has no word for.
Bytes finish_reason(chat::StopReason reason, Bytes other);

// The counts of a `usage` object; null and absent leave all unset.
chat::Usage read_usage(json::Reader& reader, const json::Value& usage);

bool any_tokens(const chat::Usage& usage);

// The `usage` object, numbers that are zero left out. Its details objects stand where a detail was
// reported, or always with `details_always`.
void write_usage(json::Writer& writer, const chat::Usage& usage, bool details_always);

// The members of an answer's message (or delta) or choice that travel as extras under these names.
inline constexpr Bytes kMessageExtras[] = {"safety_ratings", "grounding_metadata", "audio"};
inline constexpr Bytes kChoiceExtra = "logprobs";

}  // namespace aigw::dialect::openai_chat
