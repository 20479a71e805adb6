// A conversation as a request of the Responses API. What is written, and from what, is in README.md.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"

namespace aigw::dialect::openai_responses {

struct RequestOptions {
  // In the place of the conversation's own, unless empty.
  Bytes model = {};
};

// Appends the body to `out`; after a failure `out` holds a part of it. A conversation of this
// dialect is written as it was decoded. One of another language stores nothing at the provider and
// asks for reasoning that can be carried back.
//
// Fails with unprocessable, naming what this dialect cannot carry; what nobody will miss goes to
// `drops`.
Result<void> encode_request(const chat::Conversation& from, const RequestOptions& options,
                            chat::Drops& drops, std::string& out);

}  // namespace aigw::dialect::openai_responses
