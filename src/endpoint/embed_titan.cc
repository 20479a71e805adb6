// {"inputText":…,"dimensions"?} and {"embedding":[…],"inputTextTokenCount":n}.
#include "endpoint/embeddings.h"
#include "json/reader.h"

namespace aigw::endpoint {
namespace {

constexpr Bytes kTarget = "Amazon Titan";

}  // namespace

Result<void> encode_titan(const EmbeddingsRequest& request, std::string& out) {
  if (request.with_messages) return chat::cannot(kTarget, "messages: send input");
  if (request.with_tokens) return chat::cannot(kTarget, "input of tokens");
  if (request.with_objects) return chat::cannot(kTarget, "input of objects");
  if (request.inputs.size() != 1) {
    return chat::cannot(kTarget, "input of " + std::to_string(request.inputs.size()) +
                                     " texts: send one text a request");
  }
  json::Writer writer(out);
  writer.begin_object();
  writer.key("inputText");
  writer.string(request.inputs[0].text, request.inputs[0].escaped);
  if (request.dimensions) writer.member_number("dimensions", *request.dimensions);
  writer.end_object();
  writer.finish();
  return {};
}

Result<chat::Usage> decode_titan(const json::Value& root, Bytes model, std::string& out) {
  json::Reader reader(root, FailureKind::bad_upstream);
  const std::optional<uint64_t> tokens = reader.count(root["inputTextTokenCount"]);
  AIGW_TRY(reader.result());
  EmbeddingsWriter writer(out);
  AIGW_TRY(writer.add(root["embedding"]));
  writer.finish(model, tokens);
  return chat::Usage{.input = tokens, .total = tokens};
}

}  // namespace aigw::endpoint
