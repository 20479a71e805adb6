#include "exchange/client_request.h"

#include <string>

#include "json/text.h"

namespace aigw::exchange {
namespace {

// Calls `use` with the request that there is; `otherwise` where none was opened.
template <class Variant, class Use, class Otherwise>
Otherwise with(Variant& request, Otherwise otherwise, Use&& use) {
  if (auto* chat = std::get_if<dialect::openai_chat::Request>(&request)) return use(*chat);
  if (auto* responses = std::get_if<dialect::openai_responses::Request>(&request)) return use(*responses);
  if (auto* messages = std::get_if<dialect::anthropic::Request>(&request)) return use(*messages);
  if (auto* generate = std::get_if<dialect::gemini::Request>(&request)) return use(*generate);
  if (auto* converse = std::get_if<dialect::bedrock_converse::Request>(&request)) return use(*converse);
  if (auto* form = std::get_if<endpoint::FormRequest>(&request)) return use(*form);
  if (auto* plain = std::get_if<endpoint::PlainRequest>(&request)) return use(*plain);
  return otherwise;
}

}  // namespace

void ClientRequest::open(const endpoint::Endpoint& endpoint) {
  if (!endpoint::is_conversation(endpoint.kind)) {
    request_.emplace<endpoint::PlainRequest>(endpoint.kind);
  } else if (endpoint.dialect == endpoint::Dialect::anthropic) {
    request_.emplace<dialect::anthropic::Request>();
  } else if (endpoint.dialect == endpoint::Dialect::responses) {
    request_.emplace<dialect::openai_responses::Request>();
  } else {
    request_.emplace<dialect::openai_chat::Request>();
  }
}

void ClientRequest::open_form(endpoint::EndpointKind kind, Bytes boundary) {
  request_.emplace<endpoint::FormRequest>(kind, boundary);
}

Result<void> ClientRequest::feed(Bytes piece) {
  return with(request_, Result<void>(), [&](auto& request) { return request.feed(piece); });
}

Result<void> ClientRequest::finish(Arena& arena) {
  return with(request_, Result<void>(), [&](auto& request) { return request.finish(arena); });
}

Bytes ClientRequest::model() const {
  return with(request_, Bytes(), [](const auto& request) { return request.model(); });
}

bool ClientRequest::stream() const {
  return with(request_, false, [](const auto& request) { return request.stream(); });
}

void ClientRequest::open_path(const dialect::gemini::RequestPath& path) {
  request_.emplace<dialect::gemini::Request>(path);
}

void ClientRequest::open_converse(Bytes model, bool stream) {
  request_.emplace<dialect::bedrock_converse::Request>(model, stream);
}

bool ClientRequest::streams_events() const {
  const auto* generate = std::get_if<dialect::gemini::Request>(&request_);
  return generate == nullptr || generate->framing() == dialect::gemini::Framing::events;
}

void ClientRequest::patch_model(Bytes model, Arena& arena, json::PatchList& patches) const {
  std::string text;
  if (std::holds_alternative<endpoint::FormRequest>(request_)) {
    text = model;
  } else {
    json::append_quoted(text, model);
  }
  with(request_, 0, [&](const auto& request) {
    request.patch_model(arena.copy(text), patches);
    return 0;
  });
}

void ClientRequest::patch_include_usage(json::PatchList& patches) const {
  const auto* chat = std::get_if<dialect::openai_chat::Request>(&request_);
  if (chat != nullptr) chat->patch_include_usage(patches);
}

}  // namespace aigw::exchange
