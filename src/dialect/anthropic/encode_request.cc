#include "dialect/anthropic/encode_request.h"

#include <charconv>
#include <optional>

#include "dialect/anthropic/capabilities.h"
#include "dialect/anthropic/encode_block.h"
#include "dialect/anthropic/members.h"
#include "dialect/anthropic/raw_json.h"
#include "json/object_schema.h"
#include "json/writer.h"

namespace aigw::dialect::anthropic {
namespace {

using chat::cannot;
using chat::Role;

constexpr Bytes kTarget = "Anthropic";

// A JSON number between 0 and 1.
bool within_one(Bytes number) {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  return error == std::errc() && value >= 0 && value <= 1;
}

class RequestEncoder {
 public:
  RequestEncoder(const chat::Conversation& from, const Target& target, Arena& arena,
                 chat::Drops& drops, std::string& out)
      : from_(from),
        target_(target),
        arena_(arena),
        drops_(drops),
        out_(out),
        writer_(out),
        own_(from.language == kLanguage),
        blocks_(writer_, arena, drops, own_) {}

  Result<void> encode() {
    writer_.begin_object();
    writer_.member_number("max_tokens", from_.sampling.max_tokens.value_or(default_max_tokens()));
    AIGW_TRY(messages());
    if (target_.envelope == Envelope::none) writer_.member("model", model());
    AIGW_TRY(sampling());
    metadata();
    AIGW_TRY(output_config());
    service_tier();
    stop_sequences();
    AIGW_TRY(system());
    thinking();
    AIGW_TRY(tool_choice());
    AIGW_TRY(tools());
    const bool path_says_stream = target_.envelope == Envelope::aws;
    if (from_.stream && !path_says_stream) writer_.member_boolean("stream", true);
    if (target_.envelope != Envelope::none) {
      writer_.member("anthropic_version", target_.envelope_version);
    }
    extras();
    writer_.end_object();
    writer_.finish();
    return {};
  }

  Result<void> encode_count() {
    writer_.begin_object();
    AIGW_TRY(messages());
    if (target_.envelope == Envelope::gcp) writer_.member("model", model());
    AIGW_TRY(counted_system());
    AIGW_TRY(counted_tools());
    writer_.member("anthropic_version", target_.envelope_version);
    if (target_.envelope == Envelope::aws) writer_.member_number("max_tokens", 1);
    writer_.end_object();
    writer_.finish();
    for (const chat::Extra& extra : from_.extras) drops_.add(extra.name);
    return {};
  }

 private:
  Bytes model() const { return target_.model.empty() ? from_.model : target_.model; }

  // The bound counts the thoughts in, and the API refuses one that they could use up.
  uint64_t default_max_tokens() const {
    const bool thinks = from_.reasoning.mode == chat::ReasoningRequest::Mode::enabled;
    const uint64_t budget = thinks ? from_.reasoning.budget_tokens.value_or(0) : 0;
    return target_.default_max_tokens == 0 ? 0 : target_.default_max_tokens + budget;
  }

  // Turns that have nothing to say are refused by the API, so another language's stay out; and it
  // takes several turns of one role in a row.
  Result<void> messages() {
    writer_.member_array("messages");
    for (const chat::Message& message : from_.messages) {
      if (!own_ && message.role == Role::system) continue;
      if (!message.name.empty()) drops_.add("messages[].name");
      if (!own_ && !blocks_.writes(message.content)) {
        drops_.add("messages[] without content");
        continue;
      }
      writer_.begin_object();
      writer_.key("content");
      AIGW_TRY(blocks_.array(message.content, "messages[].content[]"));
      writer_.member("role", message.role == Role::user        ? "user"
                             : message.role == Role::assistant ? "assistant"
                                                               : "system");
      writer_.end_object();
    }
    writer_.end_array();
    return {};
  }

  Result<void> system() {
    const chat::Blocks all = own_ ? from_.system : chat::all_system(from_, arena_);
    if (!blocks_.writes(all)) return {};
    for (const chat::Block& block : all) {
      if (!own_ && !std::holds_alternative<chat::Text>(block.value) &&
          !std::holds_alternative<chat::CachePoint>(block.value)) {
        return cannot(kTarget, "a system message of anything but text");
      }
    }
    writer_.key("system");
    return blocks_.array(all, "system[]");
  }

  Result<void> sampling() {
    const chat::Sampling& sampling = from_.sampling;
    if (sampling.answers.value_or(1) > 1) return cannot(kTarget, "n greater than 1");
    if (target_.version == Version::v2023_06_01) {
      if (!own_ && !sampling.temperature.empty() && !within_one(sampling.temperature)) {
        return cannot(kTarget, "a temperature outside of 0 to 1");
      }
      writer_.member_raw_unless_empty("temperature", sampling.temperature);
      writer_.member_raw_unless_empty("top_k", sampling.top_k);
      writer_.member_raw_unless_empty("top_p", sampling.top_p);
    } else {
      drop("temperature", !sampling.temperature.empty());
      drop("top_k", !sampling.top_k.empty());
      drop("top_p", !sampling.top_p.empty());
    }
    drop("frequency_penalty", !sampling.frequency_penalty.empty());
    drop("presence_penalty", !sampling.presence_penalty.empty());
    drop("seed", !sampling.seed.empty());
    drop("logprobs", sampling.logprobs.value_or(false));
    drop("top_logprobs", sampling.top_logprobs.has_value());
    drop("verbosity", !from_.verbosity.empty());
    return {};
  }

