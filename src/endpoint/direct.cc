#include "endpoint/direct.h"

#include "base/check.h"
#include "endpoint/count.h"
#include "endpoint/embeddings.h"

namespace aigw::endpoint {
namespace {

using config::SchemaName;

Result<void> encode_embeddings(const DirectCell& cell, const json::Value& root, Arena& arena,
                               chat::Drops& drops, std::string& out) {
  const Result<EmbeddingsRequest> request = decode_embeddings(root, arena, drops);
  if (!request) return request.error();
  if (cell.schema == SchemaName::aws_bedrock) return encode_titan(*request, out);
  if (cell.schema == SchemaName::cohere) return encode_cohere(*request, cell.model, drops, out);
  AIGW_CHECK(cell.schema == SchemaName::gcp_vertex_ai);
  return encode_vertex(*request, cell.model, drops, out);
}

}  // namespace

Result<void> encode_direct_request(const DirectCell& cell, const json::Value& root, Arena& arena,
                                   chat::Drops& drops, std::string& out) {
  if (cell.endpoint == EndpointKind::embeddings) {
    return encode_embeddings(cell, root, arena, drops, out);
  }
  const CountTarget target{.schema = cell.schema, .version = cell.version, .model = cell.model};
  if (cell.endpoint == EndpointKind::count_tokens) {
    encode_count_tokens_for_aws(root, target, out);
    return {};
  }
  AIGW_CHECK(cell.endpoint == EndpointKind::tokenize);
  const Result<chat::Conversation> conversation = decode_tokenize(root, arena, drops);
  if (!conversation) return conversation.error();
  return encode_tokenize(*conversation, target, arena, drops, out);
}

Result<chat::Usage> translate_direct_answer(const DirectCell& cell, const json::Value& root,
                                            std::string& out) {
  if (cell.endpoint != EndpointKind::embeddings) {
    return decode_count(root, cell.endpoint, cell.schema, out);
  }
  if (cell.schema == SchemaName::aws_bedrock) return decode_titan(root, cell.model, out);
  if (cell.schema == SchemaName::cohere) return decode_cohere(root, cell.model, out);
  return decode_vertex(root, cell.model, out);
}

}  // namespace aigw::endpoint
