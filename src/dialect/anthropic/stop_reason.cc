#include "dialect/anthropic/stop_reason.h"

namespace aigw::dialect::anthropic {
namespace {

using chat::StopReason;

struct Entry {
  StopReason reason;
  Bytes word;
};

// The words that both sides have; anything else is told as the nearest of these.
constexpr Entry kEntries[] = {
    {StopReason::end_turn, "end_turn"},
    {StopReason::stop_sequence, "stop_sequence"},
    {StopReason::max_tokens, "max_tokens"},
    {StopReason::tool_use, "tool_use"},
    {StopReason::pause, "pause_turn"},
    {StopReason::refusal, "refusal"},
    {StopReason::context_exceeded, "model_context_window_exceeded"},
};

}  // namespace

StopReason decode_stop_reason(Bytes word) {
  for (const Entry& entry : kEntries) {
    if (entry.word == word) return entry.reason;
  }
  return StopReason::unknown;
}

Bytes encode_stop_reason(StopReason reason, Bytes raw, bool own) {
  switch (reason) {
    case StopReason::content_filter:
    case StopReason::guardrail:
    case StopReason::recitation:
      return "refusal";
    case StopReason::malformed_tool_call:
    case StopReason::unexpected_tool_call:
    case StopReason::malformed_output:
    case StopReason::language:
    case StopReason::no_image:
      return "end_turn";
    case StopReason::unknown:
      return own && !raw.empty() ? raw : "end_turn";
    case StopReason::end_turn:
    case StopReason::stop_sequence:
    case StopReason::max_tokens:
    case StopReason::tool_use:
    case StopReason::pause:
    case StopReason::refusal:
    case StopReason::context_exceeded:
      break;
  }
  for (const Entry& entry : kEntries) {
    if (entry.reason == reason) return entry.word;
  }
  return "end_turn";
}

}  // namespace aigw::dialect::anthropic
