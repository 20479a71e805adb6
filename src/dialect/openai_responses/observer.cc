#include "dialect/openai_responses/observer.h"

#include "scan/read.h"

namespace aigw::dialect::openai_responses {
namespace {

// The counts stand in the same order at the root and below `response`.
enum Watch : size_t { kModel, kUsage, kInnerModel = kUsage + 8, kInnerUsage,
                     kError = kInnerUsage + 8, kErrorCode, kInnerError, kInnerCode, kStatus, kMessage, kCode };

void read_usage(const json::Scanner& scanner, size_t first, scan::Report& report) {
  if (scanner.found(first).kind != json::Kind::object) return;
  chat::Usage usage;
  usage.input = scan::read_count(scanner, first + 1);
  usage.output = scan::read_count(scanner, first + 2);
  usage.total = scan::read_count(scanner, first + 3);
  usage.cached_input = scan::read_count(scanner, first + 4);
  usage.cache_creation_input = scan::read_count(scanner, first + 5);
  usage.reasoning = scan::read_count(scanner, first + 6);
  if (const auto written = scan::read_count(scanner, first + 7)) usage.cache_creation_input = written;
  report.usage.merge(usage);
}

// Of events and of answers, without their `type`: every event has one, and to read it takes long (see the observer of
// chat). Only the event {"type":"error","code","message"} has a `message`, and only an answer a `status`. A cancelled
// answer is none, as decode_answer() has it.
void read_failure(const json::Scanner& scanner, scan::Report& report) {
  if (scan::is_there(scanner, kError) || scan::is_there(scanner, kInnerError) || scan::is_there(scanner, kMessage) ||
      scan::is_text(scanner, kStatus, "failed") || scan::is_text(scanner, kStatus, "cancelled")) {
    scan::report_error(scanner, {kErrorCode, kInnerCode, kCode}, report);
  }
}

}  // namespace

const json::WatchList& AnswerReader::watches() {
  static const json::WatchList list({
      "model",
      "usage",
      "usage.input_tokens",
      "usage.output_tokens",
      "usage.total_tokens",
      "usage.input_tokens_details.cached_tokens",
      "usage.input_tokens_details.cache_creation_input_tokens",
      "usage.output_tokens_details.reasoning_tokens",
      "usage.input_tokens_details.cache_write_tokens",
      "response.model",
      "response.usage",
      "response.usage.input_tokens",
      "response.usage.output_tokens",
      "response.usage.total_tokens",
      "response.usage.input_tokens_details.cached_tokens",
      "response.usage.input_tokens_details.cache_creation_input_tokens",
      "response.usage.output_tokens_details.reasoning_tokens",
      "response.usage.input_tokens_details.cache_write_tokens",
      "error",
      "error.code",
      "response.error",
      "response.error.code",
      "status",
      "message",
      "code",
  });
  return list;
}

void AnswerReader::read(const json::Scanner& scanner, scan::Report& report) {
  read_failure(scanner, report);
  scan::read_model(scanner, kModel, report.model);
  scan::read_model(scanner, kInnerModel, report.model);
  read_usage(scanner, kUsage, report);
  read_usage(scanner, kInnerUsage, report);
}

}  // namespace aigw::dialect::openai_responses
