#include <algorithm>

#include "mock/openai.h"
#include "mock/tokens.h"

namespace aigw::mock::openai {
namespace {

constexpr size_t choices_max = 128;

using Refusal = std::optional<Reply>;

// "'<param>' <rule>"
Refusal refuse(std::string_view param, std::string_view rule) {
  std::string message;
  message.append("'").append(param).append("' ").append(rule);
  return error_reply(400, message, {}, param);
}

std::string element(std::string_view list, size_t index, std::string_view member = {}) {
  return std::string(list).append("[").append(std::to_string(index)).append("]").append(member);
}

// A member that is absent or null is left alone; another type than expected is refused.
Refusal read_bool(const Json& object, const char* key, bool& to) {
  auto found = object.find(key);
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_boolean()) return refuse(key, "must be a boolean.");
  to = found->get<bool>();
  return {};
}

Refusal read_count(const Json& object, const char* key, std::optional<size_t>& to) {
  auto found = object.find(key);
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_number_integer() || found->get<int64_t>() < 1) {
    return refuse(key, "must be an integer of at least 1.");
  }
  to = found->get<size_t>();
  return {};
}

// The text of a message's content: a string, or the text parts of a list. False when it is neither,
// nor null.
bool content_text(const Json& message, std::string& text) {
  auto content = message.find("content");
  if (content == message.end() || content->is_null()) return true;
  if (content->is_string()) {
    text = content->get<std::string>();
    return true;
  }
  if (!content->is_array()) return false;
  for (const Json& part : *content) {
    if (!part.is_object() || string_member(part, "type").empty()) return false;
    if (string_member(part, "type") != "text") continue;
    if (!text.empty()) text += ' ';
    text += string_member(part, "text");
  }
  return true;
}

size_t tool_call_tokens(const Json& message) {
  size_t tokens = 0;
  auto calls = message.find("tool_calls");
  if (calls == message.end() || !calls->is_array()) return 0;
  for (const Json& call : *calls) {
    if (!call.is_object() || !call.contains("function") || !call["function"].is_object()) continue;
    tokens += count_tokens(string_member(call["function"], "name"));
    tokens += count_tokens(string_member(call["function"], "arguments"));
  }
  return tokens;
}

Refusal read_messages(const Json& body, ChatRequest& chat) {
  auto messages = body.find("messages");
  if (messages == body.end()) return refuse("messages", "is required.");
  if (!messages->is_array() || messages->empty()) {
    return refuse("messages", "must be a list of at least one message.");
  }
  static constexpr std::string_view roles[] = {"system",    "developer", "user",
                                               "assistant", "tool",      "function"};
  size_t index = 0;
  for (const Json& message : *messages) {
    const auto param = [i = index++](std::string_view member) {
      return element("messages", i, member);
    };
    if (!message.is_object()) return refuse(param(""), "must be an object.");
    const std::string role = string_member(message, "role");
    if (std::find(std::begin(roles), std::end(roles), role) == std::end(roles)) {
      return refuse(param(".role"), "must be one of system, developer, user, assistant and tool.");
    }
    std::string text;
    if (!content_text(message, text)) {
      return refuse(param(".content"), "must be a string or a list of typed parts.");
    }
    chat.prompt_tokens += count_tokens(text) + tool_call_tokens(message);
    chat.last_is_user = role == "user";
    if (role == "tool" || role == "function") {
      chat.tool_results.push_back(text);
    } else {
      chat.tool_results.clear();
    }
    if (role == "user") chat.prompt = std::move(text);
  }
  return {};
}

Refusal read_tools(const Json& body, ChatRequest& chat) {
  auto tools = body.find("tools");
  if (tools == body.end() || tools->is_null()) return {};
  if (!tools->is_array()) return refuse("tools", "must be a list.");
  size_t index = 0;
  for (const Json& tool : *tools) {
    const auto param = [i = index++](std::string_view member) {
      return element("tools", i, member);
    };
    if (!tool.is_object() || string_member(tool, "type").empty()) {
      return refuse(param(".type"), "is required.");
    }
    if (string_member(tool, "type") != "function") continue;
    auto function = tool.find("function");
    if (function == tool.end() || !function->is_object() ||
        string_member(*function, "name").empty()) {
      return refuse(param(".function.name"), "is required.");
    }
    chat.tools.push_back({string_member(*function, "name"), function->value("parameters", Json())});
  }
  return {};
}

