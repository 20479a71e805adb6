// A conversation of the hub as a body of Converse and ConverseStream, which take the same one: model
// and streaming are the path's. README.md has the members one by one.
#pragma once

#include <cstdint>
#include <string>

#include "base/arena.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"

namespace aigw::dialect::bedrock_converse {

// What Converse has two places for, and where clients of one language mean the one and clients of
// another the other.
struct RequestOptions {
  // Where a wish for an effort of thinking goes.
  enum class Effort : uint8_t {
    reasoning_config,  // additionalModelRequestFields.reasoning_config, as for chat completions
    output_config      // outputConfig.effort, which is what Anthropic's models call it
  };
  Effort effort = Effort::reasoning_config;
};

// Appends the body to `out`. Fails with unprocessable, naming it, for what the client asked for and
// Converse cannot do; `out` then holds a broken part. What nobody will miss goes to `drops`, in
// the words of chat completions.
Result<void> encode_request(const chat::Conversation& conversation, const RequestOptions& options,
                            Arena& arena, chat::Drops& drops, std::string& out);

// Appends the body of CountTokens for such a request: {"input":{"converse":{messages? system?
// toolConfig?}}}. Fails as above.
Result<void> encode_count_request(const chat::Conversation& conversation, Arena& arena,
                                  chat::Drops& drops, std::string& out);

}  // namespace aigw::dialect::bedrock_converse
