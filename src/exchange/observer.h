// Reads usage and model out of an answer whose bytes pass untouched, in the provider's dialect.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "chat/usage.h"
#include "endpoint/table.h"

namespace aigw::exchange {

class AnswerObserver {
 public:
  virtual ~AnswerObserver() = default;
  // The next bytes of the answer, decoded.
  virtual void feed(Bytes piece) = 0;
  // Nothing follows.
  virtual void finish() = 0;
};

// `usage` and `model` are written as the answer reports them, and outlive the observer.
std::unique_ptr<AnswerObserver> observe(endpoint::Dialect dialect, bool stream, chat::Usage& usage,
                                        std::string& model);

}  // namespace aigw::exchange