Refusal read_tool_choice(const Json& body, ChatRequest& chat) {
  auto choice = body.find("tool_choice");
  if (choice == body.end() || choice->is_null()) return {};
  if (choice->is_string()) {
    const std::string name = choice->get<std::string>();
    if (name != "none" && name != "auto" && name != "required") {
      return refuse("tool_choice", "must be none, auto, required or a named function.");
    }
    if (name == "none") chat.tool_choice = ToolChoice::none;
    if (name == "required" && chat.tools.empty()) {
      return refuse("tool_choice", "is only allowed when 'tools' are specified.");
    }
    return {};
  }
  const Json function = choice->is_object() ? choice->value("function", Json()) : Json();
  if (!function.is_object()) return refuse("tool_choice", "must name a function.");
  chat.tool_choice = ToolChoice::named;
  chat.named_tool = string_member(function, "name");
  if (!has_tool(chat, chat.named_tool))
    return refuse("tool_choice", "names a function that is not in 'tools'.");
  return {};
}

Refusal read_stops(const Json& body, ChatRequest& chat) {
  auto stop = body.find("stop");
  if (stop == body.end() || stop->is_null()) return {};
  const Json list = stop->is_string() ? Json::array({*stop}) : *stop;
  if (!list.is_array()) return refuse("stop", "must be a string or a list of strings.");
  for (const Json& one : list) {
    if (!one.is_string()) return refuse("stop", "must be a string or a list of strings.");
    if (!one.get_ref<const std::string&>().empty()) chat.stops.push_back(one.get<std::string>());
  }
  return {};
}

Refusal read_response_format(const Json& body, ChatRequest& chat) {
  auto format = body.find("response_format");
  if (format == body.end() || format->is_null()) return {};
  const std::string type = format->is_object() ? string_member(*format, "type") : std::string();
  if (type == "text") return {};
  if (type == "json_object") {
    chat.response_schema =
        Json::parse(R"({"type":"object","properties":{"answer":{"type":"string"}}})");
    return {};
  }
  if (type == "json_schema" && format->contains("json_schema") &&
      (*format)["json_schema"].is_object() && (*format)["json_schema"].contains("schema")) {
    chat.response_schema = (*format)["json_schema"]["schema"];
    return {};
  }
  return refuse("response_format", "must be text, json_object, or json_schema with a schema.");
}

Refusal read_options(const Json& body, ChatRequest& chat) {
  if (Refusal refusal = read_bool(body, "stream", chat.stream)) return refusal;
  if (Refusal refusal = read_bool(body, "parallel_tool_calls", chat.parallel_tool_calls))
    return refusal;
  if (auto options = body.find("stream_options"); options != body.end() && !options->is_null()) {
    if (!options->is_object()) return refuse("stream_options", "must be an object.");
    if (!chat.stream) {
      return refuse("stream_options", "is only allowed when 'stream' is true.");
    }
    if (Refusal refusal = read_bool(*options, "include_usage", chat.include_usage)) return refusal;
  }
  std::optional<size_t> choices;
  if (Refusal refusal = read_count(body, "n", choices)) return refusal;
  chat.choices = choices.value_or(1);
  if (chat.choices > choices_max) return refuse("n", "must be at most 128.");
  if (Refusal refusal = read_count(body, "max_tokens", chat.tokens_max)) return refusal;
  if (Refusal refusal = read_count(body, "max_completion_tokens", chat.tokens_max)) return refusal;
  return read_stops(body, chat);
}

}  // namespace

std::variant<ChatRequest, Reply> read_request(std::string_view text) {
  const Json body = Json::parse(text, nullptr, false);
  if (body.is_discarded()) return error_reply(400, "The request body is not valid JSON.");
  if (!body.is_object()) return error_reply(400, "The request body must be a JSON object.");
  ChatRequest chat;
  chat.model = string_member(body, "model");
  if (chat.model.empty())
    return error_reply(400, "You must provide a model parameter.", {}, "model");
  for (auto* read :
       {read_messages, read_options, read_tools, read_tool_choice, read_response_format}) {
    if (Refusal refusal = read(body, chat)) return *std::move(refusal);
  }
  return chat;
}

}  // namespace aigw::mock::openai
