#include "dialect/bedrock_converse/answer_parts.h"

#include <array>

#include "dialect/bedrock_converse/language.h"
#include "json/text.h"

namespace aigw::dialect::bedrock_converse {
namespace {

std::optional<uint64_t> count(const json::Value& value) {
  return value.is_number() ? json::to_uint64(value.raw()) : std::nullopt;
}

}  // namespace

chat::event::Start decode_start(const AnswerIdentity& identity) {
  return {kLanguage, identity.id, identity.model, identity.created};
}

chat::StopReason decode_stop_reason(Bytes word) {
  using Reason = chat::StopReason;
  struct Entry {
    Bytes word;
    Reason reason;
  };
  constexpr std::array<Entry, 9> kReasons = {{
      {"end_turn", Reason::end_turn},
      {"tool_use", Reason::tool_use},
      {"max_tokens", Reason::max_tokens},
      {"stop_sequence", Reason::stop_sequence},
      {"guardrail_intervened", Reason::guardrail},
      {"content_filtered", Reason::content_filter},
      {"malformed_model_output", Reason::malformed_output},
      {"malformed_tool_use", Reason::malformed_tool_call},
      {"model_context_window_exceeded", Reason::context_exceeded},
  }};
  for (const Entry& entry : kReasons) {
    if (entry.word == word) return entry.reason;
  }
  return Reason::unknown;
}

void emit_usage(const json::Value& object, chat::EventSink& sink) {
  chat::event::UsageReport report;
  const json::Value& usage = object["usage"];
  const std::optional<uint64_t> uncached = count(usage["inputTokens"]);
  report.usage.output = count(usage["outputTokens"]);
  report.usage.cached_input = count(usage["cacheReadInputTokens"]);
  report.usage.cache_creation_input = count(usage["cacheWriteInputTokens"]);
  if (uncached) {
    report.usage.input = *uncached + report.usage.cached_input.value_or(0) +
                         report.usage.cache_creation_input.value_or(0);
  }
  if (report.usage.input && report.usage.output) {
    report.usage.total = *report.usage.input + *report.usage.output;
  }
  report.service_tier = object["serviceTier"]["type"].text();
  if (usage.is_object() || !report.service_tier.empty()) sink.on_event(report);
}

void emit_extra(const json::Value& object, Bytes name, chat::EventSink& sink) {
  const json::Value& value = object[name];
  if (value.exists_and_not_null()) sink.on_event(chat::event::AnswerExtra{{name, value.raw()}});
}

void emit_metadata_extras(const json::Value& object, chat::EventSink& sink) {
  for (Bytes name : {Bytes("metrics"), Bytes("performanceConfig"), Bytes("trace")}) {
    emit_extra(object, name, sink);
  }
}

}  // namespace aigw::dialect::bedrock_converse
