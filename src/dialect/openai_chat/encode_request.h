// A conversation as a chat completion request. What is written, and from what, is in README.md.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"

namespace aigw::dialect::openai_chat {

struct RequestOptions {
  // In the place of the conversation's own, unless empty.
  Bytes model = {};
  // A conversation without a bound on the answer says max_completion_tokens 0, as the peer does for
  // clients whose language demands a bound. Otherwise it says nothing.
  bool zero_for_no_max_tokens = false;
  // Says what to think in OpenAI's own word, `reasoning_effort`, and leaves out what only servers
  // compatible with it take and OpenAI itself refuses: `thinking`, and reasoning among what the
  // assistant said. For conversations of other languages.
  bool effort_alone = false;
};

// Appends the body to `out`; after a failure `out` holds a part of it. A conversation of this
// dialect is written as it was decoded, one of another language in the shapes of the peer (its
// facts, 4.11 and 13.1), always asking for usage in a stream.
//
// Fails with unprocessable, naming what this dialect cannot carry; what nobody will miss goes to
// `drops`.
Result<void> encode_request(const chat::Conversation& from, const RequestOptions& options,
                            chat::Drops& drops, std::string& out);

}  // namespace aigw::dialect::openai_chat
