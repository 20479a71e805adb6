#include "exchange/observer.h"

#include "dialect/anthropic/observer.h"
#include "dialect/bedrock_converse/observer.h"
#include "dialect/gemini/observer.h"
#include "dialect/openai_chat/observer.h"
#include "dialect/openai_responses/observer.h"
#include "endpoint/observer.h"

namespace aigw::exchange {

std::unique_ptr<scan::Observer> observe(const endpoint::Endpoint& endpoint, Framing framing, scan::Report report) {
  const bool stream = framing == Framing::events;
  if (!endpoint::is_conversation(endpoint.kind)) return endpoint::observe(endpoint.kind, stream, report);
  if (endpoint.dialect == endpoint::Dialect::anthropic) {
    if (stream) return std::make_unique<dialect::anthropic::StreamObserver>(report);
    return std::make_unique<dialect::anthropic::UnaryObserver>(report);
  }
  if (endpoint.dialect == endpoint::Dialect::gemini) {
    if (stream) return std::make_unique<dialect::gemini::StreamObserver>(report);
    if (framing == Framing::array) return std::make_unique<dialect::gemini::ArrayObserver>(report);
    return std::make_unique<dialect::gemini::UnaryObserver>(report);
  }
  if (endpoint.dialect == endpoint::Dialect::converse) {
    if (stream) return std::make_unique<dialect::bedrock_converse::StreamObserver>(report);
    return std::make_unique<dialect::bedrock_converse::UnaryObserver>(report);
  }
  if (endpoint.dialect == endpoint::Dialect::responses) {
    if (stream) return std::make_unique<dialect::openai_responses::StreamObserver>(report);
    return std::make_unique<dialect::openai_responses::UnaryObserver>(report);
  }
  if (stream) return std::make_unique<dialect::openai_chat::StreamObserver>(report);
  return std::make_unique<dialect::openai_chat::UnaryObserver>(report);
}

}  // namespace aigw::exchange
