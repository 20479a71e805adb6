#include "dialect/gemini/encode_request.h"

#include "dialect/gemini/encode_config.h"
#include "dialect/gemini/encode_content.h"
#include "dialect/gemini/language.h"
#include "dialect/gemini/members.h"
#include "dialect/gemini/raw_json.h"
#include "dialect/gemini/schema.h"
#include "json/cursor.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {
namespace {

using chat::Conversation;
using chat::Tool;
using chat::ToolChoice;

class RequestEncoder {
 public:
  RequestEncoder(const Conversation& from, const Target& target, Arena& arena, chat::Drops& drops,
                 std::string& out)
      : from_(from),
        family_(target.model.empty() ? from.model : target.model),
        arena_(arena),
        drops_(drops),
        writer_(out),
        own_(from.language == kLanguage),
        contents_(writer_, family_, drops, own_),
        config_(from, target, family_, writer_, arena, drops) {}

  Result<void> encode() {
    report_dropped();
    writer_.begin_object();
    writer_.key("contents");
    AIGW_TRY(contents_.contents(from_.messages));
    writer_.key("tools");
    AIGW_TRY(tools());
    tool_choice();
    writer_.key("generationConfig");
    AIGW_TRY(config_.encode());
    AIGW_TRY(system());
    extras();
    writer_.end_object();
    writer_.finish();
    return {};
  }

  Result<void> encode_count() {
    writer_.begin_object();
    writer_.key("contents");
    AIGW_TRY(contents_.contents(from_.messages));
    const bool any_system = contents_.writes_system(chat::all_system(from_, arena_));
    if (!contents_.wrote_any() && !any_system) return nothing_to_count();
    AIGW_TRY(system());
    if (any_tool()) {
      writer_.key("tools");
      AIGW_TRY(tools());
    }
    AIGW_TRY(config_.encode_counted());
    writer_.end_object();
    writer_.finish();
    for (const chat::Extra& extra : from_.extras) {
      if (extra.name != "generationConfig") drops_.add(extra.name);
    }
    return {};
  }

 private:
  void report_dropped() {
    const auto drop = [&](bool there, Bytes path) {
      if (there) drops_.add(path);
    };
    drop(from_.parallel_tool_calls == false, "parallel_tool_calls");
    drop(!from_.service_tier.empty(), "service_tier");
    drop(!from_.verbosity.empty(), "verbosity");
    drop(!from_.user.empty(), "user");
    drop(!from_.metadata.empty(), "metadata");
  }

  Result<void> system() {
    const chat::Blocks all = chat::all_system(from_, arena_);
    if (!contents_.writes_system(all)) return {};
    writer_.key("systemInstruction");
    return contents_.system(all);
  }

  static Failure nothing_to_count() {
    return {FailureKind::unprocessable, "there is nothing to count"};
  }

  // Whether tools() writes or refuses anything.
  bool any_tool() const {
    for (const Tool& tool : from_.tools) {
      if (tool.kind == Tool::Kind::function) return true;
      if (tool.kind != Tool::Kind::opaque) continue;
      if (own_ || is_one_of(tool.name, {"google_search", "enterprise_search", "image_generation"})) {
        return true;
      }
    }
    return false;
  }

  // Searches first, then one tool with all functions.
  Result<void> tools() {
    bool any = false;
    const auto begin = [&] {
      if (!any) writer_.begin_array();
      any = true;
    };
    bool functions = false;
    for (const Tool& tool : from_.tools) {
      if (tool.kind == Tool::Kind::function) {
        functions = true;
      } else if (tool.kind == Tool::Kind::opaque && own_) {
        begin();
        writer_.raw(tool.schema);
      } else if (tool.name == "google_search" || tool.name == "enterprise_search") {
        begin();
        search(tool);
      } else if (tool.name == "image_generation") {
        return chat::cannot(kTarget, "tools[] of type image_generation");
      } else {
        drops_.add("tools[] of type ",
                   tool.kind == Tool::Kind::freeform ? Bytes("custom") : tool.name);
      }
    }
    if (functions) {
      begin();
      AIGW_TRY(declarations());
    }
    any ? writer_.end_array() : writer_.null();
    return {};
  }

