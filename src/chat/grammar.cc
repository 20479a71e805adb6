#include "chat/grammar.h"

namespace aigw::chat {
namespace {

using Kind = event::BlockOpen::Kind;

bool may_be_whole(const Block& block) {
  return std::visit(
      Overload{[](const Text&) { return false; }, [](const ToolCall&) { return false; },
               [](const ToolResult&) { return false; }, [](const Reasoning&) { return false; },
               [](const CachePoint&) { return false; }, [](const Image&) { return true; },
               [](const File&) { return true; }, [](const Audio&) { return true; },
               [](const Opaque&) { return true; }},
      block.value);
}

}  // namespace

void Grammar::on_event(const Event& event) {
  if (violation_.empty()) violation_ = check(event);
  if (next_ != nullptr) next_->on_event(event);
}

Bytes Grammar::check(const Event& event) {
  if (stage_ == Stage::ended) return "an event after the end";
  if (std::holds_alternative<event::Ping>(event)) return {};
  if (std::holds_alternative<event::Fault>(event)) {
    stage_ = Stage::ended;
    return {};
  }
  if (const bool is_start = std::holds_alternative<event::Start>(event);
      is_start != (stage_ == Stage::before)) {
    return is_start ? "a second start" : "an event before the start";
  }
  return std::visit(
      Overload{
          [&](const event::Start&) {
            stage_ = Stage::started;
            return Bytes();
          },
          [&](const event::BlockOpen& open) { return check_open(open.index, open.kind); },
          [&](const event::BlockWhole& whole) { return check_whole(whole); },
          [&](const event::TextDelta& d) { return check_delta(d.index, open_ == Kind::text); },
          [&](const event::Citation& d) { return check_delta(d.index, open_ == Kind::text); },
          [&](const event::ArgsDelta& d) { return check_delta(d.index, open_ == Kind::tool_call); },
          [&](const event::ReasoningDelta& d) {
            return check_delta(d.index, open_ == Kind::reasoning);
          },
          [&](const event::SignatureDelta& d) {
            return check_delta(d.index, open_ == Kind::reasoning || open_ == Kind::tool_call);
          },
          [&](const event::Redacted& d) {
            if (any_delta_) return Bytes("redacted data beside something else");
            redacted_ = true;
            return check_delta(d.index, open_ == Kind::reasoning, true);
          },
          [&](const event::BlockClose& close) { return check_close(close.index); },
          [&](const event::UsageReport&) { return Bytes(); },
          [&](const event::AnswerExtra&) { return Bytes(); },
          [&](const event::Finish&) { return check_finish(); },
          [&](const event::Done&) {
            if (stage_ != Stage::finished) return Bytes("done without a finish");
            stage_ = Stage::ended;
            return Bytes();
          },
          [&](const event::Fault&) { return Bytes(); },
          [&](const event::Ping&) { return Bytes(); },
      },
      event);
}

Bytes Grammar::check_open(uint32_t index, std::optional<Kind> kind) {
  if (stage_ == Stage::finished) return "a block after the finish";
  if (open_) return "a block inside a block";
  if (index != next_index_) return "a block with the wrong index";
  ++next_index_;
  open_ = kind;
  any_delta_ = redacted_ = false;
  return {};
}

Bytes Grammar::check_whole(const event::BlockWhole& whole) {
  if (!may_be_whole(*whole.block)) return "a whole block of a kind that comes in deltas";
  return check_open(whole.index, std::nullopt);
}

Bytes Grammar::check_delta(uint32_t index, bool right_kind, bool redacting) {
  if (!open_) return "a delta outside of a block";
  if (index + 1 != next_index_) return "a delta of another block";
  if (!right_kind) return "a delta of the wrong kind";
  if (redacted_ && !redacting) return "a delta beside redacted data";
  any_delta_ = true;
  return {};
}

Bytes Grammar::check_close(uint32_t index) {
  if (!open_) return "a close outside of a block";
  if (index + 1 != next_index_) return "a close of another block";
  open_.reset();
  return {};
}

Bytes Grammar::check_finish() {
  if (open_) return "a finish inside a block";
  if (stage_ == Stage::finished) return "a second finish";
  stage_ = Stage::finished;
  return {};
}

}  // namespace aigw::chat
