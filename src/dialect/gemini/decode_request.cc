#include "dialect/gemini/decode_request.h"

#include <string>

#include "dialect/gemini/decode_content.h"
#include "dialect/gemini/language.h"
#include "dialect/gemini/members.h"
#include "dialect/gemini/schema.h"
#include "json/reader.h"
#include "json/text.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {
namespace {

using json::Value;

class RequestDecoder {
 public:
  RequestDecoder(const Value& root, Arena& arena, chat::Drops& drops)
      : root_(root),
        arena_(arena),
        drops_(drops),
        reader_(root),
        contents_(reader_, arena, drops),
        config_(member(root, "generationConfig")) {}

  Result<chat::Conversation> decode(Bytes model, bool stream) {
    out_.language = kLanguage;
    out_.model = model;
    out_.stream = stream;
    out_.system = contents_.system(member(root_, "systemInstruction"));
    if (!root_["contents"].exists_and_not_null()) reader_.missing(root_, "contents");
    out_.messages = contents_.contents(root_["contents"]);
    tools();
    tool_choice();
    reader_.members(config_);
    sampling();
    thinking();
    output();
    extras();
    AIGW_TRY(reader_.result());
    return out_;
  }

 private:
  void tools() {
    ArenaVector<chat::Tool> tools(arena_);
    for (const Value& tool : list(reader_, root_["tools"])) {
      const Value& functions = member(tool, "functionDeclarations");
      for (const Value& function : list(reader_, functions)) {
        tools.push_back(declaration(function));
        if (!reader_.ok()) return;
      }
      for (const Value& other : tool.members()) {
        if (&other == &functions || !other.exists_and_not_null()) continue;
        std::string raw;
        json::Writer writer(raw);
        writer.begin_object();
        writer.member_raw(other.name(), other.raw());
        writer.end_object();
        tools.push_back({.kind = chat::Tool::Kind::opaque,
                         .name = arena_.copy(camel_case(other.name())),
                         .schema = arena_.copy(raw)});
      }
    }
    out_.tools = tools.items();
  }

  chat::Tool declaration(const Value& from) {
    const Value& schema = member(from, "parameters");
    Bytes parameters = reader_.object_text(member(from, "parametersJsonSchema"));
    if (parameters.empty() && schema.is_object()) parameters = json_schema(schema);
    report_unknown(from, {"name", "description", "parameters", "parametersJsonSchema"},
                   "tools[].functionDeclarations[].", drops_);
    return {.name = reader_.required_string(from, "name"),
            .description = reader_.optional_string(from["description"]),
            .schema = parameters};
  }

  Bytes json_schema(const Value& schema) {
    std::string converted;
    append_json_schema(schema, converted);
    return arena_.copy(converted);
  }

  void tool_choice() {
    const Value& config = member(root_, "toolConfig");
    const Value& calling = member(config, "functionCallingConfig");
    report_unknown(config, {"functionCallingConfig"}, "toolConfig.", drops_);
    if (!calling.exists_and_not_null()) return;
    using Mode = chat::ToolChoice::Mode;
    const Bytes mode = reader_.string(calling["mode"]);
    const std::span<const Value> names = reader_.elements(member(calling, "allowedFunctionNames"));
    report_unknown(calling, {"mode", "allowedFunctionNames"}, "toolConfig.functionCallingConfig.",
                   drops_);
    if (mode == "AUTO" || mode == "VALIDATED") {
      out_.tool_choice.mode = Mode::automatic;
    } else if (mode == "NONE") {
      out_.tool_choice.mode = Mode::none;
    } else if (mode == "ANY" && names.size() == 1) {
      out_.tool_choice = {.mode = Mode::named, .name = reader_.string(names[0])};
      return;
    } else if (mode == "ANY") {
      out_.tool_choice.mode = Mode::required;
    } else if (!is_one_of(mode, {"", "MODE_UNSPECIFIED"})) {
      reader_.fail(calling["mode"], "must be AUTO, ANY, NONE or VALIDATED");
    }
    if (!names.empty()) drops_.add("toolConfig.functionCallingConfig.allowedFunctionNames");
  }

  // Libraries write whole numbers as 40.0, which others do not take for a count.
  Bytes number(Bytes name) {
    const Bytes text = reader_.number(member(config_, name));
    if (text.find('.') == Bytes::npos) return text;
    const std::optional<uint64_t> whole = json::to_uint64(text);
    return whole && *whole > 1 ? arena_.copy(std::to_string(*whole)) : text;
  }
  std::optional<uint64_t> count(Bytes name) { return reader_.count(member(config_, name)); }

