// Embeddings for clients of OpenAI's endpoint from providers whose API is another: the request read
// once, and one pair of functions for each provider. What the peer takes besides OpenAI's members
// (its facts, 4.7) is taken here: objects as input, task_type, title, auto_truncate, messages.
//
// A vector's numbers stay the text that the provider wrote. All answers are lists of numbers, also
// for a client that asked for base64, which SDKs accept.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "chat/usage.h"
#include "json/cursor.h"
#include "json/writer.h"

namespace aigw::endpoint {

// One text; the views are those of the tree that was read.
struct EmbeddingInput {
  Bytes text = {};
  Bytes escaped = {};    // see json::Value::escaped_text()
  Bytes task_type = {};  // of this text alone
  Bytes title = {};
};

struct EmbeddingsRequest {
  std::span<const EmbeddingInput> inputs = {};
  std::span<const chat::Message> messages = {};  // instead of inputs
  bool with_messages = false;
  bool with_tokens = false;      // an input is a list of token ids: `inputs` is not complete
  bool with_objects = false;     // an input is an object
  bool with_own_members = false;  // of one text: task_type or title
  std::optional<uint64_t> dimensions = {};  // above 0
  Bytes task_type = {};                     // of all texts
  Bytes title = {};
  std::optional<bool> auto_truncate = {};
};

// Views live in `arena` and in `root`, which outlives the request. Fails with malformed_request,
// naming the place.
Result<EmbeddingsRequest> decode_embeddings(const json::Value& root, Arena& arena,
                                            chat::Drops& drops);

// Writes {"object":"list","data":[…],"model":…,"usage":{…}}.
class EmbeddingsWriter {
 public:
  // `out` outlives the writer.
  explicit EmbeddingsWriter(std::string& out);

  // The vector of the next text. Fails with bad_upstream where `vector` is no array of numbers.
  Result<void> add(const json::Value& vector, bool truncated = false);
  // Of all texts. `tokens` may be unknown: then they are 0.
  void finish(Bytes model, std::optional<uint64_t> tokens);

 private:
  json::Writer writer_;
  uint64_t count_ = 0;
};

// For each provider: the body, which fails with unprocessable where the client asks for what the
// provider cannot do; and the client's answer out of the provider's, with its usage, which fails
// with bad_upstream. `model` is as the provider calls it.

// Amazon Titan by Bedrock's InvokeModel, one text a request (Amazon's user guide, "Amazon Titan
// Embeddings text").
Result<void> encode_titan(const EmbeddingsRequest& request, std::string& out);
Result<chat::Usage> decode_titan(const json::Value& root, Bytes model, std::string& out);

// Vertex AI (its reference, "Text embeddings API" and "models.embedContent"). The newer models take
// one content each, and no list of texts.
bool takes_embed_content(Bytes model);
Result<void> encode_vertex(const EmbeddingsRequest& request, Bytes model, chat::Drops& drops,
                           std::string& out);
Result<chat::Usage> decode_vertex(const json::Value& root, Bytes model, std::string& out);

// Cohere (its API reference, "Embed v2").
Result<void> encode_cohere(const EmbeddingsRequest& request, Bytes model, chat::Drops& drops,
                           std::string& out);
Result<chat::Usage> decode_cohere(const json::Value& root, Bytes model, std::string& out);

}  // namespace aigw::endpoint
