#include "dialect/openai_chat/encode_request.h"

#include <algorithm>

#include "dialect/openai_chat/encode_message.h"
#include "dialect/openai_chat/language.h"
#include "json/writer.h"

namespace aigw::dialect::openai_chat {
namespace {

using chat::OutputFormat;
using chat::ReasoningRequest;
using chat::ToolChoice;

// Members that mean the same in both of OpenAI's languages, and stand in no other.
bool is_shared(Bytes name) {
  return name == "prompt_cache_key" || name == "prompt_cache_retention" ||
         name == "safety_identifier";
}

// OpenAI's models that refuse to be told how much to think. A name that is not known may be that of
// anyone's model.
bool never_reasons(Bytes model) {
  constexpr Bytes kBegins[] = {"gpt-3", "gpt-4", "gpt-5-chat", "chatgpt-"};
  return std::any_of(std::begin(kBegins), std::end(kBegins),
                     [&](Bytes begin) { return model.starts_with(begin); });
}

class RequestEncoder {
 public:
  RequestEncoder(const chat::Conversation& from, chat::Drops& drops, std::string& out)
      : from_(from), own_(from.language == kLanguage), drops_(drops), writer_(out) {}

  Result<void> encode(const RequestOptions& options) {
    writer_.begin_object();
    AIGW_TRY(messages(options));
    writer_.member("model", options.model.empty() ? from_.model : options.model);
    if (from_.sampling.max_tokens) {
      writer_.member_number("max_completion_tokens", *from_.sampling.max_tokens);
    } else if (options.zero_for_no_max_tokens) {
      writer_.member_number("max_completion_tokens", 0u);
    }
    stream();
    writer_.member_raw_unless_empty("temperature", from_.sampling.temperature);
    writer_.member_raw_unless_empty("top_p", from_.sampling.top_p);
    tools();
    thinking(options);
    further_sampling();
    output();
    who();
    for (const chat::Extra& extra : from_.extras) {
      if (own_ || is_shared(extra.name)) {
        writer_.member_raw(extra.name, extra.raw);
      } else {
        drops_.add(extra.name);
      }
    }
    stop();
    writer_.end_object();
    writer_.finish();
    return {};
  }

 private:
  Result<void> messages(const RequestOptions& options);
  void stream();
  void tools();
  void tool(const chat::Tool& tool);
  void format(const chat::Tool& tool);
  void tool_choice();
  void named_choice(Bytes name);
  void thinking(const RequestOptions& options);
  void effort_alone(const RequestOptions& options);
  void effort(Bytes effort);
  void further_sampling();
  void output();
  void who();
  void stop();

