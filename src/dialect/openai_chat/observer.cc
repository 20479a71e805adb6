#include "dialect/openai_chat/observer.h"

#include "scan/read.h"

namespace aigw::dialect::openai_chat {
namespace {

enum Watch : size_t { kModel, kUsage, kInput, kOutput, kTotal, kCached, kCreation, kReasoning,
                     kError, kErrorType, kErrorCode, kType, kCode };

// As is_error() (fault.h) finds it in a tree, but for `object`, which every event has: to read it takes a twelfth of
// what a stream takes the gateway (callgrind). Of {"object":"error","message","type","code"} no other answer has the
// last two.
void read_failure(const json::Scanner& scanner, scan::Report& report) {
  constexpr uint64_t kFirstFailure = 400;  // of HTTP's statuses
  if (scan::is_there(scanner, kError)) {
    scan::report_error(scanner, {kErrorType, kErrorCode}, report);
  } else if (scan::is_text(scanner, kType, "error")) {
    scan::report_error(scanner, {kCode}, report);
  } else if (scan::is_there(scanner, kType) && scan::read_count(scanner, kCode).value_or(0) >= kFirstFailure) {
    scan::report_error(scanner, {kType, kCode}, report);
  }
}

}  // namespace

const json::WatchList& AnswerReader::watches() {
  static const json::WatchList list({
      "model",
      "usage",
      "usage.prompt_tokens",
      "usage.completion_tokens",
      "usage.total_tokens",
      "usage.prompt_tokens_details.cached_tokens",
      "usage.prompt_tokens_details.cache_creation_input_tokens",
      "usage.completion_tokens_details.reasoning_tokens",
      "error",
      "error.type",
      "error.code",
      "type",
      "code",
  });
  return list;
}

void AnswerReader::read(const json::Scanner& scanner, scan::Report& report) {
  read_failure(scanner, report);
  scan::read_model(scanner, kModel, report.model);
  if (scanner.found(kUsage).kind != json::Kind::object) return;
  chat::Usage usage;
  usage.input = scan::read_count(scanner, kInput);
  usage.output = scan::read_count(scanner, kOutput);
  usage.total = scan::read_count(scanner, kTotal);
  usage.cached_input = scan::read_count(scanner, kCached);
  usage.cache_creation_input = scan::read_count(scanner, kCreation);
  usage.reasoning = scan::read_count(scanner, kReasoning);
  report.usage.merge(usage);
}

}  // namespace aigw::dialect::openai_chat
