// Calls of the functions that stand for freeform tools (request.h), as the freeform calls that the
// client knows. The text is unescaped as it comes, so that a stream stays one.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/event.h"

namespace aigw::chat::freeform {

// Hands every event on; an opened call of one of the names becomes a freeform one, and its
// arguments their member `input`. Arguments that begin in another way than {"input":" are what the
// model made of the tool: they are handed on as they are. What stands beside `input` is dropped.
class FreeformCalls final : public EventSink {
 public:
  // `names` is that of request.h. All three outlive this.
  FreeformCalls(Bytes names, Drops& drops, EventSink& next)
      : names_(names), drops_(drops), next_(next) {}
  void on_event(const Event& event) override;

 private:
  enum class State : uint8_t {
    head,   // within {"input":"
    text,   // behind it
    after,  // behind the text
    whole   // no such arguments: they are the text
  };

  void open(const event::BlockOpen& open);
  void arguments(Bytes piece);
  Bytes head(Bytes piece);
  Bytes text(Bytes piece);
  void after(Bytes piece);
  void close();
  void unescaped(Bytes escaped);
  void emit(Bytes text);

  const Bytes names_;
  Drops& drops_;
  EventSink& next_;

  // Of the open call.
  bool freeform_ = false;
  uint32_t index_ = 0;
  State state_ = State::head;
  size_t matched_ = 0;   // of the head
  std::string kept_;     // the head so far, or the begin of an escape
  bool others_ = false;  // something stands beside the text
};

}  // namespace aigw::chat::freeform