  const chat::Conversation& from_;
  bool own_;
  chat::Drops& drops_;
  json::Writer writer_;
};

Result<void> RequestEncoder::messages(const RequestOptions& options) {
  writer_.member_array("messages");
  MessageEncoder encoder(writer_, drops_, {.own = own_, .no_reasoning = options.effort_alone});
  encoder.system(from_.system);
  for (const chat::Message& message : from_.messages) encoder.message(message);
  writer_.end_array();
  return encoder.result();
}

void RequestEncoder::stream() {
  if (from_.stream) writer_.member_boolean("stream", true);
  const bool asked = own_ ? from_.include_usage.has_value() : from_.stream;
  if (!asked) return;
  writer_.member_object("stream_options");
  writer_.member_boolean("include_usage", own_ ? *from_.include_usage : true);
  writer_.end_object();
}

// A choice, and whether calls may be parallel, are refused by the provider where no tool stands.
void RequestEncoder::tools() {
  bool any = false;
  for (const chat::Tool& one : from_.tools) {
    if (!own_ && one.kind == chat::Tool::Kind::opaque) {
      drops_.add("tools[] of type ", one.name);
      continue;
    }
    if (!any) writer_.member_array("tools");
    any = true;
    tool(one);
  }
  if (any) writer_.end_array();
  if (!any && !own_) return;
  tool_choice();
  if (from_.parallel_tool_calls) {
    writer_.member_boolean("parallel_tool_calls", *from_.parallel_tool_calls);
  }
}

void RequestEncoder::tool(const chat::Tool& tool) {
  if (tool.kind == chat::Tool::Kind::opaque) {
    return writer_.raw(tool.schema);
  }
  const bool freeform = tool.kind == chat::Tool::Kind::freeform;
  const Bytes type = freeform ? "custom" : "function";
  writer_.begin_object();
  writer_.member("type", type);
  writer_.member_object(type);
  writer_.member("name", tool.name);
  if (tool.description) writer_.member("description", *tool.description);
  if (freeform) {
    format(tool);
  } else {
    writer_.member_raw_unless_empty("parameters", tool.schema);
  }
  if (tool.strict) writer_.member_boolean("strict", *tool.strict);
  writer_.end_object();
  if (tool.cache && own_) write_cache_control(writer_, *tool.cache);
  if (tool.cache && !own_) drops_.add("tools[].cache_control");
  writer_.end_object();
}

// Any text is what a tool without a format takes.
void RequestEncoder::format(const chat::Tool& tool) {
  if (own_) return writer_.member_raw_unless_empty("format", tool.schema);
  if (tool.grammar.definition.empty()) return;
  writer_.member_object("format");
  writer_.member("type", "grammar");
  writer_.member_object("grammar");
  writer_.member("syntax", tool.grammar.syntax);
  writer_.member("definition", tool.grammar.definition);
  writer_.end_object();
  writer_.end_object();
}

void RequestEncoder::tool_choice() {
  const ToolChoice& choice = from_.tool_choice;
  switch (choice.mode) {
    case ToolChoice::Mode::unset:
      return;
    case ToolChoice::Mode::automatic:
      return writer_.member("tool_choice", "auto");
    case ToolChoice::Mode::required:
      return writer_.member("tool_choice", "required");
    case ToolChoice::Mode::none:
      return writer_.member("tool_choice", "none");
    case ToolChoice::Mode::named:
      return named_choice(choice.name);
    case ToolChoice::Mode::opaque:
      if (own_) return writer_.member_raw("tool_choice", choice.raw);
      return drops_.add("tool_choice");
  }
}

void RequestEncoder::named_choice(Bytes name) {
  const bool freeform =
      std::any_of(from_.tools.begin(), from_.tools.end(), [&](const chat::Tool& tool) {
        return tool.kind == chat::Tool::Kind::freeform && tool.name == name;
      });
  const Bytes type = freeform ? "custom" : "function";
  writer_.member_object("tool_choice");
  writer_.member("type", type);
  writer_.member_object(type);
  writer_.member("name", name);
  writer_.end_object();
  writer_.end_object();
}

void RequestEncoder::thinking(const RequestOptions& options) {
  const ReasoningRequest& reasoning = from_.reasoning;
  if (!own_ && !reasoning.display.empty()) drops_.add("thinking.display");
  if (!own_ && reasoning.include_thoughts) drops_.add("thinking.include_thoughts");
  if (options.effort_alone) return effort_alone(options);
  if (reasoning.mode != ReasoningRequest::Mode::unset) {
    writer_.member_object("thinking");
    if (reasoning.budget_tokens) writer_.member_number("budget_tokens", *reasoning.budget_tokens);
    writer_.member("type", reasoning.mode == ReasoningRequest::Mode::enabled    ? "enabled"
                           : reasoning.mode == ReasoningRequest::Mode::adaptive ? "adaptive"
                                                                                : "disabled");
    if (own_ && reasoning.include_thoughts) {
      writer_.member_boolean("includeThoughts", *reasoning.include_thoughts);
    }
    if (own_) writer_.member_unless_empty("display", reasoning.display);
    writer_.end_object();
  }
  effort(reasoning.effort);
}

// Adaptive and disabled thinking are left to the model: it decides by itself, and what stands for
// none differs from one model to the next.
void RequestEncoder::effort_alone(const RequestOptions& options) {
  const ReasoningRequest& reasoning = from_.reasoning;
  const Bytes asked = chat::effort_of(reasoning);
  if (asked.empty()) {
    if (reasoning.mode != ReasoningRequest::Mode::unset) drops_.add("thinking");
    return;
  }
  if (never_reasons(options.model.empty() ? from_.model : options.model)) {
    return drops_.add(reasoning.effort.empty() ? "thinking" : "reasoning_effort");
  }
  effort(asked);
}

// The languages name one level above what this one knows.
void RequestEncoder::effort(Bytes effort) {
  writer_.member_unless_empty("reasoning_effort",
                              !own_ && effort == "max" ? Bytes("xhigh") : effort);
}

void RequestEncoder::further_sampling() {
  const chat::Sampling& sampling = from_.sampling;
  if (own_) {
    writer_.member_raw_unless_empty("top_k", sampling.top_k);
  } else if (!sampling.top_k.empty()) {
    drops_.add("top_k");
  }
  writer_.member_raw_unless_empty("frequency_penalty", sampling.frequency_penalty);
  writer_.member_raw_unless_empty("presence_penalty", sampling.presence_penalty);
  writer_.member_raw_unless_empty("seed", sampling.seed);
  if (sampling.answers) writer_.member_number("n", *sampling.answers);
  if (sampling.logprobs) writer_.member_boolean("logprobs", *sampling.logprobs);
  if (sampling.top_logprobs) writer_.member_number("top_logprobs", *sampling.top_logprobs);
}

void RequestEncoder::output() {
  const OutputFormat& output = from_.output;
  switch (output.kind) {
    case OutputFormat::Kind::unset:
      return;
    case OutputFormat::Kind::choice:
      return writer_.member_raw("guided_choice", output.schema);
    case OutputFormat::Kind::regex:
      return writer_.member("guided_regex", output.name);
    case OutputFormat::Kind::text:
    case OutputFormat::Kind::json_object:
      writer_.member_object("response_format");
      writer_.member("type", output.kind == OutputFormat::Kind::text ? "text" : "json_object");
      return writer_.end_object();
    case OutputFormat::Kind::json_schema:
      break;
  }
  if (own_ && output.name.empty()) return writer_.member_raw("guided_json", output.schema);
  writer_.member_object("response_format");
  writer_.member("type", "json_schema");
  writer_.member_object("json_schema");
  writer_.member("name", output.name.empty() ? Bytes("response") : output.name);
  writer_.member_unless_empty("description", output.description);
  writer_.member_raw_unless_empty("schema", output.schema);
  if (output.strict) writer_.member_boolean("strict", *output.strict);
  writer_.end_object();
  writer_.end_object();
}

void RequestEncoder::who() {
  constexpr Bytes kTiers[] = {"auto", "default", "flex", "scale", "priority"};
  const bool tier_known = own_ || std::find(std::begin(kTiers), std::end(kTiers),
                                            from_.service_tier) != std::end(kTiers);
  if (tier_known) {
    writer_.member_unless_empty("service_tier", from_.service_tier);
  } else if (from_.service_tier == "standard_only" || from_.service_tier == "standard") {
    writer_.member("service_tier", "default");
  } else if (!from_.service_tier.empty()) {
    drops_.add("service_tier");
  }
  writer_.member_unless_empty("verbosity", from_.verbosity);
  if (own_) {
    writer_.member_unless_empty("user", from_.user);
    writer_.member_raw_unless_empty("metadata", from_.metadata);
  } else {
    if (!from_.user.empty()) drops_.add("metadata.user_id");
    if (!from_.metadata.empty()) drops_.add("metadata");
  }
}

void RequestEncoder::stop() {
  if (from_.sampling.stop_sequences.empty()) return;
  writer_.member_array("stop");
  for (Bytes sequence : from_.sampling.stop_sequences) writer_.string(sequence);
  writer_.end_array();
}

}  // namespace

Result<void> encode_request(const chat::Conversation& from, const RequestOptions& options,
                            chat::Drops& drops, std::string& out) {
  return RequestEncoder(from, drops, out).encode(options);
}

}  // namespace aigw::dialect::openai_chat