  void drop(Bytes path, bool there) {
    if (there) drops_.add(path);
  }

  void metadata() {
    drop("metadata", !own_ && !from_.metadata.empty());
    const Bytes rest = own_ ? from_.metadata : Bytes();
    if (from_.user.empty() && rest.empty()) return;
    if (from_.user.empty()) return writer_.member_raw("metadata", rest);
    writer_.member_object("metadata");
    writer_.member("user_id", from_.user);
    writer_.end_object();
    if (rest.empty()) return;
    // An object with members: its brace becomes the comma between.
    out_.back() = ',';
    out_ += rest.substr(1);
  }

  Result<void> output_config() {
    const Bytes effort = from_.reasoning.effort;
    bool with_effort = !effort.empty();
    if (with_effort && !own_) {
      with_effort = takes_effort(model());
      drop("reasoning_effort", !with_effort);
      if (with_effort && !is_one_of(effort, {"low", "medium", "high", "xhigh", "max"})) {
        std::string what = "reasoning_effort ";
        what += effort;
        return cannot(kTarget, what);
      }
    }
    using Kind = chat::OutputFormat::Kind;
    const chat::OutputFormat& format = from_.output;
    const bool with_format =
        format.kind == Kind::json_schema && (own_ || takes_output_format(model()));
    drop("response_format",
         !with_format && format.kind != Kind::unset && format.kind != Kind::text);
    if (with_format && !own_ && !object_has(format.schema, ObjectMember::any)) {
      return cannot(kTarget, "response_format.json_schema.schema that is no JSON object");
    }
    if (!with_effort && !with_format) return {};
    writer_.member_object("output_config");
    if (with_effort) writer_.member("effort", effort);
    if (with_format) {
      writer_.member_object("format");
      writer_.member_raw("schema", format.schema);
      writer_.member("type", "json_schema");
      writer_.end_object();
    }
    writer_.end_object();
    return {};
  }

  // Another language's tier is told where the API has the same: whether to use what was paid for
  // in advance.
  void service_tier() {
    const Bytes tier = from_.service_tier;
    if (own_ || tier == "auto") {
      writer_.member_unless_empty("service_tier", tier);
    } else if (tier == "default") {
      writer_.member("service_tier", "standard_only");
    } else {
      drop("service_tier", !tier.empty());
    }
  }

  void stop_sequences() {
    if (from_.sampling.stop_sequences.empty()) return;
    writer_.member_array("stop_sequences");
    for (Bytes stop : from_.sampling.stop_sequences) writer_.string(stop);
    writer_.end_array();
  }

  void thinking() {
    const chat::ReasoningRequest& reasoning = from_.reasoning;
    using Mode = chat::ReasoningRequest::Mode;
    if (wants_to_see_thoughts()) {
      writer_.member_object("thinking");
      writer_.member("display", "summarized");
      writer_.member("type", "adaptive");
      return writer_.end_object();
    }
    drop("thinking.includeThoughts", reasoning.include_thoughts.has_value());
    if (reasoning.mode == Mode::unset) return;
    writer_.member_object("thinking");
    if (reasoning.budget_tokens && (own_ || reasoning.mode == Mode::enabled)) {
      writer_.member_number("budget_tokens", *reasoning.budget_tokens);
    }
    if (own_ || reasoning.mode != Mode::disabled) {
      writer_.member_unless_empty("display", reasoning.display);
    }
    writer_.member("type", reasoning.mode == Mode::enabled    ? "enabled"
                           : reasoning.mode == Mode::adaptive ? "adaptive"
                                                              : "disabled");
    writer_.end_object();
  }

  // In other languages a model thinks by itself, and a client says only whether it wants to see that.
  bool wants_to_see_thoughts() const {
    const chat::ReasoningRequest& asked = from_.reasoning;
    return !own_ && asked.mode == chat::ReasoningRequest::Mode::unset &&
           asked.include_thoughts.value_or(false) && asked.effort != "none" &&
           takes_adaptive_thinking(model());
  }

