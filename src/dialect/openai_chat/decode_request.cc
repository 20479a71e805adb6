#include "dialect/openai_chat/decode_request.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dialect/openai_chat/decode_message.h"
#include "dialect/openai_chat/language.h"
#include "json/reader.h"

namespace aigw::dialect::openai_chat {
namespace {

using chat::OutputFormat;
using chat::ReasoningRequest;
using chat::ToolChoice;

// The members of the root that the hub has a word for.
constexpr Bytes kKnown[] = {
    "model",         "messages",          "stream",           "stream_options",
    "max_tokens",    "temperature",       "top_p",            "max_completion_tokens",
    "top_k",         "frequency_penalty", "presence_penalty", "seed",
    "stop",          "n",                 "logprobs",         "top_logprobs",
    "tools",         "tool_choice",       "thinking",         "parallel_tool_calls",
    "guided_choice", "guided_regex",      "guided_json",      "reasoning_effort",
    "service_tier",  "verbosity",         "response_format",  "user",
    "metadata"};

class RequestDecoder {
 public:
  RequestDecoder(const json::Value& root, Arena& arena, chat::Drops& drops)
      : root_(root),
        arena_(arena),
        reader_(root),
        messages_(reader_, arena, drops),
        extras_(arena) {}

  Result<chat::Conversation> decode() {
    to_.language = kLanguage;
    to_.model = reader_.string(root_["model"]);
    stream();
    for (const json::Value& message : reader_.elements(root_["messages"])) {
      messages_.request_message(message);
      if (!reader_.ok()) break;
    }
    messages_.finish();
    to_.system = messages_.system();
    to_.messages = messages_.messages();
    tools();
    tool_choice();
    to_.parallel_tool_calls = reader_.boolean(root_["parallel_tool_calls"]);
    sampling();
    thinking();
    output();
    to_.service_tier = reader_.string(root_["service_tier"]);
    to_.verbosity = reader_.string(root_["verbosity"]);
    to_.user = reader_.string(root_["user"]);
    to_.metadata = reader_.object_text(root_["metadata"]);
    for (const json::Value& member : root_.members()) {
      const bool known = std::find(std::begin(kKnown), std::end(kKnown), member.name()) !=
                         std::end(kKnown);
      if (!known && member.exists_and_not_null()) keep(member);
    }
    to_.extras = extras_.items();
    AIGW_TRY(reader_.result());
    return to_;
  }

 private:
  void keep(const json::Value& member) { extras_.push_back({member.name(), member.raw()}); }
  void stream();
  void tools();
  void tool(const json::Value& tool, ArenaVector<chat::Tool>& to);
  chat::TextGrammar grammar(const json::Value& format);
  void tool_choice();
  void sampling();
  void thinking();
  void output();
  bool response_format(const json::Value& format);

