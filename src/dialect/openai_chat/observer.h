// Usage, model and failure of a chat completion answer. A stream's usage is cumulative: the last event that has one
// holds.
#pragma once

#include "scan/observer.h"

namespace aigw::dialect::openai_chat {

class AnswerReader {
 public:
  static const json::WatchList& watches();
  void read(const json::Scanner& scanner, scan::Report& report);
};

using UnaryObserver = scan::UnaryObserver<AnswerReader>;
using StreamObserver = scan::StreamObserver<AnswerReader>;

}  // namespace aigw::dialect::openai_chat
