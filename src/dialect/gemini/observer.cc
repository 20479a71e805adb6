#include "dialect/gemini/observer.h"

#include "scan/read.h"

namespace aigw::dialect::gemini {
namespace {

enum Watch : size_t { kModel, kPrompt, kCandidates, kThoughts, kTotal, kCached, kError, kErrorStatus, kErrorCode };

}  // namespace

const json::WatchList& AnswerReader::watches() {
  static const json::WatchList list({
      "modelVersion",
      "usageMetadata.promptTokenCount",
      "usageMetadata.candidatesTokenCount",
      "usageMetadata.thoughtsTokenCount",
      "usageMetadata.totalTokenCount",
      "usageMetadata.cachedContentTokenCount",
      "error",
      "error.status",
      "error.code",
  });
  return list;
}

void AnswerReader::read(const json::Scanner& scanner, scan::Report& report) {
  if (scan::is_there(scanner, kError)) scan::report_error(scanner, {kErrorStatus, kErrorCode}, report);
  scan::read_model(scanner, kModel, report.model);
  const std::optional<uint64_t> candidates = scan::read_count(scanner, kCandidates);
  chat::Usage usage;
  usage.input = scan::read_count(scanner, kPrompt);
  usage.reasoning = scan::read_count(scanner, kThoughts);
  usage.total = scan::read_count(scanner, kTotal);
  usage.cached_input = scan::read_count(scanner, kCached);
  if (candidates || usage.reasoning) {
    usage.output = candidates.value_or(0) + usage.reasoning.value_or(0);
  }
  report.usage.merge(usage);
}

void ArrayObserver::feed(Bytes piece) {
  size_t from = 0;  // where the element's bytes begin in this piece
  for (size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      continue;
    }
    if (!begun_) {
      begun_ = c == '[';
      continue;
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') {
      if (depth_++ == 0) {
        from = i;
        size_ = 0;
        readable_ = true;
        scanner_.reset();
      }
    } else if ((c == '}' || c == ']') && depth_ > 0 && --depth_ == 0) {
      size_ += i + 1 - from;
      readable_ = readable_ && scan::scan_piece(scanner_, piece.substr(from, i + 1 - from), size_, report_);
      read_element();
    } else if (c == ']' && depth_ == 0) {
      ended_ = true;
    }
  }
  if (depth_ == 0) return;
  size_ += piece.size() - from;
  readable_ = readable_ && scan::scan_piece(scanner_, piece.substr(from), size_, report_);
}

void ArrayObserver::read_element() {
  if (readable_ && scanner_.finish().has_value()) reader_.read(scanner_, report_);
}

}  // namespace aigw::dialect::gemini
