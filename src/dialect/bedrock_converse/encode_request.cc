#include "dialect/bedrock_converse/encode_request.h"

#include "dialect/bedrock_converse/encode_message.h"
#include "dialect/bedrock_converse/language.h"
#include "json/object_schema.h"
#include "json/writer.h"

namespace aigw::dialect::bedrock_converse {
namespace {

using chat::Conversation;
using chat::OutputFormat;
using chat::ReasoningRequest;
using chat::Tool;
using chat::ToolChoice;
using Effort = RequestOptions::Effort;

constexpr Bytes kModelFields = "additionalModelRequestFields";

class RequestEncoder {
 public:
  RequestEncoder(const Conversation& from, const RequestOptions& options, Arena& arena,
                 chat::Drops& drops, std::string& out)
      : from_(from), options_(options), arena_(arena), drops_(drops), writer_(out),
        messages_(writer_, drops, own()) {}

  Result<void> encode() {
    AIGW_TRY(check());
    report_dropped();
    writer_.begin_object();
    additional_fields();
    inference_config();
    writer_.key("messages");
    AIGW_TRY(messages_.messages(from_.messages));
    output_config();
    AIGW_TRY(system());
    service_tier();
    AIGW_TRY(tool_config());
    extras();
    writer_.end_object();
    writer_.finish();
    return {};
  }

  // What a request sets besides does not count.
  Result<void> encode_count() {
    writer_.begin_object();
    writer_.member_object("input");
    writer_.member_object("converse");
    if (!from_.messages.empty()) {
      writer_.key("messages");
      AIGW_TRY(messages_.messages(from_.messages));
    }
    AIGW_TRY(system());
    AIGW_TRY(tool_config());
    for (int level = 0; level < 3; ++level) writer_.end_object();
    writer_.finish();
    for (const chat::Extra& extra : from_.extras) drops_.add(extra.name);
    return {};
  }

 private:
  bool own() const { return from_.language == kLanguage; }

  // What was clearly asked for and cannot be done.
  Result<void> check() const {
    if (from_.sampling.answers.value_or(1) > 1) return chat::cannot(kTarget, "n above 1");
    if (from_.output.kind == OutputFormat::Kind::choice) {
      return chat::cannot(kTarget, "guided_choice");
    }
    if (from_.output.kind == OutputFormat::Kind::regex) {
      return chat::cannot(kTarget, "guided_regex");
    }
    return {};
  }

  void report_dropped() {
    const chat::Sampling& sampling = from_.sampling;
    const auto drop = [&](bool asked, Bytes path) {
      if (asked) drops_.add(path);
    };
    drop(!sampling.frequency_penalty.empty(), "frequency_penalty");
    drop(!sampling.presence_penalty.empty(), "presence_penalty");
    drop(!sampling.seed.empty(), "seed");
    drop(sampling.logprobs.value_or(false), "logprobs");
    drop(sampling.top_logprobs.has_value(), "top_logprobs");
    drop(!from_.parallel_tool_calls.value_or(true), "parallel_tool_calls");
    drop(from_.output.kind == OutputFormat::Kind::json_object, "response_format");
    drop(from_.reasoning.include_thoughts.has_value(), "thinking.includeThoughts");
    drop(!from_.verbosity.empty(), "verbosity");
    drop(!from_.user.empty(), "user");
    drop(!from_.metadata.empty(), "metadata");
    if (own()) return;
    for (const chat::Extra& extra : from_.extras) drops_.add(extra.name);
  }

  void additional_fields() {
    const ReasoningRequest& reasoning = from_.reasoning;
    const bool thinking = reasoning.mode != ReasoningRequest::Mode::unset;
    const bool effort = !reasoning.effort.empty() && options_.effort == Effort::reasoning_config;
    const Bytes others = own_model_fields();
    if (!thinking && !effort && from_.sampling.top_k.empty() && others.empty()) return;
    writer_.member_object(kModelFields);
    if (thinking) write_thinking(reasoning);
    if (effort) writer_.member("reasoning_config", reasoning.effort);
    writer_.member_raw_unless_empty("top_k", from_.sampling.top_k);
    // An object's members are written as one value would be, without its brackets.
    if (!others.empty()) writer_.raw(others.substr(1, others.size() - 2));
    writer_.end_object();
  }

  // What a client of this language asked of the model and the hub has no word for: a raw object with a member.
  Bytes own_model_fields() const {
    if (!own()) return {};
    for (const chat::Extra& extra : from_.extras) {
      if (extra.name == kModelFields) return extra.raw;
    }
    return {};
  }

  void write_thinking(const ReasoningRequest& reasoning) {
    using Mode = ReasoningRequest::Mode;
    const Bytes type = reasoning.mode == Mode::enabled    ? "enabled"
                       : reasoning.mode == Mode::adaptive ? "adaptive"
                                                          : "disabled";
    writer_.member_object("thinking");
    writer_.member("type", type);
    if (reasoning.mode == Mode::enabled && reasoning.budget_tokens) {
      writer_.member_number("budget_tokens", *reasoning.budget_tokens);
    }
    writer_.member_unless_empty("display", reasoning.display);
    writer_.end_object();
  }

  void inference_config() {
    const chat::Sampling& sampling = from_.sampling;
    writer_.member_object("inferenceConfig");
    if (sampling.max_tokens) writer_.member_number("maxTokens", *sampling.max_tokens);
    stop_sequences();
    writer_.member_raw_unless_empty("temperature", sampling.temperature);
    writer_.member_raw_unless_empty("topP", sampling.top_p);
    writer_.end_object();
  }

