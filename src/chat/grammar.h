// Which event may follow which, as a sink: it stands before another one, or alone in a test, and
// says what the first misplaced event was. The rules are in README.md.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "chat/event.h"

namespace aigw::chat {

class Grammar final : public EventSink {
 public:
  // Every event goes on to `next`, if there is one, whatever is found.
  explicit Grammar(EventSink* next = nullptr) : next_(next) {}

  void on_event(const Event& event) override;

  // What is wrong with the list so far, a constant; empty when nothing is.
  Bytes violation() const { return violation_; }
  // Right so far, and ended by Done or Fault.
  bool complete() const { return violation_.empty() && stage_ == Stage::ended; }

 private:
  enum class Stage : uint8_t { before, started, finished, ended };

  Bytes check(const Event& event);
  Bytes check_open(uint32_t index, std::optional<event::BlockOpen::Kind> kind);
  Bytes check_whole(const event::BlockWhole& whole);
  Bytes check_delta(uint32_t index, bool right_kind, bool redacting = false);
  Bytes check_close(uint32_t index);
  Bytes check_finish();

  EventSink* next_;
  Bytes violation_;
  Stage stage_ = Stage::before;
  std::optional<event::BlockOpen::Kind> open_;
  bool redacted_ = false;  // the open block has its data
  bool any_delta_ = false;
  uint32_t next_index_ = 0;
};

}  // namespace aigw::chat
