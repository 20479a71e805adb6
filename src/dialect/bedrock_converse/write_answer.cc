#include "dialect/bedrock_converse/write_answer.h"

#include "dialect/bedrock_converse/media.h"
#include "dialect/bedrock_converse/members.h"
#include "dialect/bedrock_converse/raw_json.h"

namespace aigw::dialect::bedrock_converse {

Bytes encode_stop_reason(chat::StopReason reason) {
  using Reason = chat::StopReason;
  switch (reason) {
    case Reason::tool_use:
      return "tool_use";
    case Reason::max_tokens:
      return "max_tokens";
    case Reason::stop_sequence:
      return "stop_sequence";
    case Reason::guardrail:
      return "guardrail_intervened";
    case Reason::content_filter:
    case Reason::refusal:
    case Reason::recitation:
    case Reason::language:
    case Reason::no_image:
      return "content_filtered";
    case Reason::malformed_output:
      return "malformed_model_output";
    case Reason::malformed_tool_call:
    case Reason::unexpected_tool_call:
      return "malformed_tool_use";
    case Reason::context_exceeded:
      return "model_context_window_exceeded";
    case Reason::end_turn:
    case Reason::pause:
    case Reason::unknown:
      break;
  }
  return "end_turn";
}

void write_usage(json::Writer& writer, const chat::Usage& usage) {
  const uint64_t input = usage.input.value_or(0);
  const uint64_t output = usage.output.value_or(0);
  const uint64_t apart = usage.cached_input.value_or(0) + usage.cache_creation_input.value_or(0);
  writer.begin_object();
  writer.member_number("inputTokens", input > apart ? input - apart : 0);
  writer.member_number("outputTokens", output);
  writer.member_number("totalTokens", usage.total.value_or(input + output));
  if (usage.cached_input) writer.member_number("cacheReadInputTokens", *usage.cached_input);
  if (usage.cache_creation_input) writer.member_number("cacheWriteInputTokens", *usage.cache_creation_input);
  writer.end_object();
}

void write_service_tier(json::Writer& writer, Bytes tier, chat::Drops& drops) {
  if (tier.empty()) return;
  if (tier == "standard") tier = "default";
  if (!is_one_of(tier, {"priority", "default", "flex", "reserved"})) return drops.add("service_tier");
  writer.member_object("serviceTier");
  writer.member("type", tier);
  writer.end_object();
}

void write_input(json::Writer& writer, const chat::ToolCall& call, chat::Drops& drops) {
  if (call.freeform) {
    writer.begin_object();
    writer.member("input", call.arguments);
    writer.end_object();
  } else if (is_json_object(call.arguments)) {
    writer.raw(call.arguments);
  } else {
    if (!call.arguments.empty()) drops.add("tool arguments that are no JSON object");
    writer.raw("{}");
  }
}

bool holds_whole(const chat::Block& block, chat::Drops& drops) {
  if (const auto* image = std::get_if<chat::Image>(&block.value)) {
    const bool fits = image->source.kind == chat::Source::Kind::base64 &&
                      !image_format(image->source.media_type).empty();
    if (!fits) drops.add("an image in the answer");
    return fits;
  }
  if (const auto* opaque = std::get_if<chat::Opaque>(&block.value)) {
    drops.add("a block of the answer of type ", opaque->type);
  } else {
    drops.add(std::holds_alternative<chat::Audio>(block.value) ? "a sound in the answer" : "a file in the answer");
  }
  return false;
}

bool is_answer_member(Bytes extra) {
  return is_one_of(extra, {"additionalModelResponseFields", "performanceConfig", "trace"});
}

}  // namespace aigw::dialect::bedrock_converse
