#include "dialect/openai_responses/encode_request.h"

#include <algorithm>

#include "dialect/openai_responses/encode_items.h"
#include "dialect/openai_responses/language.h"
#include "dialect/openai_responses/seal.h"
#include "json/writer.h"

namespace aigw::dialect::openai_responses {
namespace {

using chat::OutputFormat;
using chat::ReasoningRequest;
using chat::Tool;
using chat::ToolChoice;

// The least that the API takes for max_output_tokens.
constexpr uint64_t kOutputTokensMin = 16;

// Models that reason whatever is asked, and whose thoughts get lost unless they are asked for. The
// others refuse to be asked.
bool always_reasons(Bytes model) {
  if (model.starts_with("gpt-5")) return !model.starts_with("gpt-5-chat");
  return model.starts_with("o1") || model.starts_with("o3") || model.starts_with("o4") ||
         model.starts_with("codex");
}

// Members that mean the same in both of OpenAI's languages, and stand in no other.
bool is_shared(Bytes name) {
  return name == "prompt_cache_key" || name == "prompt_cache_retention" ||
         name == "safety_identifier";
}

class RequestEncoder {
 public:
  RequestEncoder(const chat::Conversation& from, const RequestOptions& options,
                 chat::Drops& drops, std::string& out)
      : from_(from),
        model_(options.model.empty() ? from.model : options.model),
        own_(from.language == kLanguage),
        drops_(drops),
        writer_(out) {}

  Result<void> encode() {
    AIGW_TRY(check());
    writer_.begin_object();
    writer_.member("model", model_);
    AIGW_TRY(input());
    if (from_.stream) writer_.member_boolean("stream", true);
    if (!own_) writer_.member_boolean("store", false);
    include();
    if (from_.sampling.max_tokens) {
      const uint64_t asked = *from_.sampling.max_tokens;
      writer_.member_number("max_output_tokens", own_ ? asked : std::max(asked, kOutputTokensMin));
    }
    writer_.member_raw_unless_empty("temperature", from_.sampling.temperature);
    writer_.member_raw_unless_empty("top_p", from_.sampling.top_p);
    tools();
    reasoning();
    AIGW_TRY(text());
    sampling();
    who();
    for (const chat::Extra& extra : from_.extras) {
      if (own_ || is_shared(extra.name)) {
        writer_.member_raw(extra.name, extra.raw);
      } else {
        drops_.add(extra.name);
      }
    }
    writer_.end_object();
    writer_.finish();
    return {};
  }

 private:
  Result<void> check() const;
  Result<void> input();
  void include();
  bool wants_reasoning() const;
  bool wants_summary() const;
  void tools();
  void tool(const Tool& tool);
  void format(const Tool& tool);
  void tool_choice();
  void reasoning();
  Bytes effort() const;
  Result<void> text();
  void schema(const OutputFormat& output);
  void sampling();
  void who();

