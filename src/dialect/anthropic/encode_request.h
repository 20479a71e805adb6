// A conversation of the hub as a body of the Messages API. README.md has the members one by one.
#pragma once

#include <cstdint>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "dialect/anthropic/envelope.h"
#include "dialect/anthropic/language.h"

namespace aigw::dialect::anthropic {

struct Target {
  Version version = Version::v2023_06_01;
  Bytes model = {};  // as the provider calls it; empty: the conversation's
  // The API demands a bound: this one where the client gave none, and the budget of the thoughts
  // on top of it; 0 stays 0.
  uint64_t default_max_tokens = 4096;
  Envelope envelope = Envelope::none;
  Bytes envelope_version = {};  // of an envelope
};

// Appends the body to `out`. Fails with unprocessable, naming it, for what the client asked for and
// the API cannot do; `out` then holds a broken part. A conversation of this language comes out as
// it came in, but for what the version of the target lacks.
Result<void> encode_request(const chat::Conversation& conversation, const Target& target,
                            Arena& arena, chat::Drops& drops, std::string& out);

// Appends a body that is there to be counted, in an envelope: messages model system? tools?
// anthropic_version; on AWS without the model, and with the max_tokens that the service demands. A
// tool is what the peer sends of it (its facts, 4.14): its schema and its name. Fails as above.
Result<void> encode_count_request(const chat::Conversation& conversation, const Target& target,
                                  Arena& arena, chat::Drops& drops, std::string& out);

}  // namespace aigw::dialect::anthropic
