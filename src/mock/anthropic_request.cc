#include <algorithm>

#include "mock/anthropic.h"
#include "mock/chat_answer.h"
#include "mock/tokens.h"

namespace aigw::mock::anthropic {
namespace {

// The first version without sampling parameters. Versions are dates, so text order is their order.
constexpr std::string_view without_sampling = "2026-10-21";

// Reads a body into `chat`. Keeps the first thing that is wrong, as "<place>: <rule>".
class Reader {
 public:
  std::string read(const Json& body, std::string_view version) {
    chat_.model = string_member(body, "model");
    if (chat_.model.empty()) wrong("model", "Field required");
    chat_.stream = flag(body, "stream");
    read_limits(body, version);
    read_tools(body);
    read_system(body);
    read_messages(body);
    read_output(body);
    return wrong_;
  }

  ChatRequest take() { return std::move(chat_); }

 private:
  void wrong(const std::string& place, std::string_view rule) {
    if (wrong_.empty()) wrong_ = place + ": " + std::string(rule);
  }

  bool flag(const Json& object, const char* key) {
    auto found = object.find(key);
    if (found == object.end()) return false;
    if (!found->is_boolean()) wrong(key, "Input should be a valid boolean");
    return found->is_boolean() && found->get<bool>();
  }

  void read_limits(const Json& body, std::string_view version) {
    auto most = body.find("max_tokens");
    if (most == body.end()) return wrong("max_tokens", "Field required");
    if (!most->is_number_integer() || most->get<int64_t>() < 1) {
      return wrong("max_tokens", "Input should be greater than or equal to 1");
    }
    chat_.tokens_max = most->get<size_t>();
    for (const char* key : {"temperature", "top_p", "top_k"}) {
      if (!body.contains(key)) continue;
      if (version >= without_sampling) wrong(key, "Extra inputs are not permitted");
      if (!body[key].is_number()) wrong(key, "Input should be a valid number");
    }
    for (const Json& stop : body.value("stop_sequences", Json::array())) {
      if (!stop.is_string()) return wrong("stop_sequences", "Input should be a valid string");
      if (!stop.get_ref<const std::string&>().empty())
        chat_.stops.push_back(stop.get<std::string>());
    }
    const Json thinking = body.value("thinking", Json::object());
    const std::string type = string_member(thinking, "type");
    chat_.thinks = type == "enabled" || type == "adaptive";
    if (type == "enabled" && thinking.value("budget_tokens", Json()).is_number_integer() &&
        thinking["budget_tokens"].get<int64_t>() >= most->get<int64_t>()) {
      wrong("max_tokens", "must be greater than thinking.budget_tokens");
    }
  }

  void read_tools(const Json& body) {
    const Json tools = body.value("tools", Json::array());
    if (!tools.is_array()) return wrong("tools", "Input should be a valid list");
    for (const Json& tool : tools) {
      const std::string place = "tools." + std::to_string(chat_.tools.size());
      if (!tool.is_object() || string_member(tool, "name").empty()) {
        return wrong(place + ".name", "Field required");
      }
      const bool custom = !tool.contains("type") || string_member(tool, "type") == "custom";
      const Json schema = tool.value("input_schema", Json());
      if (custom && (!schema.is_object() || string_member(schema, "type") != "object")) {
        wrong(place + ".input_schema.type", "Field required");
      }
      chat_.tools.push_back({string_member(tool, "name"), schema});
    }
    auto choice = body.find("tool_choice");
    if (choice == body.end()) return;
    const std::string type = string_member(*choice, "type");
    if (type == "none") chat_.tool_choice = ToolChoice::none;
    if (type == "tool") {
      chat_.tool_choice = ToolChoice::named;
      chat_.named_tool = string_member(*choice, "name");
      if (!has_tool(chat_, chat_.named_tool)) {
        wrong("tool_choice.name", "Tool '" + chat_.named_tool + "' not found in provided tools");
      }
    } else if (type != "none" && type != "auto" && type != "any") {
      wrong("tool_choice.type", "Input should be 'auto', 'any', 'tool' or 'none'");
    }
    chat_.parallel_tool_calls = !flag(*choice, "disable_parallel_tool_use");
  }

  void count(std::string_view text) { chat_.prompt_tokens += count_tokens(text); }
  void note_cache_marker(const Json& block) {
    if (block.contains("cache_control")) chat_.cached_tokens = chat_.prompt_tokens;
  }

