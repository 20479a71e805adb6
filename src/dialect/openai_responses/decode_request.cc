#include "dialect/openai_responses/decode_request.h"

#include <algorithm>

#include "dialect/openai_responses/decode_items.h"
#include "dialect/openai_responses/language.h"
#include "dialect/openai_responses/namespace.h"
#include "json/reader.h"

namespace aigw::dialect::openai_responses {
namespace {

using chat::OutputFormat;
using chat::Tool;
using chat::ToolChoice;

// The members of the root that the hub has a word for. `stream_options` only says whether events
// are padded.
constexpr Bytes kKnown[] = {
    "model",       "instructions", "input",        "stream",    "stream_options",
    "tools",       "tool_choice",  "temperature",  "top_p",     "parallel_tool_calls",
    "reasoning",   "top_logprobs", "service_tier", "text",      "max_output_tokens",
    "user",        "metadata",     "include"};

constexpr Bytes kIncludeLogprobs = "message.output_text.logprobs";
constexpr Bytes kIncludeEncrypted = "reasoning.encrypted_content";

class RequestDecoder {
 public:
  RequestDecoder(const json::Value& root, Arena& arena, chat::Drops& drops)
      : root_(root),
        arena_(arena),
        drops_(drops),
        reader_(root),
        items_(reader_, arena, drops, "input[]."),
        extras_(arena) {}

  Result<chat::Conversation> decode() {
    to_.language = kLanguage;
    to_.model = reader_.string(root_["model"]);
    to_.stream = reader_.boolean(root_["stream"]).value_or(false);
    input();
    tools();
    tool_choice();
    to_.parallel_tool_calls = reader_.boolean(root_["parallel_tool_calls"]);
    sampling();
    reasoning();
    text();
    to_.service_tier = reader_.string(root_["service_tier"]);
    to_.user = reader_.string(root_["user"]);
    to_.metadata = reader_.object_text(root_["metadata"]);
    for (const json::Value& member : root_.members()) {
      const bool known = std::find(std::begin(kKnown), std::end(kKnown), member.name()) !=
                         std::end(kKnown);
      if (!known && member.exists_and_not_null()) {
        extras_.push_back({member.name(), member.raw()});
      }
    }
    to_.extras = extras_.items();
    AIGW_TRY(reader_.result());
    return to_;
  }

 private:
  void input();
  void tools();
  // `space` is the namespace that it stands in; empty for none.
  void tool(const json::Value& tool, Bytes space, ArenaVector<Tool>& to);
  chat::TextGrammar grammar(const json::Value& format);
  void tool_choice();
  void sampling();
  void reasoning();
  void text();