  // An empty sequence stops nothing, and the service refuses it.
  void stop_sequences() {
    bool any = false;
    for (Bytes sequence : from_.sampling.stop_sequences) {
      if (sequence.empty()) continue;
      if (!any) writer_.member_array("stopSequences");
      any = true;
      writer_.string(sequence);
    }
    if (any) writer_.end_array();
  }

  // The schema travels as a string of JSON.
  void output_config() {
    const OutputFormat& output = from_.output;
    const bool schema = output.kind == OutputFormat::Kind::json_schema && !output.schema.empty();
    const bool effort =
        !from_.reasoning.effort.empty() && options_.effort == Effort::output_config;
    if (!schema && !effort) return;
    writer_.member_object("outputConfig");
    if (effort) writer_.member("effort", from_.reasoning.effort);
    if (schema) {
      writer_.member_object("textFormat");
      writer_.member_object("structure");
      writer_.member_object("jsonSchema");
      writer_.member_unless_empty("description", output.description);
      writer_.member_unless_empty("name", output.name);
      writer_.member("schema", output.schema);
      writer_.end_object();
      writer_.end_object();
      writer_.member("type", "json_schema");
      writer_.end_object();
    }
    writer_.end_object();
  }

  Result<void> system() {
    const chat::Blocks system = chat::all_system(from_, arena_);
    if (!messages_.writes_system(system)) return {};
    writer_.key("system");
    return messages_.system(system);
  }

  // "auto" lets the service choose, which it does when nothing is said.
  void service_tier() {
    const Bytes tier = from_.service_tier;
    if (tier.empty() || tier == "auto") return;
    writer_.member_object("serviceTier");
    writer_.member("type", tier == "standard_only" ? Bytes("default") : tier);
    writer_.end_object();
  }

  bool is_written(const Tool& tool) const {
    return tool.kind == Tool::Kind::function || (tool.kind == Tool::Kind::opaque && own());
  }

  bool any_tool() const {
    for (const Tool& tool : from_.tools) {
      if (is_written(tool)) return true;
    }
    return false;
  }

  bool messages_hold_tool_blocks() const {
    for (const chat::Message& message : from_.messages) {
      if (chat::holds<chat::ToolCall>(message.content) ||
          chat::holds<chat::ToolResult>(message.content)) {
        return true;
      }
    }
    return false;
  }

  // Converse cannot forbid its tools, so a conversation that may use none goes without them. But the
  // service refuses messages with calls and results where no tool is declared: then the tools are
  // sent, and the wish is lost.
  Result<void> tool_config() {
    for (const Tool& tool : from_.tools) {
      if (!is_written(tool)) {
        drops_.add("tools[] of type ", tool.kind == Tool::Kind::opaque ? tool.name : "custom");
      }
    }
    if (!any_tool()) return {};
    if (from_.tool_choice.mode == ToolChoice::Mode::none) {
      if (!messages_hold_tool_blocks()) return {};
      drops_.add("tool_choice");
    }
    writer_.member_object("toolConfig");
    tool_choice();
    writer_.member_array("tools");
    for (const Tool& tool : from_.tools) {
      if (is_written(tool)) AIGW_TRY(write_tool(tool));
    }
    writer_.end_array();
    writer_.end_object();
    return {};
  }

  void tool_choice() {
    const ToolChoice& choice = from_.tool_choice;
    const auto mode = [&](Bytes name) {
      writer_.member_object("toolChoice");
      writer_.member_object(name);
      if (choice.mode == ToolChoice::Mode::named) writer_.member("name", choice.name);
      writer_.end_object();
      writer_.end_object();
    };
    switch (choice.mode) {
      case ToolChoice::Mode::unset:
      case ToolChoice::Mode::none:
        break;
      case ToolChoice::Mode::automatic:
        mode("auto");
        break;
      case ToolChoice::Mode::required:
        mode("any");
        break;
      case ToolChoice::Mode::named:
        mode("tool");
        break;
      case ToolChoice::Mode::opaque:
        own() ? writer_.member_raw("toolChoice", choice.raw) : drops_.add("tool_choice");
        break;
    }
  }

  Result<void> write_tool(const Tool& tool) {
    if (tool.kind == Tool::Kind::opaque) {
      writer_.raw(tool.schema);
    } else {
      writer_.begin_object();
      writer_.member_object("toolSpec");
      writer_.member_unless_empty("description", tool.description.value_or(Bytes()));
      writer_.member_object("inputSchema");
      std::string schema;
      if (!json::append_object_schema(schema, tool.schema)) {
        return chat::cannot(kTarget, "tools[].function.parameters that are no JSON object");
      }
      writer_.member_raw("json", schema);
      writer_.end_object();
      writer_.member("name", tool.name);
      // Not every model takes the member, and false is the default.
      if (tool.strict.value_or(false)) writer_.member_boolean("strict", true);
      writer_.end_object();
      writer_.end_object();
    }
    if (tool.cache) messages_.cache_point(*tool.cache);
    return {};
  }

  void extras() {
    if (!own()) return;
    for (const chat::Extra& extra : from_.extras) {
      if (extra.name != kModelFields) writer_.member_raw(extra.name, extra.raw);
    }
  }

  const Conversation& from_;
  const RequestOptions& options_;
  Arena& arena_;
  chat::Drops& drops_;
  json::Writer writer_;
  MessageEncoder messages_;
};

}  // namespace

Result<void> encode_request(const Conversation& conversation, const RequestOptions& options,
                            Arena& arena, chat::Drops& drops, std::string& out) {
  return RequestEncoder(conversation, options, arena, drops, out).encode();
}

Result<void> encode_count_request(const Conversation& conversation, Arena& arena,
                                  chat::Drops& drops, std::string& out) {
  return RequestEncoder(conversation, {}, arena, drops, out).encode_count();
}

}  // namespace aigw::dialect::bedrock_converse
