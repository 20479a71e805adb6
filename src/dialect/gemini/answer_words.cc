#include "dialect/gemini/answer_words.h"

#include <charconv>
#include <chrono>

#include "json/text.h"

namespace aigw::dialect::gemini {
namespace {

using chat::StopReason;

struct Word {
  Bytes word;
  StopReason reason;
};

// The first word of a reason is the one that is written for it.
constexpr Word kWords[] = {
    {"STOP", StopReason::end_turn},
    {"MAX_TOKENS", StopReason::max_tokens},
    {"SAFETY", StopReason::content_filter},
    {"BLOCKLIST", StopReason::content_filter},
    {"PROHIBITED_CONTENT", StopReason::content_filter},
    {"SPII", StopReason::content_filter},
    {"IMAGE_SAFETY", StopReason::content_filter},
    {"IMAGE_PROHIBITED_CONTENT", StopReason::content_filter},
    {"MODEL_ARMOR", StopReason::guardrail},
    {"RECITATION", StopReason::recitation},
    {"IMAGE_RECITATION", StopReason::recitation},
    {"MALFORMED_FUNCTION_CALL", StopReason::malformed_tool_call},
    {"UNEXPECTED_TOOL_CALL", StopReason::unexpected_tool_call},
    {"LANGUAGE", StopReason::language},
    {"NO_IMAGE", StopReason::no_image},
};

std::optional<uint64_t> count(const json::Value& value) {
  return value.is_number() ? json::to_uint64(value.raw()) : std::nullopt;
}

std::optional<int> digits(Bytes text, size_t at, size_t size) {
  if (text.size() < at + size) return std::nullopt;
  int value = 0;
  const char* end = text.data() + at + size;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value);
  if (error != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

}  // namespace

StopReason decode_finish_reason(Bytes word, bool any_call) {
  for (const Word& known : kWords) {
    if (known.word != word) continue;
    return known.reason == StopReason::end_turn && any_call ? StopReason::tool_use : known.reason;
  }
  return StopReason::unknown;
}

Bytes encode_finish_reason(StopReason reason) {
  switch (reason) {
    case StopReason::end_turn:
    case StopReason::stop_sequence:
    case StopReason::tool_use:
    case StopReason::pause:
      return "STOP";
    case StopReason::max_tokens:
    case StopReason::context_exceeded:
      return "MAX_TOKENS";
    case StopReason::content_filter:
    case StopReason::refusal:
    case StopReason::guardrail:
      return "SAFETY";
    case StopReason::malformed_output:
    case StopReason::unknown:
      return "OTHER";
    case StopReason::recitation:
    case StopReason::malformed_tool_call:
    case StopReason::unexpected_tool_call:
    case StopReason::language:
    case StopReason::no_image:
      break;
  }
  for (const Word& known : kWords) {
    if (known.reason == reason) return known.word;
  }
  return "OTHER";
}

chat::Usage decode_usage(const json::Value& usage) {
  chat::Usage counts;
  const std::optional<uint64_t> candidates = count(usage["candidatesTokenCount"]);
  counts.input = count(usage["promptTokenCount"]);
  counts.total = count(usage["totalTokenCount"]);
  counts.cached_input = count(usage["cachedContentTokenCount"]);
  counts.reasoning = count(usage["thoughtsTokenCount"]);
  if (candidates || counts.reasoning) {
    counts.output = candidates.value_or(0) + counts.reasoning.value_or(0);
  }
  return counts;
}

void write_usage(json::Writer& writer, const chat::Usage& usage) {
  const uint64_t input = usage.input.value_or(0);
  const uint64_t output = usage.output.value_or(0);
  const uint64_t thoughts = usage.reasoning.value_or(0);
  writer.begin_object();
  writer.member_number("promptTokenCount", input);
  if (usage.output) {
    writer.member_number("candidatesTokenCount", output > thoughts ? output - thoughts : 0);
  }
  writer.member_number("totalTokenCount", usage.total.value_or(input + output));
  if (usage.cached_input.value_or(0) > 0) {
    writer.member_number("cachedContentTokenCount", *usage.cached_input);
  }
  if (thoughts > 0) writer.member_number("thoughtsTokenCount", thoughts);
  writer.end_object();
}

std::optional<uint64_t> decode_time(Bytes text) {
  using namespace std::chrono;
  const auto year_number = digits(text, 0, 4);
  const auto month_number = digits(text, 5, 2);
  const auto day_number = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!year_number || !month_number || !day_number || !hour || !minute || !second) {
    return std::nullopt;
  }
  const year_month_day date{year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number))};
  if (!date.ok()) return std::nullopt;
  int64_t time = sys_days(date).time_since_epoch().count() * int64_t{86400} + *hour * 3600 +
                 *minute * 60 + *second;
  const size_t zone = text.find_first_of("+-", 19);
  if (zone != Bytes::npos) {
    const int64_t offset =
        digits(text, zone + 1, 2).value_or(0) * 3600 + digits(text, zone + 4, 2).value_or(0) * 60;
    time -= text[zone] == '+' ? offset : -offset;
  }
  if (time < 0) return std::nullopt;
  return static_cast<uint64_t>(time);
}

}  // namespace aigw::dialect::gemini
