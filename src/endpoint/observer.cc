#include "endpoint/observer.h"

#include "dialect/openai_chat/observer.h"
#include "scan/read.h"

namespace aigw::endpoint {
namespace {

// Each of them may be {"error":{"type","code"}} instead, also as an event.

// {"model","usage":{"prompt_tokens","total_tokens"}}
class EmbeddingsReader {
 public:
  static const json::WatchList& watches() {
    static const json::WatchList list(
        {"model", "usage.prompt_tokens", "usage.total_tokens", "error", "error.type", "error.code"});
    return list;
  }
  void read(const json::Scanner& scanner, scan::Report& report) {
    if (scan::is_there(scanner, 3)) scan::report_error(scanner, {4, 5}, report);
    scan::read_model(scanner, 0, report.model);
    chat::Usage usage;
    usage.input = scan::read_count(scanner, 1);
    usage.total = scan::read_count(scanner, 2);
    report.usage.merge(usage);
  }
};

// {"usage":{"input_tokens","output_tokens","total_tokens"}}, in images and audio and in the last
// events of their streams. A transcription that is billed by its seconds has no such members.
class MediaReader {
 public:
  static const json::WatchList& watches() {
    static const json::WatchList list({"usage.input_tokens", "usage.output_tokens", "usage.total_tokens", "error",
                                       "error.type", "error.code"});
    return list;
  }
  void read(const json::Scanner& scanner, scan::Report& report) {
    if (scan::is_there(scanner, 3)) scan::report_error(scanner, {4, 5}, report);
    chat::Usage usage;
    usage.input = scan::read_count(scanner, 0);
    usage.output = scan::read_count(scanner, 1);
    usage.total = scan::read_count(scanner, 2);
    report.usage.merge(usage);
  }
};

// {"input_tokens"} of the two endpoints that count, {"count"} of tokenize.
class CountReader {
 public:
  static const json::WatchList& watches() {
    static const json::WatchList list({"input_tokens", "count", "error", "error.type", "error.code"});
    return list;
  }
  void read(const json::Scanner& scanner, scan::Report& report) {
    if (scan::is_there(scanner, 2)) scan::report_error(scanner, {3, 4}, report);
    chat::Usage usage;
    usage.input = scan::read_count(scanner, 0);
    if (!usage.input) usage.input = scan::read_count(scanner, 1);
    report.usage.merge(usage);
  }
};

// {"meta":{"tokens":{"input_tokens","output_tokens"}}}
class RerankReader {
 public:
  static const json::WatchList& watches() {
    static const json::WatchList list(
        {"meta.tokens.input_tokens", "meta.tokens.output_tokens", "error", "error.type", "error.code"});
    return list;
  }
  void read(const json::Scanner& scanner, scan::Report& report) {
    if (scan::is_there(scanner, 2)) scan::report_error(scanner, {3, 4}, report);
    chat::Usage usage;
    usage.input = scan::read_count(scanner, 0);
    usage.output = scan::read_count(scanner, 1);
    if (usage.input || usage.output) {
      usage.total = usage.input.value_or(0) + usage.output.value_or(0);
    }
    report.usage.merge(usage);
  }
};

template <class Reader>
std::unique_ptr<scan::Observer> make(bool stream, scan::Report report) {
  if (stream) return std::make_unique<scan::StreamObserver<Reader>>(report);
  return std::make_unique<scan::UnaryObserver<Reader>>(report);
}

}  // namespace

std::unique_ptr<scan::Observer> observe(EndpointKind kind, bool stream, scan::Report report) {
  switch (kind) {
    case EndpointKind::completions:
      return make<dialect::openai_chat::AnswerReader>(stream, report);
    case EndpointKind::embeddings:
      return make<EmbeddingsReader>(stream, report);
    case EndpointKind::image_generations:
    case EndpointKind::image_edits:
    case EndpointKind::speech:
    case EndpointKind::transcriptions:
    case EndpointKind::translations:
      return make<MediaReader>(stream, report);
    case EndpointKind::input_tokens:
    case EndpointKind::count_tokens:
    case EndpointKind::tokenize:
      return make<CountReader>(stream, report);
    case EndpointKind::rerank:
      return make<RerankReader>(stream, report);
    case EndpointKind::chat_completions:
    case EndpointKind::responses:
    case EndpointKind::messages:
    case EndpointKind::generate_content:
    case EndpointKind::converse:
    case EndpointKind::models:
      break;
  }
  return nullptr;
}

}  // namespace aigw::endpoint
