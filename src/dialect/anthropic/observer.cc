#include "dialect/anthropic/observer.h"

#include <optional>

#include "base/limits.h"
#include "json/text.h"

namespace aigw::dialect::anthropic {
namespace {

// A unary answer and message_delta have the usage at the root, message_start has the whole message
// one level down. The five counts stand in the same order in both.
enum Watch : size_t {
  kModel,
  kMessageModel,
  kUsage,
  kMessageUsage = kUsage + 5,
};

const json::WatchList& watches() {
  // Leaked on purpose, see request.cc.
  static const json::WatchList& list = *new json::WatchList({
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
  });
  return list;
}

void read_count(const json::Scanner& scanner, size_t watch, std::optional<uint64_t>& to) {
  if (scanner.found(watch).kind != json::Kind::number) return;
  if (const std::optional<uint64_t> count = json::to_uint64(scanner.text(watch))) to = count;
}

void read_counts(const json::Scanner& scanner, size_t first, Counts& counts) {
  read_count(scanner, first, counts.input);
  read_count(scanner, first + 1, counts.cache_read);
  read_count(scanner, first + 2, counts.cache_creation);
  read_count(scanner, first + 3, counts.output);
  read_count(scanner, first + 4, counts.thinking);
}

void read_model(const json::Scanner& scanner, size_t watch, std::string& model) {
  const json::Found& found = scanner.found(watch);
  if (found.kind != json::Kind::string || found.truncated) return;
  char unescaped[limits::json_capture_max];
  const std::optional<size_t> size = json::unescape(scanner.text(watch), unescaped);
  if (size && *size > 0 && *size <= limits::model_name_max) model.assign(unescaped, *size);
}

void read_document(const json::Scanner& scanner, Counts& counts, Report& report) {
  read_model(scanner, kModel, report.model);
  read_model(scanner, kMessageModel, report.model);
  read_counts(scanner, kMessageUsage, counts);
  read_counts(scanner, kUsage, counts);
  report.usage.merge(counts.unified());
}

}  // namespace

UnaryObserver::UnaryObserver(Report report) : report_(report), scanner_(watches()) {}

void UnaryObserver::feed(Bytes piece) {
  if (readable_) readable_ = scanner_.feed(piece).has_value();
}

void UnaryObserver::finish() {
  if (readable_ && scanner_.finish().has_value()) read_document(scanner_, counts_, report_);
  readable_ = false;
}

StreamObserver::StreamObserver(Report report) : report_(report), scanner_(watches()) {}

void StreamObserver::on_data(Bytes piece) {
  if (piece.empty()) return;
  if (!begun_) {
    begun_ = true;
    event_size_ = 0;
    readable_ = true;
    scanner_.reset();
  }
  event_size_ += piece.size();
  if (!readable_ || event_size_ > limits::sse_event_max) {
    readable_ = false;
    return;
  }
  readable_ = scanner_.feed(piece).has_value();
}

void StreamObserver::on_event(Bytes) {
  if (begun_ && readable_ && scanner_.finish().has_value()) {
    read_document(scanner_, counts_, report_);
  }
  begun_ = false;
}

}  // namespace aigw::dialect::anthropic
