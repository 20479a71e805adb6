#include "exchange/observer.h"

#include "dialect/anthropic/observer.h"
#include "dialect/openai_chat/observer.h"
#include "endpoint/observer.h"

namespace aigw::exchange {

std::unique_ptr<scan::Observer> observe(const endpoint::Endpoint& endpoint, bool stream, scan::Report report) {
  if (!endpoint::is_conversation(endpoint.kind)) return endpoint::observe(endpoint.kind, stream, report);
  if (endpoint.dialect == endpoint::Dialect::anthropic) {
    if (stream) return std::make_unique<dialect::anthropic::StreamObserver>(report);
    return std::make_unique<dialect::anthropic::UnaryObserver>(report);
  }
  if (stream) return std::make_unique<dialect::openai_chat::StreamObserver>(report);
  return std::make_unique<dialect::openai_chat::UnaryObserver>(report);
}

}  // namespace aigw::exchange
