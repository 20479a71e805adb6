// Parts of answers, as whole answers and streams have them alike.
#pragma once

#include "base/bytes.h"
#include "chat/block.h"
#include "chat/drops.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {

void write_text_part(json::Writer& writer, Bytes text);

// A part with `thought`; redacted thoughts are told by their signature (signature.h). Views are not
// kept. One of text, signature and redacted is not empty.
void write_thought_part(json::Writer& writer, Bytes text, Bytes signature, Bytes redacted);

// Arguments that are no JSON object are `{}`, and reported; those of a freeform tool are the member
// `input` of an object.
void write_call_part(json::Writer& writer, const chat::ToolCall& call, chat::Drops& drops);

// Whether a block that came whole can be told; reported when not. `own`: it speaks this language.
bool holds_whole(const chat::Block& block, bool own, chat::Drops& drops);
// Writes one that can.
void write_whole_part(json::Writer& writer, const chat::Block& block);

// The name under which a candidate carries an extra of the hub; empty for one that is the answer's
// or that the language lacks.
Bytes candidate_member(Bytes extra, bool own);

}  // namespace aigw::dialect::gemini
