// A conversation of the hub as a body of generateContent and streamGenerateContent, which take the
// same one: model and streaming are the path's. README.md has the members one by one.
#pragma once

#include <span>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {

struct Target {
  Bytes model = {};  // as the provider calls it; empty: the conversation's
  // Thoughts are shown where the client asked for thinking without saying anything of that. Clients
  // of languages in which thinking is always shown expect it.
  bool thoughts_by_default = false;
};

// Appends the body to `out`. Fails with unprocessable, naming it, for what the client asked for and
// the model cannot do; `out` then holds a broken part. What nobody will miss goes to `drops`, in
// the words of chat completions.
Result<void> encode_request(const chat::Conversation& conversation, const Target& target,
                            Arena& arena, chat::Drops& drops, std::string& out);

// Appends the body of countTokens for such a request: contents systemInstruction? tools?
// generationConfig?, of which the last has nothing but mediaResolution. Fails as above, and where
// there is nothing to count.
Result<void> encode_count_request(const chat::Conversation& conversation, const Target& target,
                                  Arena& arena, chat::Drops& drops, std::string& out);

// Writes what the user says as the one content of embedContent, {"parts":[…]}; messages of others
// are passed over. Fails with unprocessable where the user says nothing.
Result<void> encode_embedded_content(std::span<const chat::Message> messages, Bytes model,
                                     chat::Drops& drops, json::Writer& writer);

}  // namespace aigw::dialect::gemini
