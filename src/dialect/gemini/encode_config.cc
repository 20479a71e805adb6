#include "dialect/gemini/encode_config.h"

#include "dialect/gemini/members.h"
#include "dialect/gemini/raw_json.h"
#include "dialect/gemini/schema.h"
#include "json/cursor.h"

namespace aigw::dialect::gemini {
namespace {

using chat::OutputFormat;
using chat::ReasoningRequest;
using Mode = ReasoningRequest::Mode;

Failure refuse(Bytes what, Bytes which = {}) {
  std::string text(what);
  text += which;
  return chat::cannot(kTarget, text);
}

}  // namespace

Result<void> ConfigEncoder::encode() {
  const chat::Sampling& sampling = from_.sampling;
  if (sampling.answers.value_or(1) > 1) return refuse("n above 1");
  AIGW_TRY(check_formats());
  AIGW_TRY(read_output());
  AIGW_TRY(read_media_resolution());
  writer_.begin_object();
  writer_.member_raw_unless_empty("responseJsonSchema", json_schema_);
  if (sampling.answers) writer_.member_number("candidateCount", *sampling.answers);
  writer_.member_raw_unless_empty("frequencyPenalty", sampling.frequency_penalty);
  if (sampling.top_logprobs) writer_.member_number("logprobs", *sampling.top_logprobs);
  if (sampling.max_tokens) writer_.member_number("maxOutputTokens", *sampling.max_tokens);
  writer_.member_unless_empty("mediaResolution", media_resolution_);
  writer_.member_raw_unless_empty("presencePenalty", sampling.presence_penalty);
  if (sampling.logprobs && (*sampling.logprobs || own_)) {
    writer_.member_boolean("responseLogprobs", *sampling.logprobs);
  }
  writer_.member_unless_empty("responseMimeType", mime_type_);
  writer_.member_raw_unless_empty("responseSchema", schema_);
  writer_.member_raw_unless_empty("seed", sampling.seed);
  stop_sequences();
  writer_.member_raw_unless_empty("temperature", sampling.temperature);
  AIGW_TRY(thinking());
  writer_.member_raw_unless_empty("topK", sampling.top_k);
  writer_.member_raw_unless_empty("topP", sampling.top_p);
  own_rest();
  writer_.end_object();
  return {};
}

Result<void> ConfigEncoder::encode_counted() {
  AIGW_TRY(read_media_resolution());
  if (media_resolution_.empty()) return {};
  writer_.member_object("generationConfig");
  writer_.member("mediaResolution", media_resolution_);
  writer_.end_object();
  return {};
}

// A second format is an extra in the language of chat completions, where there are several members
// for it.
Result<void> ConfigEncoder::check_formats() const {
  if (own_ || from_.output.kind == OutputFormat::Kind::unset) return {};
  for (const chat::Extra& extra : from_.extras) {
    if (is_one_of(extra.name,
                  {"response_format", "guided_choice", "guided_regex", "guided_json"})) {
      return refuse("more than one of response_format, guided_choice, guided_regex, guided_json");
    }
  }
  return {};
}

Result<void> ConfigEncoder::read_output() {
  const OutputFormat& output = from_.output;
  json::Writer writer(schema_);
  switch (output.kind) {
    case OutputFormat::Kind::unset:
      return {};
    case OutputFormat::Kind::text:
      mime_type_ = "text/plain";
      return {};
    case OutputFormat::Kind::json_object:
      mime_type_ = "application/json";
      return {};
    case OutputFormat::Kind::json_schema:
      mime_type_ = "application/json";
      // A schema without a name is one that was not given as an OpenAI one: it is sent as it is,
      // whatever the model.
      return read_schema(output.schema, output.name.empty() || family_.takes_json_schema);
    case OutputFormat::Kind::choice:
      mime_type_ = "text/x.enum";
      writer.begin_object();
      writer.member_raw("enum", output.schema);
      writer.member("type", "STRING");
      writer.end_object();
      return {};
    case OutputFormat::Kind::regex:
      mime_type_ = "application/json";
      writer.begin_object();
      writer.member("pattern", output.name);
      writer.member("type", "STRING");
      writer.end_object();
      return {};
  }
  return {};
}

Result<void> ConfigEncoder::read_schema(Bytes raw, bool whole) {
  if (raw.empty()) return {};
  if (object_text(raw) == ObjectText::none) {
    return refuse("response_format.json_schema.schema that is no JSON object");
  }
  if (whole) {
    json_schema_ = raw;
    return {};
  }
  return append_gemini_schema(raw, arena_, drops_, schema_);
}

// An extra of chat completions: {"media_resolution":…}.
Result<void> ConfigEncoder::read_media_resolution() {
  if (own_) return {};
  for (const chat::Extra& extra : from_.extras) {
    if (extra.name != "generationConfig") continue;
    json::Parser parser;
    const Result<json::Value> config = parser.parse(extra.raw, arena_);
    const Bytes wanted = config ? (*config)["media_resolution"].text() : Bytes();
    if (wanted.empty()) continue;
    if (family_.third) {
      media_resolution_ = wanted;
    } else {
      drops_.add("generationConfig.media_resolution");
    }
  }
  return {};
}

// An empty sequence stops nothing.
void ConfigEncoder::stop_sequences() {
  bool any = false;
  for (Bytes sequence : from_.sampling.stop_sequences) {
    if (sequence.empty() && !own_) continue;
    if (!any) writer_.member_array("stopSequences");
    any = true;
    writer_.string(sequence);
  }
  if (any) writer_.end_array();
}

Result<void> ConfigEncoder::thinking() {
  const ReasoningRequest& reasoning = from_.reasoning;
  if (own_) {
    own_thinking();
    return {};
  }
  if (!reasoning.display.empty()) drops_.add("thinking.display");
  if (reasoning.mode == Mode::unset) return level();
  if (!reasoning.effort.empty()) drops_.add("reasoning_effort");
  writer_.member_object("thinkingConfig");
  if (reasoning.mode == Mode::enabled) {
    if (reasoning.include_thoughts.value_or(target_.thoughts_by_default)) {
      writer_.member_boolean("includeThoughts", true);
    }
    if (reasoning.budget_tokens) writer_.member_number("thinkingBudget", *reasoning.budget_tokens);
  } else if (reasoning.mode == Mode::adaptive && target_.thoughts_by_default) {
    writer_.member_boolean("includeThoughts", true);
  }
  writer_.end_object();
  return {};
}

// An effort is a level, which only generation 3 has.
Result<void> ConfigEncoder::level() {
  const Bytes effort = from_.reasoning.effort;
  if (effort.empty()) return {};
  if (!family_.third) {
    drops_.add("reasoning_effort");
    return {};
  }
  Bytes level;
  if (effort == "none" && family_.flash) {
    level = "MINIMAL";
  } else if (effort == "low") {
    level = "LOW";
  } else if (effort == "medium") {
    level = family_.flash ? "MEDIUM" : "HIGH";
  } else if (effort == "high") {
    level = "HIGH";
  } else {
    return refuse("reasoning_effort ", effort);
  }
  writer_.member_object("thinkingConfig");
  if (target_.thoughts_by_default) writer_.member_boolean("includeThoughts", true);
  writer_.member("thinkingLevel", level);
  writer_.end_object();
  return {};
}

void ConfigEncoder::own_thinking() {
  const ReasoningRequest& reasoning = from_.reasoning;
  const bool any = reasoning.mode != Mode::unset || reasoning.include_thoughts.has_value() ||
                   !reasoning.effort.empty();
  if (!any) return;
  writer_.member_object("thinkingConfig");
  if (reasoning.include_thoughts) {
    writer_.member_boolean("includeThoughts", *reasoning.include_thoughts);
  }
  if (reasoning.mode == Mode::disabled) writer_.member_number("thinkingBudget", 0);
  if (reasoning.mode == Mode::adaptive) writer_.member_number("thinkingBudget", -1);
  if (reasoning.budget_tokens) writer_.member_number("thinkingBudget", *reasoning.budget_tokens);
  if (!reasoning.effort.empty()) {
    std::string level(reasoning.effort);
    for (char& c : level) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    writer_.member("thinkingLevel", level);
  }
  writer_.end_object();
}

// The members that the hub has no word for.
void ConfigEncoder::own_rest() {
  if (!own_) return;
  for (const chat::Extra& extra : from_.extras) {
    if (extra.name != "generationConfig") continue;
    json::Parser parser;
    const Result<json::Value> rest = parser.parse(extra.raw, arena_);
    if (!rest) continue;
    for (const json::Value& member : rest->members()) {
      writer_.member_raw(member.name(), member.raw());
    }
  }
}

}  // namespace aigw::dialect::gemini