  const chat::Conversation& from_;
  Bytes model_;
  bool own_;
  chat::Drops& drops_;
  json::Writer writer_;
};

Result<void> RequestEncoder::check() const {
  if (!from_.sampling.stop_sequences.empty()) return chat::cannot(kTarget, "stop sequences");
  if (from_.sampling.answers.value_or(1) != 1) {
    return chat::cannot(kTarget, "more answers than one");
  }
  return {};
}

// One system prompt is `instructions`; where it comes in parts, a message keeps them apart.
Result<void> RequestEncoder::input() {
  ItemEncoder items(writer_, drops_, own_);
  const chat::Text* only = nullptr;
  size_t texts = 0;
  for (const chat::Block& block : from_.system) {
    if (std::holds_alternative<chat::CachePoint>(block.value)) {
      drops_.add("system[].cache_control");
    } else {
      ++texts;
      only = std::get_if<chat::Text>(&block.value);
    }
  }
  const bool as_instructions = texts == 1 && only != nullptr && !only->text.empty();
  if (as_instructions) writer_.member("instructions", only->text);
  writer_.member_array("input");
  if (!as_instructions && texts != 0) items.spoken("developer", from_.system);
  for (const chat::Message& message : from_.messages) items.message(message);
  writer_.end_array();
  return items.result();
}

bool RequestEncoder::wants_reasoning() const {
  using Mode = ReasoningRequest::Mode;
  const ReasoningRequest& asked = from_.reasoning;
  if (asked.mode == Mode::enabled || asked.mode == Mode::adaptive) return true;
  if (!asked.effort.empty()) return asked.effort != "none";
  return always_reasons(model_);
}

// Providers let only known organisations have summaries, so they are asked for where the client
// wants to see thoughts, not wherever it wants them thought.
bool RequestEncoder::wants_summary() const {
  using Mode = ReasoningRequest::Mode;
  const ReasoningRequest& asked = from_.reasoning;
  if (asked.include_thoughts) return *asked.include_thoughts;
  if (own_ || asked.display == "omitted") return false;
  return asked.mode == Mode::enabled || asked.mode == Mode::adaptive;
}

void RequestEncoder::include() {
  const bool logprobs = own_ && from_.sampling.logprobs.value_or(false);
  const bool encrypted = !own_ && wants_reasoning();
  if (!logprobs && !encrypted) return;
  writer_.member_array("include");
  if (logprobs) writer_.string("message.output_text.logprobs");
  if (encrypted) writer_.string("reasoning.encrypted_content");
  writer_.end_array();
}

// A choice, and whether calls may be parallel, are refused by the provider where no tool stands.
void RequestEncoder::tools() {
  bool any = false;
  for (const Tool& one : from_.tools) {
    if (!own_ && one.kind == Tool::Kind::opaque) {
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

// In this language a function is strict unless it says otherwise, in the others it is not.
void RequestEncoder::tool(const Tool& tool) {
  if (tool.kind == Tool::Kind::opaque) return writer_.raw(tool.schema);
  const bool freeform = tool.kind == Tool::Kind::freeform;
  writer_.begin_object();
  writer_.member("type", freeform ? "custom" : "function");
  writer_.member("name", tool.name);
  if (tool.description) writer_.member("description", *tool.description);
  if (freeform) {
    format(tool);
  } else {
    writer_.member_raw("parameters", tool.schema.empty() ? Bytes("null") : tool.schema);
    if (tool.strict || !own_) writer_.member_boolean("strict", tool.strict.value_or(false));
  }
  writer_.end_object();
  if (tool.cache) drops_.add("tools[].cache_control");
}

// Any text is what a tool without a format takes.
void RequestEncoder::format(const Tool& tool) {
  if (own_) return writer_.member_raw_unless_empty("format", tool.schema);
  if (tool.grammar.definition.empty()) return;
  writer_.member_object("format");
  writer_.member("type", "grammar");
  writer_.member("syntax", tool.grammar.syntax);
  writer_.member("definition", tool.grammar.definition);
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
    case ToolChoice::Mode::opaque:
      if (own_) return writer_.member_raw("tool_choice", choice.raw);
      return drops_.add("tool_choice");
    case ToolChoice::Mode::named:
      break;
  }
  const bool freeform = std::any_of(from_.tools.begin(), from_.tools.end(), [&](const Tool& tool) {
    return tool.kind == Tool::Kind::freeform && tool.name == choice.name;
  });
  writer_.member_object("tool_choice");
  writer_.member("type", freeform ? "custom" : "function");
  writer_.member("name", choice.name);
  writer_.end_object();
}

// A budget in tokens has no member of its own: it becomes the nearest effort.
Bytes RequestEncoder::effort() const {
  const Bytes effort = chat::effort_of(from_.reasoning);
  // The languages name one level above what this one knows.
  return !own_ && effort == "max" ? Bytes("xhigh") : effort;
}

void RequestEncoder::reasoning() {
  const Bytes effort = this->effort();
  const bool summary = wants_summary();
  if (from_.reasoning.mode == ReasoningRequest::Mode::disabled && effort.empty()) {
    drops_.add("thinking of type disabled");
  }
  if (effort.empty() && !summary) return;
  writer_.member_object("reasoning");
  writer_.member_unless_empty("effort", effort);
  if (summary) writer_.member("summary", "auto");
  writer_.end_object();
}

Result<void> RequestEncoder::text() {
  const OutputFormat& output = from_.output;
  using Kind = OutputFormat::Kind;
  if (output.kind == Kind::choice) return chat::cannot(kTarget, "guided_choice");
  if (output.kind == Kind::regex) return chat::cannot(kTarget, "guided_regex");
  if (output.kind == Kind::unset && from_.verbosity.empty()) return {};
  writer_.member_object("text");
  if (output.kind != Kind::unset) {
    writer_.member_object("format");
    if (output.kind == Kind::json_schema) {
      schema(output);
    } else {
      writer_.member("type", output.kind == Kind::text ? "text" : "json_object");
    }
    writer_.end_object();
  }
  writer_.member_unless_empty("verbosity", from_.verbosity);
  writer_.end_object();
  return {};
}

void RequestEncoder::schema(const OutputFormat& output) {
  writer_.member("type", "json_schema");
  writer_.member("name", output.name.empty() ? Bytes("response") : output.name);
  writer_.member_unless_empty("description", output.description);
  writer_.member_raw("schema", output.schema.empty() ? Bytes("{}") : output.schema);
  if (output.strict) writer_.member_boolean("strict", *output.strict);
}

void RequestEncoder::sampling() {
  const chat::Sampling& sampling = from_.sampling;
  const auto drop = [&](bool asked, Bytes path) {
    if (asked) drops_.add(path);
  };
  drop(!sampling.top_k.empty(), "top_k");
  drop(!sampling.frequency_penalty.empty(), "frequency_penalty");
  drop(!sampling.presence_penalty.empty(), "presence_penalty");
  drop(!sampling.seed.empty(), "seed");
  if (own_) {
    if (sampling.top_logprobs) writer_.member_number("top_logprobs", *sampling.top_logprobs);
  } else {
    drop(sampling.logprobs.value_or(false), "logprobs");
    drop(sampling.top_logprobs.has_value(), "top_logprobs");
  }
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
  if (own_) {
    writer_.member_unless_empty("user", from_.user);
    writer_.member_raw_unless_empty("metadata", from_.metadata);
  } else {
    if (!from_.user.empty()) drops_.add("user");
    if (!from_.metadata.empty()) drops_.add("metadata");
  }
}

}  // namespace

Result<void> encode_request(const chat::Conversation& from, const RequestOptions& options,
                            chat::Drops& drops, std::string& out) {
  return RequestEncoder(from, options, drops, out).encode();
}

}  // namespace aigw::dialect::openai_responses
