// What whole and streamed answers for clients have in common.
#pragma once

#include "base/bytes.h"
#include "chat/block.h"
#include "chat/drops.h"
#include "chat/event.h"
#include "chat/usage.h"
#include "json/writer.h"

namespace aigw::dialect::bedrock_converse {

// The API's word, or the nearest one.
Bytes encode_stop_reason(chat::StopReason reason);

// {"inputTokens":…}: Converse counts cached input apart. The counts that the API demands are 0 where nobody gave them.
void write_usage(json::Writer& writer, const chat::Usage& usage);

// {"type":…} of the tier that was used, behind the key serviceTier; nothing for one that the API has no word for, which
// is reported.
void write_service_tier(json::Writer& writer, Bytes tier, chat::Drops& drops);

// The arguments of a call, which are an object in any case: {} for those that are broken, which is reported, and for
// those of a freeform tool one with the text as its member `input`.
void write_input(json::Writer& writer, const chat::ToolCall& call, chat::Drops& drops);

// Whether an answer can hold `block`, given whole: an image of a format that the API has. Reported when not.
bool holds_whole(const chat::Block& block, chat::Drops& drops);

// Whether the members beside the content that the API has hold an extra of that name, of an answer of this language.
bool is_answer_member(Bytes extra);

}  // namespace aigw::dialect::bedrock_converse
