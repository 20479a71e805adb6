// Words and numbers of answers, both ways.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "chat/event.h"
#include "chat/usage.h"
#include "json/cursor.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {

// StopReason::unknown for a word nobody knows, the empty one included. STOP is what Gemini says of
// tool calls too.
chat::StopReason decode_finish_reason(Bytes word, bool any_call);

Bytes encode_finish_reason(chat::StopReason reason);

// The counts of a `usageMetadata`: output is what the candidates and the thoughts took.
chat::Usage decode_usage(const json::Value& usage);

// Writes the object: promptTokenCount candidatesTokenCount? totalTokenCount
// cachedContentTokenCount? thoughtsTokenCount?.
void write_usage(json::Writer& writer, const chat::Usage& usage);

// Seconds since 1970 of an RFC 3339 time; nothing for what is none.
std::optional<uint64_t> decode_time(Bytes text);

}  // namespace aigw::dialect::gemini