  const json::Value& root_;
  Arena& arena_;
  json::Reader reader_;
  MessageDecoder messages_;
  ArenaVector<chat::Extra> extras_;
  chat::Conversation to_;
};

void RequestDecoder::stream() {
  to_.stream = reader_.boolean(root_["stream"]).value_or(false);
  const json::Value& options = root_["stream_options"];
  reader_.members(options);
  to_.include_usage = reader_.boolean(options["include_usage"]);
  messages_.drop_others(options, {"include_usage"}, "stream_options.");
}

void RequestDecoder::tools() {
  ArenaVector<chat::Tool> tools(arena_);
  for (const json::Value& element : reader_.elements(root_["tools"])) tool(element, tools);
  to_.tools = tools.items();
}

void RequestDecoder::tool(const json::Value& tool, ArenaVector<chat::Tool>& to) {
  if (!tool.is_object()) return reader_.fail(tool, "must be an object");
  const Bytes type = reader_.string(tool["type"]);
  if (!type.empty() && type != "function" && type != "custom") {
    to.push_back({.kind = chat::Tool::Kind::opaque, .name = type, .schema = tool.raw()});
    return;
  }
  const bool freeform = type == "custom";
  const Bytes member = freeform ? "custom" : "function";
  const json::Value& definition = tool[member];
  if (!definition.exists_and_not_null()) return reader_.missing(tool, member);
  reader_.members(definition);
  chat::Tool made{.kind = freeform ? chat::Tool::Kind::freeform : chat::Tool::Kind::function,
                  .name = reader_.required_string(definition, "name"),
                  .description = reader_.optional_string(definition["description"])};
  const json::Value& schema = definition[freeform ? "format" : "parameters"];
  if (schema.exists_and_not_null()) made.schema = schema.raw();
  if (!freeform) made.strict = reader_.boolean(definition["strict"]);
  if (freeform) made.grammar = grammar(schema);
  made.cache = messages_.cache_point(tool, "tools[].cache_control");
  if (!made.cache) made.cache = messages_.cache_point(definition, "tools[].cache_control");
  messages_.drop_others(tool, {"type", member, "cache_control"}, "tools[].");
  messages_.drop_others(
      definition, {"name", "description", freeform ? "format" : "parameters", "strict",
                   "cache_control"},
      "tools[].function.");
  to.push_back(made);
}

chat::TextGrammar RequestDecoder::grammar(const json::Value& format) {
  reader_.members(format);
  const Bytes type = reader_.string(format["type"]);
  if (type.empty() || type == "text") return {};
  if (type != "grammar") {
    reader_.fail(format["type"], "must be text or grammar");
    return {};
  }
  const json::Value& grammar = format["grammar"];
  if (!grammar.is_object()) {
    reader_.missing(format, "grammar");
    return {};
  }
  return {.syntax = reader_.required_string(grammar, "syntax"),
          .definition = reader_.required_string(grammar, "definition")};
}

void RequestDecoder::tool_choice() {
  const json::Value& choice = root_["tool_choice"];
  if (!choice.exists_and_not_null()) return;
  ToolChoice& to = to_.tool_choice;
  to = {.mode = ToolChoice::Mode::opaque, .raw = choice.raw()};
  if (choice.is_string()) {
    const Bytes word = choice.text();
    if (word == "auto") to = {.mode = ToolChoice::Mode::automatic};
    if (word == "none") to = {.mode = ToolChoice::Mode::none};
    if (word == "required" || word == "any") to = {.mode = ToolChoice::Mode::required};
  } else if (choice.is_object()) {
    const Bytes type = reader_.string(choice["type"]);
    if (type == "function" || type == "custom") {
      to = {.mode = ToolChoice::Mode::named,
            .name = reader_.required_string(choice[type], "name")};
    }
  } else {
    reader_.fail(choice, "must be a string or an object");
  }
}

void RequestDecoder::sampling() {
  chat::Sampling& to = to_.sampling;
  to.max_tokens = reader_.count(root_["max_completion_tokens"]);
  const std::optional<uint64_t> old_name = reader_.count(root_["max_tokens"]);
  if (!to.max_tokens) to.max_tokens = old_name;
  to.temperature = reader_.number(root_["temperature"]);
  to.top_p = reader_.number(root_["top_p"]);
  to.top_k = reader_.number(root_["top_k"]);
  to.frequency_penalty = reader_.number(root_["frequency_penalty"]);
  to.presence_penalty = reader_.number(root_["presence_penalty"]);
  to.seed = reader_.number(root_["seed"]);
  to.answers = reader_.count(root_["n"]);
  to.logprobs = reader_.boolean(root_["logprobs"]);
  to.top_logprobs = reader_.count(root_["top_logprobs"]);
  const json::Value& stop = root_["stop"];
  ArenaVector<Bytes> sequences(arena_);
  if (stop.is_string()) {
    sequences.push_back(stop.text());
  } else if (stop.is_array()) {
    for (const json::Value& sequence : stop.elements()) {
      if (!sequence.is_string()) reader_.fail(sequence, "must be a string");
      sequences.push_back(sequence.text());
    }
  } else if (stop.exists_and_not_null()) {
    reader_.fail(stop, "must be a string or an array of strings");
  }
  to.stop_sequences = sequences.items();
}

void RequestDecoder::thinking() {
  ReasoningRequest& to = to_.reasoning;
  to.effort = reader_.string(root_["reasoning_effort"]);
  const json::Value& thinking = root_["thinking"];
  reader_.members(thinking);
  if (!thinking.is_object()) return;
  const Bytes type = reader_.required_string(thinking, "type");
  if (type == "enabled") {
    to.mode = ReasoningRequest::Mode::enabled;
  } else if (type == "adaptive") {
    to.mode = ReasoningRequest::Mode::adaptive;
  } else if (type == "disabled") {
    to.mode = ReasoningRequest::Mode::disabled;
  } else if (reader_.ok()) {
    reader_.fail(thinking["type"], "must be enabled, adaptive or disabled");
  }
  to.budget_tokens = reader_.count(thinking["budget_tokens"]);
  to.include_thoughts = reader_.boolean(thinking["includeThoughts"]);
  to.display = reader_.string(thinking["display"]);
  messages_.drop_others(thinking, {"type", "budget_tokens", "includeThoughts", "display"},
                        "thinking.");
}

// One format is the hub's; further ones stay with the extras, so that a target which has the choice
// can refuse.
void RequestDecoder::output() {
  const json::Value& format = root_["response_format"];
  reader_.members(format);
  bool taken = format.is_object() && response_format(format);
  for (const Bytes name : {Bytes("guided_choice"), Bytes("guided_regex"), Bytes("guided_json")}) {
    const json::Value& guided = root_[name];
    if (!guided.exists_and_not_null()) continue;
    if (taken) {
      keep(guided);
      continue;
    }
    taken = true;
    if (name == "guided_choice") {
      reader_.elements(guided);
      to_.output = {.kind = OutputFormat::Kind::choice, .schema = guided.raw()};
    } else if (name == "guided_regex") {
      to_.output = {.kind = OutputFormat::Kind::regex, .name = reader_.string(guided)};
    } else {
      to_.output = {.kind = OutputFormat::Kind::json_schema, .schema = guided.raw()};
    }
  }
}

bool RequestDecoder::response_format(const json::Value& format) {
  const Bytes type = reader_.required_string(format, "type");
  OutputFormat& to = to_.output;
  if (type == "text") {
    to.kind = OutputFormat::Kind::text;
  } else if (type == "json_object") {
    to.kind = OutputFormat::Kind::json_object;
  } else if (type == "json_schema") {
    const json::Value& schema = format["json_schema"];
    if (!schema.is_object()) reader_.missing(format, "json_schema");
    to.kind = OutputFormat::Kind::json_schema;
    to.name = reader_.required_string(schema, "name");
    to.description = reader_.string(schema["description"]);
    to.schema = reader_.object_text(schema["schema"]);
    to.strict = reader_.boolean(schema["strict"]);
  } else {
    keep(format);
    return false;
  }
  return true;
}

}  // namespace

Result<chat::Conversation> decode_request(Slices body, json::Parser& parser, Arena& arena,
                                          chat::Drops& drops) {
  Result<json::Value> root = parser.parse(body, arena);
  if (!root) {
    return Failure{root.error().kind,
                   "malformed request: failed to parse JSON for /v1/chat/completions: " +
                       root.error().message,
                   root.error().limit};
  }
  return decode_request(*root, arena, drops);
}

Result<chat::Conversation> decode_request(const json::Value& root, Arena& arena,
                                          chat::Drops& drops) {
  if (!root.is_object()) {
    return Failure{FailureKind::malformed_request,
                   "invalid request body: a JSON object is expected"};
  }
  Result<chat::Conversation> decoded = RequestDecoder(root, arena, drops).decode();
  if (!decoded) {
    return Failure{decoded.error().kind, "invalid request body: " + decoded.error().message, decoded.error().limit};
  }
  return decoded;
}

}  // namespace aigw::dialect::openai_chat
