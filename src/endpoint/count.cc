#include "endpoint/count.h"

#include "chat/freeform/request.h"
#include "crypto/base64.h"
#include "dialect/anthropic/encode_request.h"
#include "dialect/anthropic/envelope.h"
#include "dialect/bedrock_converse/encode_request.h"
#include "dialect/gemini/encode_request.h"
#include "dialect/openai_chat/decode_request.h"
#include "host/gcp/gcp.h"
#include "json/reader.h"
#include "json/writer.h"

namespace aigw::endpoint {
namespace {

namespace anthropic = dialect::anthropic;
using anthropic::Envelope;
using config::SchemaName;

// {"input":{"invokeModel":{"body":"<base64>"}}}
void wrap_for_invoke(Bytes body, std::string& out) {
  out += R"({"input":{"invokeModel":{"body":")";
  crypto::append_base64(out, body);
  out += R"("}}})";
}

Result<void> encode_for_anthropic(const chat::Conversation& conversation, const CountTarget& target,
                                  Envelope envelope, Arena& arena, chat::Drops& drops,
                                  std::string& out) {
  anthropic::Target to;
  to.envelope = envelope;
  to.envelope_version = anthropic::envelope_version(envelope, target.version);
  to.model = envelope == Envelope::gcp ? host::gcp::counted_model(target.model) : target.model;
  return anthropic::encode_count_request(conversation, to, arena, drops, out);
}

}  // namespace

Result<chat::Conversation> decode_tokenize(const json::Value& root, Arena& arena,
                                           chat::Drops& drops) {
  Result<chat::Conversation> decoded = dialect::openai_chat::decode_request(root, arena, drops);
  if (!decoded) return decoded;
  ArenaVector<chat::Extra> extras(arena);
  for (const chat::Extra& extra : decoded->extras) {
    if (extra.name != "prompt") extras.push_back(extra);
  }
  decoded->extras = extras.items();
  const json::Value& prompt = root["prompt"];
  if (!prompt.exists_and_not_null()) return decoded;
  if (!prompt.is_string()) {
    return Failure{FailureKind::malformed_request, "invalid request body: prompt: must be a string"};
  }
  const chat::Text text{.text = prompt.text(), .escaped = prompt.escaped_text()};
  const std::span<const chat::Block> content(arena.make<chat::Block>(text), 1);
  const auto* message = arena.make<chat::Message>(chat::Role::user, chat::Blocks(content), Bytes());
  decoded->messages = {message, 1};
  return decoded;
}

Result<void> encode_tokenize(const chat::Conversation& from, const CountTarget& target, Arena& arena,
                             chat::Drops& drops, std::string& out) {
  const chat::Conversation conversation = chat::freeform::as_functions(from, arena);
  if (target.schema == SchemaName::aws_bedrock) {
    return dialect::bedrock_converse::encode_count_request(conversation, arena, drops, out);
  }
  if (target.schema == SchemaName::gcp_vertex_ai) {
    return dialect::gemini::encode_count_request(conversation, {.model = target.model}, arena,
                                                 drops, out);
  }
  if (target.schema == SchemaName::gcp_anthropic) {
    return encode_for_anthropic(conversation, target, Envelope::gcp, arena, drops, out);
  }
  std::string body;
  AIGW_TRY(encode_for_anthropic(conversation, target, Envelope::aws, arena, drops, body));
  wrap_for_invoke(body, out);
  return {};
}

void encode_count_tokens_for_aws(const json::Value& root, const CountTarget& target,
                                 std::string& out) {
  std::string body;
  const Bytes version = anthropic::envelope_version(Envelope::aws, target.version);
  anthropic::put_count_in_envelope(root, Envelope::aws, target.model, version, body);
  wrap_for_invoke(body, out);
}

Result<chat::Usage> decode_count(const json::Value& root, EndpointKind endpoint, SchemaName schema,
                                 std::string& out) {
  const Bytes name = schema == SchemaName::gcp_vertex_ai   ? "totalTokens"
                     : schema == SchemaName::gcp_anthropic ? "input_tokens"
                                                           : "inputTokens";
  json::Reader reader(root, FailureKind::bad_upstream);
  const std::optional<uint64_t> count = reader.count(root[name]);
  if (!count) reader.missing(root, name);
  AIGW_TRY(reader.result());
  json::Writer writer(out);
  writer.begin_object();
  if (endpoint == EndpointKind::tokenize) {
    writer.member_number("count", *count);
    writer.member_number("max_model_len", 0);
    writer.member_null("tokens");
  } else {
    writer.member_number("input_tokens", *count);
  }
  writer.end_object();
  writer.finish();
  return chat::Usage{.input = count};
}

}  // namespace aigw::endpoint
