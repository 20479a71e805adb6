// {model texts input_type embedding_types output_dimension? truncate?} and
// {"embeddings":{"float":[[…]]},"meta":{"billed_units":{"input_tokens"}}}.
#include "endpoint/embeddings.h"
#include "json/reader.h"

namespace aigw::endpoint {
namespace {

constexpr Bytes kTarget = "Cohere";

// What the texts are for, which Cohere has to be told: in its own word, or in Vertex AI's, which is
// what the gateway's clients know. Texts that are stored are the common case.
Bytes input_type(Bytes task_type) {
  if (task_type.empty() || task_type == "RETRIEVAL_DOCUMENT") return "search_document";
  if (task_type == "RETRIEVAL_QUERY") return "search_query";
  if (task_type == "CLASSIFICATION") return "classification";
  if (task_type == "CLUSTERING") return "clustering";
  return task_type;
}

}  // namespace

Result<void> encode_cohere(const EmbeddingsRequest& request, Bytes model, chat::Drops& drops,
                           std::string& out) {
  if (request.with_messages) return chat::cannot(kTarget, "messages: send input");
  if (request.with_tokens) return chat::cannot(kTarget, "input of tokens");
  if (request.with_own_members) {
    return chat::cannot(kTarget, "task_type and title in input[]: send task_type beside input");
  }
  if (!request.title.empty()) drops.add("title");
  json::Writer writer(out);
  writer.begin_object();
  writer.member("model", model);
  writer.member_array("texts");
  for (const EmbeddingInput& input : request.inputs) writer.string(input.text, input.escaped);
  writer.end_array();
  writer.member("input_type", input_type(request.task_type));
  writer.member_array("embedding_types");
  writer.string("float");
  writer.end_array();
  if (request.dimensions) writer.member_number("output_dimension", *request.dimensions);
  if (request.auto_truncate) writer.member("truncate", *request.auto_truncate ? "END" : "NONE");
  writer.end_object();
  writer.finish();
  return {};
}

Result<chat::Usage> decode_cohere(const json::Value& root, Bytes model, std::string& out) {
  json::Reader reader(root, FailureKind::bad_upstream);
  const std::optional<uint64_t> tokens =
      reader.count(root["meta"]["billed_units"]["input_tokens"]);
  EmbeddingsWriter writer(out);
  for (const json::Value& vector : reader.required_elements(root["embeddings"], "float")) {
    AIGW_TRY(writer.add(vector));
  }
  AIGW_TRY(reader.result());
  writer.finish(model, tokens);
  return chat::Usage{.input = tokens, .total = tokens};
}

}  // namespace aigw::endpoint
