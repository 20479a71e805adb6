#include "dialect/anthropic/usage.h"

#include "dialect/anthropic/members.h"
#include "json/text.h"

namespace aigw::dialect::anthropic {
namespace {

void take_count(std::optional<uint64_t>& to, const json::Value& from) {
  if (!from.is_number()) return;
  if (const std::optional<uint64_t> count = json::to_uint64(from.raw())) to = count;
}

uint64_t minus(uint64_t from, uint64_t what) { return from > what ? from - what : 0; }

}  // namespace

void Counts::take(const json::Value& usage, chat::Drops& drops) {
  if (!usage.is_object()) return;
  take_count(input, usage["input_tokens"]);
  take_count(cache_read, usage["cache_read_input_tokens"]);
  take_count(cache_creation, usage["cache_creation_input_tokens"]);
  take_count(output, usage["output_tokens"]);
  take_count(thinking, usage["output_tokens_details"]["thinking_tokens"]);
  report_unknown(usage,
                 {"input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
                  "output_tokens", "output_tokens_details", "service_tier"},
                 "usage.", drops);
}

chat::Usage Counts::unified() const {
  chat::Usage usage;
  if (input) usage.input = *input + cache_read.value_or(0) + cache_creation.value_or(0);
  usage.output = output;
  if (usage.input && usage.output) usage.total = *usage.input + *usage.output;
  usage.cached_input = cache_read;
  usage.cache_creation_input = cache_creation;
  usage.reasoning = thinking;
  return usage;
}

void write_usage(json::Writer& writer, const chat::Usage& usage, Bytes service_tier,
                 CacheCounts caches) {
  const uint64_t read = usage.cached_input.value_or(0);
  const uint64_t creation = usage.cache_creation_input.value_or(0);
  const bool always = caches == CacheCounts::always;
  writer.begin_object();
  if (always || usage.cache_creation_input) {
    writer.member_number("cache_creation_input_tokens", creation);
  }
  if (always || usage.cached_input) writer.member_number("cache_read_input_tokens", read);
  writer.member_number("input_tokens", minus(minus(usage.input.value_or(0), read), creation));
  writer.member_number("output_tokens", usage.output.value_or(0));
  if (usage.reasoning.value_or(0) > 0) {
    writer.member_object("output_tokens_details");
    writer.member_number("thinking_tokens", *usage.reasoning);
    writer.end_object();
  }
  writer.member_unless_empty("service_tier", service_tier);
  writer.end_object();
}

}  // namespace aigw::dialect::anthropic
