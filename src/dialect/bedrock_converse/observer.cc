#include "dialect/bedrock_converse/observer.h"

#include "scan/read.h"

namespace aigw::dialect::bedrock_converse {

const json::WatchList& AnswerReader::watches() {
  static const json::WatchList list({"usage.inputTokens", "usage.outputTokens", "usage.cacheReadInputTokens",
                            "usage.cacheWriteInputTokens"});
  return list;
}

// As emit_usage() (answer_parts.h) counts it.
void AnswerReader::read(const json::Scanner& scanner, scan::Report& report) {
  chat::Usage usage;
  const std::optional<uint64_t> uncached = scan::read_count(scanner, 0);
  usage.output = scan::read_count(scanner, 1);
  usage.cached_input = scan::read_count(scanner, 2);
  usage.cache_creation_input = scan::read_count(scanner, 3);
  if (uncached) usage.input = *uncached + usage.cached_input.value_or(0) + usage.cache_creation_input.value_or(0);
  if (usage.input && usage.output) usage.total = *usage.input + *usage.output;
  report.usage.merge(usage);
}

void StreamObserver::feed(Bytes piece) {
  if (!readable_) return;
  const Result<void> fed = frames_.feed(piece, *this);
  readable_ = fed.has_value();
  if (!readable_) report_.stopped_by(fed.error().limit);
}

void StreamObserver::on_message(const wire::EventMessage& message) {
  if (message.message_type == "exception") return report_.failed(scan::error_word(message.exception_type));
  if (message.message_type == "error") return report_.failed(scan::error_word(message.error_code));
  if (message.event_type != "metadata") return;
  scanner_.reset();
  if (scanner_.feed(message.payload) && scanner_.finish()) reader_.read(scanner_, report_);
}

}  // namespace aigw::dialect::bedrock_converse
