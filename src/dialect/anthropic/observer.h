// Usage, model and failure of an answer of the Messages API. In a stream the model and the first counts come with
// message_start, later ones with message_delta. Counts are cumulative, each for itself: the last report of one holds.
#pragma once

#include "dialect/anthropic/usage.h"
#include "scan/observer.h"

namespace aigw::dialect::anthropic {

class AnswerReader {
 public:
  static const json::WatchList& watches();
  void read(const json::Scanner& scanner, scan::Report& report);

 private:
  Counts counts_;
};

using UnaryObserver = scan::UnaryObserver<AnswerReader>;
using StreamObserver = scan::StreamObserver<AnswerReader>;

}  // namespace aigw::dialect::anthropic