  Result<void> tool_choice() {
    using Mode = chat::ToolChoice::Mode;
    const chat::ToolChoice& choice = from_.tool_choice;
    Mode mode = choice.mode;
    if (!own_ && from_.tools.empty()) {
      drop("tool_choice", mode != Mode::unset);
      drop("parallel_tool_calls", from_.parallel_tool_calls.has_value());
      return {};
    }
    if (mode == Mode::opaque) {
      if (!own_) return cannot(kTarget, "tool_choice of another kind");
      writer_.member_raw("tool_choice", choice.raw);
      return {};
    }
    // Calling one tool at a time is said in the choice only.
    if (mode == Mode::unset && from_.parallel_tool_calls == false) mode = Mode::automatic;
    if (mode == Mode::unset) return {};
    writer_.member_object("tool_choice");
    if (mode == Mode::named) writer_.member("name", choice.name);
    if (from_.parallel_tool_calls) {
      if (own_ || mode != Mode::none) {
        writer_.member_boolean("disable_parallel_tool_use", !*from_.parallel_tool_calls);
      }
    } else if (!own_ && mode != Mode::none) {
      writer_.member_boolean("disable_parallel_tool_use", false);
    }
    writer_.member("type", mode == Mode::automatic  ? "auto"
                           : mode == Mode::required ? "any"
                           : mode == Mode::none     ? "none"
                                                    : "tool");
    writer_.end_object();
    return {};
  }

  Result<void> tools() {
    if (from_.tools.empty()) return {};
    writer_.member_array("tools");
    for (const chat::Tool& tool : from_.tools) {
      if (tool.kind == chat::Tool::Kind::opaque && own_) {
        writer_.raw(tool.schema);
        continue;
      }
      if (tool.kind != chat::Tool::Kind::function) return cannot_take_tool(tool);
      writer_.begin_object();
      AIGW_TRY(input_schema(tool.schema));
      writer_.member("name", tool.name);
      if (tool.description || !own_) {
        writer_.member("description", tool.description.value_or(Bytes()));
      }
      if (tool.strict && (own_ || *tool.strict)) writer_.member_boolean("strict", *tool.strict);
      if (tool.cache) {
        writer_.key("cache_control");
        blocks_.cache_control(*tool.cache);
      }
      writer_.end_object();
    }
    writer_.end_array();
    return {};
  }

  // One text is a string, several are blocks.
  Result<void> counted_system() {
    const chat::Blocks all = chat::all_system(from_, arena_);
    ArenaVector<const chat::Text*> texts(arena_);
    for (const chat::Block& block : all) {
      if (std::holds_alternative<chat::CachePoint>(block.value)) continue;  // counts nothing
      const auto* text = std::get_if<chat::Text>(&block.value);
      if (text == nullptr) return cannot(kTarget, "a system message of anything but text");
      if (!text->text.empty()) texts.push_back(text);
    }
    if (texts.empty()) return {};
    writer_.key("system");
    if (texts.size() == 1) {
      writer_.string(texts.back()->text, texts.back()->escaped);
      return {};
    }
    writer_.begin_array();
    for (const chat::Text* text : texts.items()) {
      writer_.begin_object();
      writer_.key("text");
      writer_.string(text->text, text->escaped);
      writer_.member("type", "text");
      writer_.end_object();
    }
    writer_.end_array();
    return {};
  }

  Result<void> counted_tools() {
    if (from_.tools.empty()) return {};
    writer_.member_array("tools");
    for (const chat::Tool& tool : from_.tools) {
      if (tool.kind != chat::Tool::Kind::function) return cannot_take_tool(tool);
      writer_.begin_object();
      AIGW_TRY(input_schema(tool.schema));
      writer_.member("name", tool.name);
      writer_.end_object();
      drop("tools[].function.description", !tool.description.value_or(Bytes()).empty());
    }
    writer_.end_array();
    return {};
  }

  static Failure cannot_take_tool(const chat::Tool& tool) {
    std::string what = "tools[] of type ";
    what += tool.kind == chat::Tool::Kind::freeform ? Bytes("custom") : tool.name;
    return cannot(kTarget, what);
  }

  // The API demands a schema of type object, also of a tool without arguments.
  Result<void> input_schema(Bytes schema) {
    if (own_) {
      writer_.member_raw_unless_empty("input_schema", schema);
      return {};
    }
    std::string typed;
    if (!json::append_object_schema(typed, schema)) {
      return cannot(kTarget, "tools[].function.parameters that are no JSON object");
    }
    writer_.key("input_schema");
    writer_.raw(typed);
    return {};
  }

  void extras() {
    for (const chat::Extra& extra : from_.extras) {
      if (own_) {
        writer_.member_raw(extra.name, extra.raw);
      } else {
        drops_.add(extra.name);
      }
    }
  }

  const chat::Conversation& from_;
  const Target& target_;
  Arena& arena_;
  chat::Drops& drops_;
  std::string& out_;
  json::Writer writer_;
  bool own_;
  BlockEncoder blocks_;
};

}  // namespace

Result<void> encode_request(const chat::Conversation& conversation, const Target& target,
                            Arena& arena, chat::Drops& drops, std::string& out) {
  return RequestEncoder(conversation, target, arena, drops, out).encode();
}

Result<void> encode_count_request(const chat::Conversation& conversation, const Target& target,
                                  Arena& arena, chat::Drops& drops, std::string& out) {
  return RequestEncoder(conversation, target, arena, drops, out).encode_count();
}

}  // namespace aigw::dialect::anthropic