  const json::Value& root_;
  Arena& arena_;
  chat::Drops& drops_;
  json::Reader reader_;
  ItemDecoder items_;
  ArenaVector<chat::Extra> extras_;
  chat::Conversation to_;
};

void RequestDecoder::input() {
  items_.instructions(reader_.string(root_["instructions"]));
  const json::Value& input = root_["input"];
  if (input.is_string()) {
    items_.input_text(input.text());
  } else {
    for (const json::Value& item : reader_.elements(input)) {
      items_.input_item(item);
      if (!reader_.ok()) break;
    }
  }
  items_.finish();
  to_.system = items_.system();
  to_.messages = items_.messages();
}

void RequestDecoder::tools() {
  ArenaVector<Tool> tools(arena_);
  for (const json::Value& element : reader_.elements(root_["tools"])) tool(element, {}, tools);
  to_.tools = tools.items();
}

void RequestDecoder::tool(const json::Value& tool, Bytes space, ArenaVector<Tool>& to) {
  if (!tool.is_object()) return reader_.fail(tool, "must be an object");
  const Bytes type = reader_.required_string(tool, "type");
  const bool freeform = type == "custom";
  if (type == "namespace" && space.empty()) {
    const Bytes name = reader_.required_string(tool, "name");
    for (const json::Value& inner : reader_.elements(tool["tools"])) this->tool(inner, name, to);
    items_.drop_others(tool, {"type", "name", "tools"}, "tools[].");
    return;
  }
  if (!freeform && type != "function") {
    to.push_back({.kind = Tool::Kind::opaque, .name = type, .schema = tool.raw()});
    return;
  }
  const Bytes member = freeform ? Bytes("format") : Bytes("parameters");
  Tool made{.kind = freeform ? Tool::Kind::freeform : Tool::Kind::function,
            .name = flat_name(space, reader_.required_string(tool, "name"), arena_),
            .description = reader_.optional_string(tool["description"]),
            .schema = reader_.object_text(tool[member])};
  if (!freeform) made.strict = reader_.boolean(tool["strict"]);
  if (freeform) made.grammar = grammar(tool["format"]);
  items_.drop_others(tool, {"type", "name", "description", member, "strict"}, "tools[].");
  to.push_back(made);
}

chat::TextGrammar RequestDecoder::grammar(const json::Value& format) {
  const Bytes type = reader_.string(format["type"]);
  if (type.empty() || type == "text") return {};
  if (type != "grammar") {
    reader_.fail(format["type"], "must be text or grammar");
    return {};
  }
  return {.syntax = reader_.required_string(format, "syntax"),
          .definition = reader_.required_string(format, "definition")};
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
    if (word == "required") to = {.mode = ToolChoice::Mode::required};
  } else if (choice.is_object()) {
    const Bytes type = reader_.string(choice["type"]);
    if (type == "function" || type == "custom") {
      to = {.mode = ToolChoice::Mode::named, .name = reader_.required_string(choice, "name")};
    }
  } else {
    reader_.fail(choice, "must be a string or an object");
  }
}

void RequestDecoder::sampling() {
  chat::Sampling& to = to_.sampling;
  to.max_tokens = reader_.count(root_["max_output_tokens"]);
  to.temperature = reader_.number(root_["temperature"]);
  to.top_p = reader_.number(root_["top_p"]);
  to.top_logprobs = reader_.count(root_["top_logprobs"]);
  for (const json::Value& included : reader_.elements(root_["include"])) {
    const Bytes word = reader_.string(included);
    if (word == kIncludeLogprobs) {
      to.logprobs = true;
    } else if (word != kIncludeEncrypted) {  // which is always given
      drops_.add("include of ", word);
    }
  }
  items_.drop_others(root_["stream_options"], {"include_obfuscation"}, "stream_options.");
}

void RequestDecoder::reasoning() {
  const json::Value& reasoning = root_["reasoning"];
  reader_.members(reasoning);
  chat::ReasoningRequest& to = to_.reasoning;
  to.effort = reader_.string(reasoning["effort"]);
  Bytes summary = reader_.string(reasoning["summary"]);
  if (summary.empty()) summary = reader_.string(reasoning["generate_summary"]);
  if (!summary.empty()) to.include_thoughts = true;
  if (!summary.empty() && summary != "auto") drops_.add("reasoning.summary of ", summary);
  items_.drop_others(reasoning, {"effort", "summary", "generate_summary"}, "reasoning.");
}

void RequestDecoder::text() {
  const json::Value& text = root_["text"];
  reader_.members(text);
  to_.verbosity = reader_.string(text["verbosity"]);
  items_.drop_others(text, {"verbosity", "format"}, "text.");
  const json::Value& format = text["format"];
  if (reader_.members(format).empty()) return;
  OutputFormat& to = to_.output;
  const Bytes type = reader_.required_string(format, "type");
  if (type == "text") {
    to.kind = OutputFormat::Kind::text;
  } else if (type == "json_object") {
    to.kind = OutputFormat::Kind::json_object;
  } else if (type == "json_schema") {
    to = {.kind = OutputFormat::Kind::json_schema,
          .name = reader_.required_string(format, "name"),
          .description = reader_.string(format["description"]),
          .schema = reader_.object_text(format["schema"]),
          .strict = reader_.boolean(format["strict"])};
  } else if (reader_.ok()) {
    reader_.fail(format["type"], "must be text, json_object or json_schema");
  }
}

}  // namespace

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

}  // namespace aigw::dialect::openai_responses
