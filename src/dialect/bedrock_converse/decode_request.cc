#include "dialect/bedrock_converse/decode_request.h"

#include <string>

#include "dialect/bedrock_converse/decode_message.h"
#include "dialect/bedrock_converse/language.h"
#include "dialect/bedrock_converse/members.h"
#include "dialect/bedrock_converse/raw_json.h"
#include "json/reader.h"
#include "json/writer.h"

namespace aigw::dialect::bedrock_converse {
namespace {

using json::Value;

class RequestDecoder {
 public:
  RequestDecoder(const Value& root, Arena& arena, chat::Drops& drops)
      : root_(root), arena_(arena), drops_(drops), reader_(root), messages_(reader_, arena, drops) {}

  Result<chat::Conversation> decode(Bytes model, bool stream) {
    out_.language = kLanguage;
    out_.model = model;
    out_.stream = stream;
    out_.system = messages_.system(root_["system"]);
    // Without any the prompt is one that the service keeps.
    if (!root_["messages"].exists_and_not_null()) reader_.missing(root_, "messages");
    out_.messages = messages_.messages(root_["messages"]);
    if (messages_.refused()) return *messages_.refused();
    sampling();
    tools();
    tool_choice();
    output();
    out_.service_tier = reader_.string(root_["serviceTier"]["type"]);
    report_unknown(root_["serviceTier"], {"type"}, "serviceTier.", drops_);
    model_fields();
    extras();
    AIGW_TRY(reader_.result());
    return out_;
  }

 private:
  void sampling() {
    const Value& config = root_["inferenceConfig"];
    reader_.members(config);
    chat::Sampling& sampling = out_.sampling;
    sampling.max_tokens = reader_.count(config["maxTokens"]);
    sampling.temperature = reader_.number(config["temperature"]);
    sampling.top_p = reader_.number(config["topP"]);
    // Not in AWS's model of the API, but what some of the models behind it are asked for here.
    sampling.top_k = reader_.number(config["topK"]);
    ArenaVector<Bytes> stops(arena_);
    for (const Value& stop : reader_.elements(config["stopSequences"])) stops.push_back(reader_.string(stop));
    sampling.stop_sequences = stops.items();
    report_unknown(config, {"maxTokens", "temperature", "topP", "topK", "stopSequences"}, "inferenceConfig.", drops_);
  }

  void tools() {
    const Value& config = root_["toolConfig"];
    ArenaVector<chat::Tool> tools(arena_);
    for (const Value& element : reader_.elements(config["tools"])) {
      const Value& spec = element["toolSpec"];
      const Value& point = element["cachePoint"];
      if (spec.exists_and_not_null()) {
        tools.push_back(tool(spec));
      } else if (point.exists_and_not_null() && !tools.empty()) {
        tools.back().cache = messages_.cache_point(point, "toolConfig.tools[]");
      } else if (point.exists_and_not_null()) {
        drops_.add("toolConfig.tools[].cachePoint");
      } else if (!element.members().empty()) {
        const Bytes type = element.members().front().name();
        tools.push_back({.kind = chat::Tool::Kind::opaque, .name = type, .schema = element.raw()});
      }
    }
    out_.tools = tools.items();
    report_unknown(config, {"tools", "toolChoice"}, "toolConfig.", drops_);
  }

  chat::Tool tool(const Value& spec) {
    report_unknown(spec, {"name", "description", "inputSchema", "strict"}, "toolConfig.tools[].toolSpec.", drops_);
    return {.name = reader_.required_string(spec, "name"),
            .description = reader_.optional_string(spec["description"]),
            .schema = reader_.object_text(spec["inputSchema"]["json"]),
            .strict = reader_.boolean(spec["strict"])};
  }

  void tool_choice() {
    using Mode = chat::ToolChoice::Mode;
    const Value& choice = root_["toolConfig"]["toolChoice"];
    chat::ToolChoice& to = out_.tool_choice;
    for (const Value& member : reader_.members(choice)) {
      if (!member.exists_and_not_null()) continue;
      if (member.name() == "auto") {
        to.mode = Mode::automatic;
      } else if (member.name() == "any") {
        to.mode = Mode::required;
      } else if (member.name() == "tool") {
        to = {.mode = Mode::named, .name = reader_.required_string(member, "name")};
      } else {
        to = {.mode = Mode::opaque, .raw = choice.raw()};
      }
    }
  }

