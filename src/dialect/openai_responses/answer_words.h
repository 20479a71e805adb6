// What whole answers and streams have in common: usage, how an answer ended, and errors.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "chat/event.h"
#include "chat/usage.h"
#include "json/cursor.h"
#include "json/reader.h"
#include "json/writer.h"

namespace aigw::dialect::openai_responses {

// The counts of a `usage` object; null and absent leave all unset. What was written to a cache is
// cache_write_tokens for OpenAI, and cache_creation_input_tokens for servers the peer reads it from.
chat::Usage read_usage(json::Reader& reader, const json::Value& usage);

// A `usage` object, whose members all have to be there: what was never reported is 0.
void write_usage(json::Writer& writer, const chat::Usage& usage);

// How a response that is completed or incomplete ended. `called`: it holds calls of tools.
chat::event::Finish read_finish(const json::Value& response, bool called);

// How an answer ends in this language.
struct Ending {
  Bytes status;             // completed, incomplete, failed
  Bytes incomplete_reason;  // of an incomplete one
};
Ending ending(chat::StopReason reason);

// An error object: {"code","message","type"?,"param"?} as it stands in a failed response, in an
// event, or around an answer. Nothing fails: what is of another type is not there.
chat::event::Fault read_error(const json::Value& error);

// The word for `code` in a failed response.
Bytes error_code(uint16_t status);

}  // namespace aigw::dialect::openai_responses
