#include "dialect/openai_chat/answer_words.h"

namespace aigw::dialect::openai_chat {
namespace {

using chat::StopReason;

void write_count(json::Writer& writer, Bytes name, const std::optional<uint64_t>& count) {
  if (count.value_or(0) != 0) writer.member_number(name, *count);
}

}  // namespace

const json::Value* first_choice(std::span<const json::Value> choices) {
  for (const json::Value& choice : choices) {
    const json::Value& index = choice["index"];
    if (!index.exists_and_not_null() || index.raw() == "0") return &choice;
  }
  return nullptr;
}

chat::StopReason stop_reason(Bytes word) {
  if (word == "stop") return StopReason::end_turn;
  if (word == "length") return StopReason::max_tokens;
  if (word == "tool_calls" || word == "function_call") return StopReason::tool_use;
  if (word == "content_filter") return StopReason::content_filter;
  if (word == "recitation") return StopReason::recitation;
  if (word == "malformed_function_call") return StopReason::malformed_tool_call;
  if (word == "unexpected_tool_call") return StopReason::unexpected_tool_call;
  if (word == "language") return StopReason::language;
  if (word == "no_image") return StopReason::no_image;
  return StopReason::unknown;
}

Bytes finish_reason(chat::StopReason reason, Bytes other) {
  switch (reason) {
    case StopReason::end_turn:
    case StopReason::stop_sequence:
    case StopReason::pause:
      return "stop";
    case StopReason::max_tokens:
    case StopReason::context_exceeded:
      return "length";
    case StopReason::tool_use:
      return "tool_calls";
    case StopReason::content_filter:
    case StopReason::refusal:
    case StopReason::guardrail:
      return "content_filter";
    case StopReason::recitation:
      return "recitation";
    case StopReason::malformed_tool_call:
      return "malformed_function_call";
    case StopReason::unexpected_tool_call:
      return "unexpected_tool_call";
    case StopReason::language:
      return "language";
    case StopReason::no_image:
      return "no_image";
    case StopReason::malformed_output:
    case StopReason::unknown:
      return other;
  }
  return other;
}

chat::Usage read_usage(json::Reader& reader, const json::Value& usage) {
  reader.members(usage);
  const json::Value& prompt = usage["prompt_tokens_details"];
  const json::Value& completion = usage["completion_tokens_details"];
  return {.input = reader.count(usage["prompt_tokens"]),
          .output = reader.count(usage["completion_tokens"]),
          .total = reader.count(usage["total_tokens"]),
          .cached_input = reader.count(prompt["cached_tokens"]),
          .cache_creation_input = reader.count(prompt["cache_creation_input_tokens"]),
          .reasoning = reader.count(completion["reasoning_tokens"])};
}

bool any_tokens(const chat::Usage& usage) {
  return usage.input.value_or(0) != 0 || usage.output.value_or(0) != 0 ||
         usage.total.value_or(0) != 0;
}

void write_usage(json::Writer& writer, const chat::Usage& usage, bool details_always) {
  const uint64_t sum = usage.input.value_or(0) + usage.output.value_or(0);
  writer.begin_object();
  write_count(writer, "prompt_tokens", usage.input);
  write_count(writer, "completion_tokens", usage.output);
  write_count(writer, "total_tokens", usage.total.value_or(sum));
  if (details_always || usage.reasoning) {
    writer.member_object("completion_tokens_details");
    write_count(writer, "reasoning_tokens", usage.reasoning);
    writer.end_object();
  }
  if (details_always || usage.cached_input || usage.cache_creation_input) {
    writer.member_object("prompt_tokens_details");
    write_count(writer, "cached_tokens", usage.cached_input);
    write_count(writer, "cache_creation_input_tokens", usage.cache_creation_input);
    writer.end_object();
  }
  writer.end_object();
}

}  // namespace aigw::dialect::openai_chat