  // Tools of chat completions, as the peer has them (its facts, 3.4).
  void search(const Tool& tool) {
    writer_.begin_object();
    if (tool.name == "enterprise_search") {
      writer_.member_object("enterpriseWebSearch");
    } else {
      writer_.member_object("googleSearch");
      json::Parser parser;
      const Result<json::Value> root = parser.parse(tool.schema, arena_);
      if (root) search_settings((*root)["google_search"]);
    }
    writer_.end_object();
    writer_.end_object();
  }

  void search_settings(const json::Value& from) {
    const auto copy = [&](Bytes name, const json::Value& value) {
      if (value.exists_and_not_null()) writer_.member_raw(name, value.raw());
    };
    copy("blockingConfidence", from["blocking_confidence"]);
    copy("excludeDomains", from["exclude_domains"]);
    const json::Value& range = from["time_range_filter"];
    if (!range.is_object()) return;
    writer_.member_object("timeRangeFilter");
    copy("endTime", range["end_time"]);
    copy("startTime", range["start_time"]);
    writer_.end_object();
  }

  Result<void> declarations() {
    writer_.begin_object();
    writer_.member_array("functionDeclarations");
    for (const Tool& tool : from_.tools) {
      if (tool.kind == Tool::Kind::function) AIGW_TRY(declaration(tool));
    }
    writer_.end_array();
    writer_.end_object();
    return {};
  }

  Result<void> declaration(const Tool& tool) {
    if (tool.strict.value_or(false)) drops_.add("tools[].function.strict");
    if (tool.cache) drops_.add("tools[].cache_control");
    writer_.begin_object();
    if (own_ && tool.description) {
      writer_.member("description", *tool.description);
    } else {
      writer_.member_unless_empty("description", tool.description.value_or(Bytes()));
    }
    writer_.member("name", tool.name);
    if (!tool.schema.empty()) {
      if (object_text(tool.schema) == ObjectText::none) {
        return chat::cannot(kTarget, "tools[].function.parameters that are no JSON object");
      }
      if (own_ || family_.takes_json_schema) {
        writer_.member_raw("parametersJsonSchema", tool.schema);
      } else {
        std::string schema;
        AIGW_TRY(append_gemini_schema(tool.schema, arena_, drops_, schema));
        writer_.member_raw("parameters", schema);
      }
    }
    writer_.end_object();
    return {};
  }

  void tool_choice() {
    const ToolChoice& choice = from_.tool_choice;
    using Mode = ToolChoice::Mode;
    if (choice.mode == Mode::unset) return;
    if (choice.mode == Mode::opaque) return drops_.add("tool_choice");
    writer_.member_object("toolConfig");
    writer_.member_object("functionCallingConfig");
    if (choice.mode == Mode::named) {
      writer_.member_array("allowedFunctionNames");
      writer_.string(choice.name);
      writer_.end_array();
    }
    writer_.member("mode", choice.mode == Mode::automatic ? "AUTO"
                           : choice.mode == Mode::none    ? "NONE"
                                                          : "ANY");
    writer_.end_object();
    writer_.end_object();
  }

  // Of chat completions those that the peer sends on.
  void extras() {
    for (const chat::Extra& extra : from_.extras) {
      if (extra.name == "generationConfig") continue;  // see ConfigEncoder
      if (own_ || extra.name == "safetySettings") {
        writer_.member_raw(extra.name, extra.raw);
      } else {
        drops_.add(extra.name);
      }
    }
  }

  const Conversation& from_;
  const ModelFamily family_;
  Arena& arena_;
  chat::Drops& drops_;
  json::Writer writer_;
  const bool own_;
  ContentEncoder contents_;
  ConfigEncoder config_;
};

}  // namespace

Result<void> encode_request(const Conversation& conversation, const Target& target, Arena& arena,
                            chat::Drops& drops, std::string& out) {
  return RequestEncoder(conversation, target, arena, drops, out).encode();
}

Result<void> encode_count_request(const Conversation& conversation, const Target& target,
                                  Arena& arena, chat::Drops& drops, std::string& out) {
  return RequestEncoder(conversation, target, arena, drops, out).encode_count();
}

Result<void> encode_embedded_content(std::span<const chat::Message> messages, Bytes model,
                                     chat::Drops& drops, json::Writer& writer) {
  const ModelFamily family(model);
  return ContentEncoder(writer, family, drops, false).user_parts(messages);
}

}  // namespace aigw::dialect::gemini
