#include "dialect/anthropic/decode_request.h"

#include <string>

#include "dialect/anthropic/decode_block.h"
#include "dialect/anthropic/language.h"
#include "dialect/anthropic/members.h"
#include "json/reader.h"
#include "json/writer.h"

namespace aigw::dialect::anthropic {
namespace {

using json::Value;

class RequestDecoder {
 public:
  RequestDecoder(const Value& root, Arena& arena, chat::Drops& drops)
      : root_(root), arena_(arena), drops_(drops), reader_(root), blocks_(reader_, arena, drops) {}

  Result<chat::Conversation> decode() {
    out_.language = kLanguage;
    out_.model = reader_.required_string(root_, "model");
    out_.stream = reader_.boolean(root_["stream"]).value_or(false);
    out_.system = blocks_.content(root_["system"], "system[].");
    messages();
    tools();
    tool_choice();
    sampling();
    thinking();
    output_config();
    metadata();
    out_.service_tier = reader_.string(root_["service_tier"]);
    extras();
    AIGW_TRY(reader_.result());
    return out_;
  }

 private:
  void messages() {
    ArenaVector<chat::Message> messages(arena_);
    for (const Value& message : reader_.required_elements(root_, "messages")) {
      const Bytes role = reader_.required_string(message, "role");
      chat::Message decoded;
      if (role == "assistant") {
        decoded.role = chat::Role::assistant;
      } else if (role == "system") {
        decoded.role = chat::Role::system;
      } else if (role != "user") {
        reader_.fail(message["role"], "must be user, assistant or system");
      }
      if (!message["content"].exists_and_not_null()) reader_.missing(message, "content");
      if (!reader_.ok()) return;
      decoded.content = blocks_.content(message["content"], "messages[].content[].");
      report_unknown(message, {"role", "content"}, "messages[].", drops_);
      messages.push_back(decoded);
    }
    out_.messages = messages.items();
  }

  void tools() {
    ArenaVector<chat::Tool> tools(arena_);
    for (const Value& tool : reader_.elements(root_["tools"])) {
      const Bytes type = reader_.string(tool["type"]);
      if (!type.empty() && type != "custom") {
        tools.push_back(
            {.kind = chat::Tool::Kind::opaque, .name = type, .schema = tool.raw()});
        continue;
      }
      report_unknown(tool,
                     {"type", "name", "description", "input_schema", "strict", "cache_control"},
                     "tools[].", drops_);
      tools.push_back({.name = reader_.required_string(tool, "name"),
                       .description = reader_.optional_string(tool["description"]),
                       .schema = reader_.object_text(tool["input_schema"]),
                       .strict = reader_.boolean(tool["strict"]),
                       .cache = blocks_.cache_point(tool["cache_control"], "tools[].")});
      if (!reader_.ok()) return;
    }
    out_.tools = tools.items();
  }

  void tool_choice() {
    const Value& choice = root_["tool_choice"];
    if (!choice.exists_and_not_null()) return;
    using Mode = chat::ToolChoice::Mode;
    const Bytes type = reader_.required_string(choice, "type");
    if (type == "auto") {
      out_.tool_choice.mode = Mode::automatic;
    } else if (type == "any") {
      out_.tool_choice.mode = Mode::required;
    } else if (type == "none") {
      out_.tool_choice.mode = Mode::none;
    } else if (type == "tool") {
      out_.tool_choice = {.mode = Mode::named, .name = reader_.required_string(choice, "name")};
    } else {
      out_.tool_choice = {.mode = Mode::opaque, .raw = choice.raw()};
      return;
    }
    if (const auto disable = reader_.boolean(choice["disable_parallel_tool_use"])) {
      out_.parallel_tool_calls = !*disable;
    }
    report_unknown(choice, {"type", "name", "disable_parallel_tool_use"}, "tool_choice.", drops_);
  }

  void sampling() {
    chat::Sampling& sampling = out_.sampling;
    sampling.max_tokens = reader_.count(root_["max_tokens"]);
    sampling.temperature = reader_.number(root_["temperature"]);
    sampling.top_p = reader_.number(root_["top_p"]);
    sampling.top_k = reader_.number(root_["top_k"]);
    ArenaVector<Bytes> stops(arena_);
    for (const Value& stop : reader_.elements(root_["stop_sequences"])) {
      stops.push_back(reader_.string(stop));
    }
    sampling.stop_sequences = stops.items();
  }

  void thinking() {
    const Value& thinking = root_["thinking"];
    if (!thinking.exists_and_not_null()) return;
    using Mode = chat::ReasoningRequest::Mode;
    const Bytes type = reader_.required_string(thinking, "type");
    if (type == "enabled") {
      out_.reasoning.mode = Mode::enabled;
    } else if (type == "adaptive") {
      out_.reasoning.mode = Mode::adaptive;
    } else if (type == "disabled") {
      out_.reasoning.mode = Mode::disabled;
    } else {
      return;  // goes with the extras
    }
    out_.reasoning.budget_tokens = reader_.count(thinking["budget_tokens"]);
    out_.reasoning.display = reader_.string(thinking["display"]);
    report_unknown(thinking, {"type", "budget_tokens", "display"}, "thinking.", drops_);
  }

  void output_config() {
    const Value& config = root_["output_config"];
    report_unknown(config, {"effort", "format"}, "output_config.", drops_);
    if (config.exists_and_not_null()) reader_.members(config);
    out_.reasoning.effort = reader_.string(config["effort"]);
    const Value& format = config["format"];
    if (!format.exists_and_not_null()) return;
    if (reader_.required_string(format, "type") != "json_schema") {
      drops_.add("output_config.format");
      return;
    }
    report_unknown(format, {"type", "schema"}, "output_config.format.", drops_);
    out_.output.kind = chat::OutputFormat::Kind::json_schema;
    out_.output.schema = reader_.object_text(format["schema"]);
    if (out_.output.schema.empty()) reader_.missing(format, "schema");
  }

  // user_id is the hub's `user`; the rest stays an object.
  void metadata() {
    const Value& metadata = root_["metadata"];
    std::string rest;
    json::Writer writer(rest);
    writer.begin_object();
    for (const Value& member : reader_.members(metadata)) {
      if (member.name() == "user_id") {
        out_.user = reader_.string(member);
      } else {
        writer.member_raw(member.name(), member.raw());
      }
    }
    writer.end_object();
    if (rest.size() > 2) out_.metadata = arena_.copy(rest);
  }

  void extras() {
    ArenaVector<chat::Extra> extras(arena_);
    for (const Value& member : root_.members()) {
      if (is_one_of(member.name(),
                    {"model", "stream", "system", "messages", "tools", "tool_choice", "max_tokens",
                     "temperature", "top_p", "top_k", "stop_sequences", "output_config",
                     "metadata", "service_tier"})) {
        continue;
      }
      const bool known_thinking = out_.reasoning.mode != chat::ReasoningRequest::Mode::unset;
      if (member.name() == "thinking" && (known_thinking || !member.exists_and_not_null())) {
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
  BlockDecoder blocks_;
  chat::Conversation out_;
};

}  // namespace

Result<chat::Conversation> decode_request(const Value& root, Arena& arena, chat::Drops& drops) {
  if (!root.is_object()) {
    return Failure{FailureKind::malformed_request,
                   "invalid request body: a JSON object is expected"};
  }
  return RequestDecoder(root, arena, drops).decode();
}

}  // namespace aigw::dialect::anthropic
