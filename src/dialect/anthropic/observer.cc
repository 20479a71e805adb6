#include "dialect/anthropic/observer.h"

#include <optional>

#include "scan/read.h"

namespace aigw::dialect::anthropic {
namespace {

// A unary answer and message_delta have the usage at the root, message_start has the whole message
// one level down. The five counts stand in the same order in both.
enum Watch : size_t {
  kModel,
  kMessageModel,
  kUsage,
  kMessageUsage = kUsage + 5,
  kError = kMessageUsage + 5,
  kErrorType,
};

void read_count(const json::Scanner& scanner, size_t watch, std::optional<uint64_t>& to) {
  if (const std::optional<uint64_t> count = scan::read_count(scanner, watch)) to = count;
}

void read_counts(const json::Scanner& scanner, size_t first, Counts& counts) {
  read_count(scanner, first, counts.input);
  read_count(scanner, first + 1, counts.cache_read);
  read_count(scanner, first + 2, counts.cache_creation);
  read_count(scanner, first + 3, counts.output);
  read_count(scanner, first + 4, counts.thinking);
}

}  // namespace

const json::WatchList& AnswerReader::watches() {
  static const json::WatchList list({
      "model",
      "message.model",
      "usage.input_tokens",
      "usage.cache_read_input_tokens",
      "usage.cache_creation_input_tokens",
      "usage.output_tokens",
      "usage.output_tokens_details.thinking_tokens",
      "message.usage.input_tokens",
      "message.usage.cache_read_input_tokens",
      "message.usage.cache_creation_input_tokens",
      "message.usage.output_tokens",
      "message.usage.output_tokens_details.thinking_tokens",
      "error",
      "error.type",
  });
  return list;
}

void AnswerReader::read(const json::Scanner& scanner, scan::Report& report) {
  if (scan::is_there(scanner, kError)) scan::report_error(scanner, {kErrorType}, report);
  scan::read_model(scanner, kModel, report.model);
  scan::read_model(scanner, kMessageModel, report.model);
  read_counts(scanner, kMessageUsage, counts_);
  read_counts(scanner, kUsage, counts_);
  report.usage.merge(counts_.unified());
}

}  // namespace aigw::dialect::anthropic
