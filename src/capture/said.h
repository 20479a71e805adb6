// What stands in a client's request and in the answer that it got, in whichever language: messages, for a span to show.
// Read leniently: what is not understood is left out. All views live as long as the document's arena.
#pragma once

#include <optional>
#include <vector>

#include "base/arena.h"
#include "base/bytes.h"
#include "endpoint/table.h"
#include "json/cursor.h"

namespace aigw::capture {

struct Part {
  enum class Kind : uint8_t { text, image, audio, reasoning, other };
  Kind kind = Kind::other;
  Bytes text = {};  // of an image: its URL, perhaps a data: URL; of reasoning and what else there is: nothing
};

struct ToolCall {
  Bytes id = {};
  Bytes name = {};
  Bytes arguments = {};  // JSON
};

struct Message {
  Bytes role = {};
  Bytes name = {};     // of the participant
  Bytes call_id = {};  // this is what a tool gave back
  bool plain = false;  // the content is one text, and no list
  std::vector<Part> parts = {};
  std::vector<ToolCall> calls = {};
  Bytes finish_reason = {};  // of an answer
};

struct Said {
  std::optional<Message> system;  // that stands in a place of its own
  std::vector<Message> messages;
  std::vector<Bytes> tools;  // each as it stands in the request
  std::vector<Bytes> inputs;  // texts of an endpoint without messages: prompts, texts to embed, documents to rank
};

// `root` is the body of a request of that endpoint.
Said read_request(endpoint::EndpointKind endpoint, const json::Value& root, Arena& arena);

// `root` is the body of a whole answer.
std::vector<Message> read_answer(endpoint::EndpointKind endpoint, const json::Value& root, Arena& arena);

// The request without what read_request gives, as a JSON object: what the model was called with.
std::string parameters_of(endpoint::EndpointKind endpoint, const json::Value& root);

// The blocks of a message in Anthropic's language, in Gemini's, and in Converse's; into `message`, but for results of
// tools, which become messages of their own before it.
void read_anthropic_block(const json::Value& block, std::vector<Message>& before, Message& message, Arena& arena);
void read_gemini_part(const json::Value& part, std::vector<Message>& before, Message& message, Arena& arena);
void read_converse_block(const json::Value& block, std::vector<Message>& before, Message& message, Arena& arena);

// A number as it is computed with; 0 for what is none.
double number_of(const json::Value& value);

// Texts joined in the arena.
Bytes join(std::initializer_list<Bytes> texts, Arena& arena);

}  // namespace aigw::capture
