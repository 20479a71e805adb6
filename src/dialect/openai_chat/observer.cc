#include "dialect/openai_chat/observer.h"

#include <optional>

#include "base/limits.h"
#include "json/text.h"

namespace aigw::dialect::openai_chat {
namespace {

enum Watch : size_t { kModel, kUsage, kInput, kOutput, kTotal, kCached, kCreation, kReasoning };

const json::WatchList& watches() {
  // Leaked on purpose, see request.cc.
  static const json::WatchList& list = *new json::WatchList({
      "model",
      "usage",
      "usage.prompt_tokens",
      "usage.completion_tokens",
      "usage.total_tokens",
      "usage.prompt_tokens_details.cached_tokens",
      "usage.prompt_tokens_details.cache_creation_input_tokens",
      "usage.completion_tokens_details.reasoning_tokens",
  });
  return list;
}

std::optional<uint64_t> count_at(const json::Scanner& scanner, size_t watch) {
  if (scanner.found(watch).kind != json::Kind::number) return std::nullopt;
  return json::to_uint64(scanner.text(watch));
}

void read_document(const json::Scanner& scanner, Report& report) {
  const json::Found& model = scanner.found(kModel);
  // Every event of a stream names the same model.
  if (model.kind == json::Kind::string && !model.truncated && scanner.text(kModel) != report.model) {
    char unescaped[limits::json_capture_max];
    std::optional<size_t> size = json::unescape(scanner.text(kModel), unescaped);
    const bool fit = size && *size > 0 && *size <= limits::model_name_max && json::is_utf8({unescaped, *size});
    if (fit) report.model.assign(unescaped, *size);
  }
  if (scanner.found(kUsage).kind != json::Kind::object) return;
  chat::Usage usage;
  usage.input = count_at(scanner, kInput);
  usage.output = count_at(scanner, kOutput);
  usage.total = count_at(scanner, kTotal);
  usage.cached_input = count_at(scanner, kCached);
  usage.cache_creation_input = count_at(scanner, kCreation);
  usage.reasoning = count_at(scanner, kReasoning);
  report.usage.merge(usage);
}

}  // namespace

UnaryObserver::UnaryObserver(Report report) : report_(report), scanner_(watches()) {}

void UnaryObserver::feed(Bytes piece) {
  if (readable_) readable_ = scanner_.feed(piece).has_value();
}

void UnaryObserver::finish() {
  if (readable_ && scanner_.finish().has_value()) read_document(scanner_, report_);
  readable_ = false;
}

StreamObserver::StreamObserver(Report report) : report_(report), scanner_(watches()) {}

void StreamObserver::on_data(Bytes piece) {
  if (piece.empty()) return;
  if (!begun_) {
    begun_ = true;
    event_size_ = 0;
    // `[DONE]` is not JSON, and no event of interest is anything but an object.
    readable_ = piece.front() == '{';
    if (readable_) scanner_.reset();
  }
  event_size_ += piece.size();
  if (!readable_ || event_size_ > limits::sse_event_max) {
    readable_ = false;
    return;
  }
  readable_ = scanner_.feed(piece).has_value();
}

void StreamObserver::on_event(Bytes) {
  if (begun_ && readable_ && scanner_.finish().has_value()) read_document(scanner_, report_);
  begun_ = false;
}

}  // namespace aigw::dialect::openai_chat