  // A string, or the text blocks of a list, joined by a space.
  std::string text_of(const Json& content, const std::string& place) {
    if (content.is_string()) {
      count(content.get_ref<const std::string&>());
      return content.get<std::string>();
    }
    if (!content.is_array()) wrong(place, "Input should be a valid list");
    std::string text;
    size_t index = 0;
    for (const Json& block : content.is_array() ? content : Json::array()) {
      const std::string here = place + "." + std::to_string(index++);
      if (string_member(block, "type") == "text") {
        const std::string one = string_member(block, "text");
        if (one.empty()) wrong(here, "text content blocks must be non-empty");
        count(one);
        text.append(text.empty() ? "" : " ").append(one);
      }
      note_cache_marker(block);
    }
    return text;
  }

  void read_system(const Json& body) {
    if (body.contains("system")) text_of(body["system"], "system");
  }

  void read_messages(const Json& body) {
    const Json messages = body.value("messages", Json());
    if (!messages.is_array()) return wrong("messages", "Field required");
    if (messages.empty()) return wrong("messages", "at least one message is required");
    size_t index = 0;
    for (const Json& message : messages) {
      const std::string place = "messages." + std::to_string(index++);
      const std::string role = string_member(message, "role");
      if (role != "user" && role != "assistant" && role != "system") {
        return wrong(place + ".role", "Input should be 'user', 'assistant' or 'system'");
      }
      if (role == "system") {
        text_of(message.value("content", Json()), place + ".content");
        continue;
      }
      read_message(message.value("content", Json()), role == "user", place + ".content");
    }
  }

  void read_message(const Json& content, bool by_user, const std::string& place) {
    chat_.tool_results.clear();
    std::vector<std::string> calls;
    const std::string text = text_of(content, place);
    size_t index = 0;
    for (const Json& block : content.is_array() ? content : Json::array()) {
      const std::string here = place + "." + std::to_string(index++);
      const std::string type = string_member(block, "type");
      if (type == "tool_use") {
        if (!block.value("input", Json()).is_object()) wrong(here + ".input", "Field required");
        count(string_member(block, "name"));
        count(block.value("input", Json::object()).dump());
        calls.push_back(string_member(block, "id"));
      } else if (type == "tool_result") {
        read_tool_result(block, here);
      } else if (type == "thinking") {
        if (string_member(block, "signature") != signature_of(string_member(block, "thinking")))
          wrong(here, "Invalid `signature` in `thinking` block");
      } else if (type.empty()) {
        wrong(here + ".type", "Field required");
      }
      note_cache_marker(block);
    }
    open_calls_ = std::move(calls);
    // Results come back in a message by the user; it is a turn of the user's only with a text.
    chat_.last_is_user = by_user && chat_.tool_results.empty();
    if (by_user && !text.empty()) chat_.prompt = text;
  }

  void read_tool_result(const Json& block, const std::string& here) {
    const std::string id = string_member(block, "tool_use_id");
    if (std::find(open_calls_.begin(), open_calls_.end(), id) == open_calls_.end()) {
      wrong(here, "unexpected `tool_use_id` found in `tool_result` blocks: " + id +
                      ". Each `tool_result` block must have a corresponding `tool_use` block in "
                      "the previous message.");
    }
    chat_.tool_results.push_back(
        block.contains("content") ? text_of(block["content"], here + ".content") : "");
  }

  void read_output(const Json& body) {
    const Json format = body.value("output_config", Json::object()).value("format", Json::object());
    if (string_member(format, "type") == "json_schema") {
      chat_.response_schema = format.value("schema", Json());
    }
  }

  ChatRequest chat_;
  std::vector<std::string> open_calls_;  // the ids of the message before
  std::string wrong_;
};

}  // namespace

std::variant<ChatRequest, std::string> read_request(std::string_view text,
                                                    std::string_view version) {
  if (version.empty()) return "anthropic-version: header is required";
  const Json body = Json::parse(text, nullptr, false);
  if (!body.is_object()) return "The request body is not valid JSON.";
  Reader reader;
  try {
    std::string wrong = reader.read(body, version);
    if (!wrong.empty()) return wrong;
  } catch (const Json::exception&) {
    // A member of another type than the reader asked it for.
    return "The request body has a member of the wrong type.";
  }
  return reader.take();
}

}  // namespace aigw::mock::anthropic
