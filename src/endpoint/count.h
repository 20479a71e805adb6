// Counting tokens at providers that have an API of their own for it, for clients of the two
// endpoints that count: vLLM's /tokenize and Anthropic's count_tokens. What goes where stands in the
// peer's facts, 4.13 and 4.14.
#pragma once

#include <cstdint>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "chat/usage.h"
#include "config/names.h"
#include "endpoint/table.h"
#include "json/cursor.h"

namespace aigw::endpoint {

// What a tokenize request is about, its prompt being what the user says. Views live in `arena` and
// in `root`, which outlives them.
Result<chat::Conversation> decode_tokenize(const json::Value& root, Arena& arena,
                                           chat::Drops& drops);

// Where the count is asked for.
struct CountTarget {
  config::SchemaName schema;
  Bytes version;  // as configured
  Bytes model;    // as the provider calls it
};

// Appends the body that asks for the tokens of a tokenize request. Fails with unprocessable.
Result<void> encode_tokenize(const chat::Conversation& from, const CountTarget& target, Arena& arena,
                             chat::Drops& drops, std::string& out);

// Appends the body that asks Bedrock for the tokens of Anthropic's request `root`, an object.
void encode_count_tokens_for_aws(const json::Value& root, const CountTarget& target,
                                 std::string& out);

// Appends what a client of `endpoint`, one of the two, gets out of a provider's count. Fails with
// bad_upstream where there is none.
Result<chat::Usage> decode_count(const json::Value& root, EndpointKind endpoint,
                                 config::SchemaName schema, std::string& out);

}  // namespace aigw::endpoint