  // The schema travels as a string of JSON.
  void output() {
    const Value& config = root_["outputConfig"];
    const Value& format = config["textFormat"];
    const Value& schema = format["structure"]["jsonSchema"];
    out_.reasoning.effort = reader_.string(config["effort"]);
    report_unknown(config, {"textFormat", "effort"}, "outputConfig.", drops_);
    if (!format.exists_and_not_null()) return;
    if (!schema.exists_and_not_null()) return reader_.missing(format, "structure");
    if (schema["schema"].is_string() && !is_json_object(schema["schema"].text())) {
      return reader_.fail(schema["schema"], "must be the text of a JSON object");
    }
    out_.output = {.kind = chat::OutputFormat::Kind::json_schema,
                   .name = reader_.string(schema["name"]),
                   .description = reader_.string(schema["description"]),
                   .schema = reader_.required_string(schema, "schema")};
  }

  // What models are asked for beside the API: thinking as Anthropic's take it, top_k, and the rest.
  void model_fields() {
    std::string rest;
    json::Writer writer(rest);
    writer.begin_object();
    for (const Value& member : reader_.members(root_["additionalModelRequestFields"])) {
      if (!member.exists_and_not_null()) continue;
      if (is_one_of(member.name(), {"thinking", "reasoning_config"}) && member.is_object()) {
        thinking(member);
      } else if (is_one_of(member.name(), {"reasoning_config", "reasoning_effort"}) && member.is_string()) {
        out_.reasoning.effort = member.text();
      } else if (member.name() == "top_k" && member.is_number()) {
        out_.sampling.top_k = member.raw();
      } else {
        writer.member_raw(member.name(), member.raw());
      }
    }
    writer.end_object();
    if (rest.size() > 2) rest_ = arena_.copy(rest);
  }

  void thinking(const Value& from) {
    using Mode = chat::ReasoningRequest::Mode;
    const Bytes type = reader_.required_string(from, "type");
    chat::ReasoningRequest& to = out_.reasoning;
    if (type == "enabled") {
      to.mode = Mode::enabled;
    } else if (type == "adaptive") {
      to.mode = Mode::adaptive;
    } else if (type == "disabled") {
      to.mode = Mode::disabled;
    } else if (reader_.ok()) {
      reader_.fail(from["type"], "must be enabled, adaptive or disabled");
    }
    to.budget_tokens = reader_.count(from["budget_tokens"]);
    to.display = reader_.string(from["display"]);
    report_unknown(from, {"type", "budget_tokens", "display"}, "additionalModelRequestFields.thinking.", drops_);
  }

  void extras() {
    ArenaVector<chat::Extra> extras(arena_);
    if (!rest_.empty()) extras.push_back({.name = "additionalModelRequestFields", .raw = rest_});
    for (const Value& member : root_.members()) {
      // The model is the path's, whatever a library writes here.
      if (!member.exists_and_not_null() ||
          is_one_of(member.name(), {"messages", "system", "inferenceConfig", "toolConfig", "outputConfig",
                                    "serviceTier", "additionalModelRequestFields", "modelId"})) {
        continue;
      }
      extras.push_back({.name = member.name(), .raw = member.raw()});
    }
    out_.extras = extras.items();
  }

  const Value& root_;
  Arena& arena_;
  chat::Drops& drops_;
  json::Reader reader_;
  MessageDecoder messages_;
  Bytes rest_;  // of additionalModelRequestFields
  chat::Conversation out_;
};

}  // namespace

Result<chat::Conversation> decode_request(const Value& root, Bytes model, bool stream, Arena& arena,
                                          chat::Drops& drops) {
  if (!root.is_object()) {
    return Failure{FailureKind::malformed_request, "invalid request body: a JSON object is expected"};
  }
  return RequestDecoder(root, arena, drops).decode(model, stream);
}

}  // namespace aigw::dialect::bedrock_converse