  void sampling() {
    chat::Sampling& sampling = out_.sampling;
    sampling.max_tokens = count("maxOutputTokens");
    sampling.temperature = reader_.number(config_["temperature"]);
    sampling.top_p = reader_.number(member(config_, "topP"));
    sampling.top_k = number("topK");
    sampling.frequency_penalty = reader_.number(member(config_, "frequencyPenalty"));
    sampling.presence_penalty = reader_.number(member(config_, "presencePenalty"));
    sampling.seed = number("seed");
    sampling.answers = count("candidateCount");
    sampling.logprobs = reader_.boolean(member(config_, "responseLogprobs"));
    sampling.top_logprobs = count("logprobs");
    ArenaVector<Bytes> stops(arena_);
    for (const Value& stop : reader_.elements(member(config_, "stopSequences"))) {
      stops.push_back(reader_.string(stop));
    }
    sampling.stop_sequences = stops.items();
  }

  // A budget of 0 is no thinking, one of -1 as much as the model likes.
  void thinking() {
    const Value& thinking = member(config_, "thinkingConfig");
    if (!thinking.exists_and_not_null()) return;
    reader_.members(thinking);
    using Mode = chat::ReasoningRequest::Mode;
    chat::ReasoningRequest& reasoning = out_.reasoning;
    reasoning.include_thoughts = reader_.boolean(member(thinking, "includeThoughts"));
    const Bytes budget = reader_.number(member(thinking, "thinkingBudget"));
    if (budget == "0") {
      reasoning.mode = Mode::disabled;
    } else if (budget == "-1") {
      reasoning.mode = Mode::adaptive;
    } else if (!budget.empty()) {
      reasoning.mode = Mode::enabled;
      reasoning.budget_tokens = reader_.count(member(thinking, "thinkingBudget"));
    }
    const Bytes level = reader_.string(member(thinking, "thinkingLevel"));
    if (!level.empty() && level != "THINKING_LEVEL_UNSPECIFIED") {
      std::string effort(level);
      for (char& c : effort) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      }
      reasoning.effort = arena_.copy(effort);
    }
    report_unknown(thinking, {"includeThoughts", "thinkingBudget", "thinkingLevel"},
                   "generationConfig.thinkingConfig.", drops_);
  }

  void output() {
    using Kind = chat::OutputFormat::Kind;
    const Bytes type = reader_.string(member(config_, "responseMimeType"));
    const Value& schema = member(config_, "responseSchema");
    Bytes whole = reader_.object_text(member(config_, "responseJsonSchema"));
    if (whole.empty() && schema.is_object()) {
      if (type == "text/x.enum" && schema["enum"].is_array()) {
        out_.output = {.kind = Kind::choice, .schema = schema["enum"].raw()};
        return;
      }
      whole = json_schema(schema);
    }
    if (!whole.empty()) {
      out_.output = {.kind = Kind::json_schema, .schema = whole};
    } else if (type == "application/json") {
      out_.output.kind = Kind::json_object;
    } else if (type == "text/plain") {
      out_.output.kind = Kind::text;
    } else if (!type.empty()) {
      drops_.add("generationConfig.responseMimeType");
    }
  }

  void extras() {
    ArenaVector<chat::Extra> extras(arena_);
    rest_of_config(extras);
    for (const Value& member : root_.members()) {
      const std::string name = camel_case(member.name());
      // Clients of the Gemini API name the model here too.
      if (!member.exists_and_not_null() ||
          is_one_of(name, {"contents", "systemInstruction", "tools", "toolConfig",
                           "generationConfig", "model"})) {
        continue;
      }
      extras.push_back({.name = arena_.copy(name), .raw = member.raw()});
    }
    out_.extras = extras.items();
  }

  void rest_of_config(ArenaVector<chat::Extra>& extras) {
    std::string rest;
    json::Writer writer(rest);
    writer.begin_object();
    for (const Value& member : config_.members()) {
      const std::string name = camel_case(member.name());
      if (!member.exists_and_not_null() ||
          is_one_of(name, {"maxOutputTokens", "temperature", "topP", "topK", "frequencyPenalty",
                           "presencePenalty", "seed", "candidateCount", "responseLogprobs",
                           "logprobs", "stopSequences", "thinkingConfig", "responseMimeType",
                           "responseSchema", "responseJsonSchema"})) {
        continue;
      }
      writer.member_raw(name, member.raw());
    }
    writer.end_object();
    if (rest.size() > 2) {
      extras.push_back({.name = "generationConfig", .raw = arena_.copy(rest)});
    }
  }

  const Value& root_;
  Arena& arena_;
  chat::Drops& drops_;
  json::Reader reader_;
  ContentDecoder contents_;
  const Value& config_;
  chat::Conversation out_;
};

}  // namespace

Result<chat::Conversation> decode_request(const Value& root, Bytes model, bool stream,
                                          Arena& arena, chat::Drops& drops) {
  if (!root.is_object()) {
    return Failure{FailureKind::malformed_request,
                   "invalid request body: a JSON object is expected"};
  }
  return RequestDecoder(root, arena, drops).decode(model, stream);
}

}  // namespace aigw::dialect::gemini
