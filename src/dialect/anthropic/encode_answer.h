// Whole answers for clients of the Messages API.
#pragma once

#include <string>

#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/fold.h"

namespace aigw::dialect::anthropic {

// Appends the message that `answer` is to `out`:
// {id type role content model stop_reason stop_sequence? usage}. `model` stands in where the
// provider named none. Images, sounds and files, of which the API's answers know nothing, are
// dropped, and so are opaque blocks and extras of another language.
void encode_answer(const chat::Answer& answer, Bytes model, chat::Drops& drops, std::string& out);

}  // namespace aigw::dialect::anthropic
