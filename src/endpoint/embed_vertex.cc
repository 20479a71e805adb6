// Vertex AI has two ways to embed. `predict` takes a list of texts; `embedContent` takes one content
// of any kind, and is what the newer Gemini models have.
#include "dialect/gemini/encode_request.h"
#include "endpoint/embeddings.h"
#include "json/reader.h"

namespace aigw::endpoint {
namespace {

constexpr Bytes kTarget = "Vertex AI";

Bytes or_else(Bytes first, Bytes second) { return first.empty() ? second : first; }

// {instances:[{content task_type? title?}],parameters:{auto_truncate? outputDimensionality?}}
Result<void> encode_predict(const EmbeddingsRequest& request, json::Writer& writer) {
  if (request.with_messages) {
    return chat::cannot(kTarget, "messages for this model: send input");
  }
  writer.begin_object();
  writer.member_array("instances");
  for (const EmbeddingInput& input : request.inputs) {
    writer.begin_object();
    writer.key("content");
    writer.string(input.text, input.escaped);
    writer.member_unless_empty("task_type", or_else(request.task_type, input.task_type));
    writer.member_unless_empty("title", or_else(request.title, input.title));
    writer.end_object();
  }
  writer.end_array();
  writer.member_object("parameters");
  if (request.auto_truncate) writer.member_boolean("auto_truncate", *request.auto_truncate);
  if (request.dimensions) writer.member_number("outputDimensionality", *request.dimensions);
  writer.end_object();
  writer.end_object();
  return {};
}

// {content:{parts},embedContentConfig?:{taskType? title? outputDimensionality? autoTruncate?}}
Result<void> encode_content(const EmbeddingsRequest& request, Bytes model, chat::Drops& drops,
                            json::Writer& writer) {
  writer.begin_object();
  writer.key("content");
  if (request.with_messages) {
    AIGW_TRY(dialect::gemini::encode_embedded_content(request.messages, model, drops, writer));
  } else {
    if (request.with_own_members) {
      return chat::cannot(kTarget, "task_type and title in input[]: send them beside input");
    }
    if (request.inputs.size() != 1) {
      return chat::cannot(kTarget, "input of " + std::to_string(request.inputs.size()) +
                                       " texts for this model: send one text a request");
    }
    writer.begin_object();
    writer.member_array("parts");
    writer.begin_object();
    writer.key("text");
    writer.string(request.inputs[0].text, request.inputs[0].escaped);
    writer.end_object();
    writer.end_array();
    writer.end_object();
  }
  const bool configured = !request.task_type.empty() || !request.title.empty() ||
                          request.dimensions || request.auto_truncate;
  if (configured) {
    writer.member_object("embedContentConfig");
    writer.member_unless_empty("taskType", request.task_type);
    writer.member_unless_empty("title", request.title);
    if (request.dimensions) writer.member_number("outputDimensionality", *request.dimensions);
    if (request.auto_truncate) writer.member_boolean("autoTruncate", *request.auto_truncate);
    writer.end_object();
  }
  writer.end_object();
  return {};
}

}  // namespace

bool takes_embed_content(Bytes model) {
  return model.find("gemini") != Bytes::npos && model != "gemini-embedding-001";
}

Result<void> encode_vertex(const EmbeddingsRequest& request, Bytes model, chat::Drops& drops,
                           std::string& out) {
  if (request.with_tokens) return chat::cannot(kTarget, "input of tokens");
  json::Writer writer(out);
  if (takes_embed_content(model)) {
    AIGW_TRY(encode_content(request, model, drops, writer));
  } else {
    AIGW_TRY(encode_predict(request, writer));
  }
  writer.finish();
  return {};
}

// {"predictions":[{"embeddings":{"values":[…],"statistics":{"token_count","truncated"}}}]}, or
// {"embedding":{"values":[…]},"usageMetadata":{"promptTokenCount"},"truncated"}.
Result<chat::Usage> decode_vertex(const json::Value& root, Bytes model, std::string& out) {
  json::Reader reader(root, FailureKind::bad_upstream);
  EmbeddingsWriter writer(out);
  std::optional<uint64_t> tokens;
  if (takes_embed_content(model)) {
    tokens = reader.count(root["usageMetadata"]["promptTokenCount"]);
    const bool truncated = reader.boolean(root["truncated"]).value_or(false);
    AIGW_TRY(reader.result());
    AIGW_TRY(writer.add(root["embedding"]["values"], truncated));
  } else {
    for (const json::Value& prediction : reader.required_elements(root, "predictions")) {
      const json::Value& embeddings = prediction["embeddings"];
      const json::Value& statistics = embeddings["statistics"];
      const std::optional<uint64_t> counted = reader.count(statistics["token_count"]);
      if (counted) tokens = tokens.value_or(0) + *counted;
      const bool truncated = reader.boolean(statistics["truncated"]).value_or(false);
      AIGW_TRY(reader.result());
      AIGW_TRY(writer.add(embeddings["values"], truncated));
    }
    AIGW_TRY(reader.result());
  }
  writer.finish(model, tokens);
  return chat::Usage{.input = tokens, .total = tokens};
}

}  // namespace aigw::endpoint
