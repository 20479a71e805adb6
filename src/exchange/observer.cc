#include "exchange/observer.h"

#include "dialect/anthropic/observer.h"
#include "dialect/openai_chat/observer.h"

namespace aigw::exchange {
namespace {

template <class Kind>
class Observing final : public AnswerObserver {
 public:
  Observing(chat::Usage& usage, std::string& model) : observer_({usage, model}) {}
  void feed(Bytes piece) override { observer_.feed(piece); }
  void finish() override { observer_.finish(); }

 private:
  Kind observer_;
};

template <class Kind>
std::unique_ptr<AnswerObserver> make(chat::Usage& usage, std::string& model) {
  return std::make_unique<Observing<Kind>>(usage, model);
}

}  // namespace

std::unique_ptr<AnswerObserver> observe(endpoint::Dialect dialect, bool stream, chat::Usage& usage,
                                        std::string& model) {
  if (dialect == endpoint::Dialect::anthropic) {
    return stream ? make<dialect::anthropic::StreamObserver>(usage, model)
                  : make<dialect::anthropic::UnaryObserver>(usage, model);
  }
  return stream ? make<dialect::openai_chat::StreamObserver>(usage, model)
                : make<dialect::openai_chat::UnaryObserver>(usage, model);
}

}  // namespace aigw::exchange
