// Usage, model and failure of an answer of the Responses API. A stream says the first two one level down, in the
// `response` of its events: the model from the first on, usage in the last (response.completed, response.incomplete,
// response.failed).
#pragma once

#include "scan/observer.h"

namespace aigw::dialect::openai_responses {

class AnswerReader {
 public:
  static const json::WatchList& watches();
  void read(const json::Scanner& scanner, scan::Report& report);
};

using UnaryObserver = scan::UnaryObserver<AnswerReader>;
using StreamObserver = scan::StreamObserver<AnswerReader>;

}  // namespace aigw::dialect::openai_responses
