#include "endpoint/plain_request.h"

#include <string>
#include <utility>

namespace aigw::endpoint {
namespace {

using json::Kind;

enum SpeechWatch : size_t { kStreamFormat = scan::RequestScan::kFirstOfDialect };
enum TokenizeWatch : size_t {
  kPrompt = scan::RequestScan::kFirstOfDialect,
  kMessages,
  kContinueFinal,
  kAddPrompt
};
enum RerankWatch : size_t { kQuery = scan::RequestScan::kFirstOfDialect, kDocuments };

const json::WatchList& watches(EndpointKind kind) {
  static const json::WatchList plain({"model", "stream"});
  static const json::WatchList speech({"model", "stream", "stream_format"});
  static const json::WatchList tokenize(
      {"model", "stream", "prompt", "messages", "continue_final_message", "add_generation_prompt"});
  static const json::WatchList rerank({"model", "stream", "query", "documents"});
  if (kind == EndpointKind::speech) return speech;
  if (kind == EndpointKind::tokenize) return tokenize;
  return kind == EndpointKind::rerank ? rerank : plain;
}

Failure malformed(std::string message) {
  return {FailureKind::malformed_request, "invalid request body: " + std::move(message)};
}

bool is_given(const json::Found& found) {
  return found.kind != Kind::absent && found.kind != Kind::null;
}

}  // namespace

PlainRequest::PlainRequest(EndpointKind kind)
    : RequestScan(watches(kind), name_of(kind)), kind_(kind) {}

Result<void> PlainRequest::finish(Arena& arena) {
  AIGW_TRY(RequestScan::finish(arena));
  if (kind_ == EndpointKind::tokenize) return check_tokenize();
  if (kind_ == EndpointKind::rerank) return check_rerank();
  if (kind_ == EndpointKind::speech) {
    AIGW_TRY(check_once(kStreamFormat, "stream_format"));
    stream_ = scanner().text(kStreamFormat) == "sse";
  } else {
    stream_ = RequestScan::stream();
  }
  return {};
}

Result<void> PlainRequest::check_tokenize() const {
  const bool prompt = is_given(scanner().found(kPrompt));
  const bool messages = is_given(scanner().found(kMessages));
  if (prompt == messages) {
    return malformed(prompt ? "prompt and messages exclude each other"
                            : "one of prompt and messages is required");
  }
  if (scanner().found(kContinueFinal).kind == Kind::boolean_true &&
      scanner().found(kAddPrompt).kind != Kind::boolean_false) {
    return malformed("continue_final_message and add_generation_prompt exclude each other");
  }
  return {};
}

Result<void> PlainRequest::check_rerank() const {
  const json::Found& query = scanner().found(kQuery);
  if (is_given(query) && query.kind != Kind::string) return malformed("query must be a string");
  const json::Found& documents = scanner().found(kDocuments);
  if (is_given(documents) && documents.kind != Kind::array) {
    return malformed("documents must be an array");
  }
  return {};
}

}  // namespace aigw::endpoint
