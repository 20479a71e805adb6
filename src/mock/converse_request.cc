#include <algorithm>

#include "mock/chat_answer.h"
#include "mock/converse.h"
#include "mock/tokens.h"

namespace aigw::mock::converse {
namespace {

// Reads a body into `chat`. Keeps the first thing that is wrong.
class Reader {
 public:
  std::string read(const Json& body) {
    read_settings(body);
    read_tools(body);
    for (const Json& block : body.value("system", Json::array())) {
      count(string_member(block, "text"));
      note_cache_marker(block);
    }
    read_messages(body);
    return wrong_;
  }

  ChatRequest take() { return std::move(chat_); }

 private:
  void wrong(std::string message) {
    if (wrong_.empty()) wrong_ = std::move(message);
  }

  void read_settings(const Json& body) {
    const Json settings = body.value("inferenceConfig", Json::object());
    if (settings.contains("maxTokens")) {
      const Json& most = settings["maxTokens"];
      if (!most.is_number_integer() || most.get<int64_t>() < 1) {
        return wrong(
            "Value at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member "
            "must have value greater than or equal to 1");
      }
      chat_.tokens_max = most.get<size_t>();
    }
    for (const Json& stop : settings.value("stopSequences", Json::array())) {
      if (!stop.get_ref<const std::string&>().empty())
        chat_.stops.push_back(stop.get<std::string>());
    }
    // Thinking is a matter between the client and the model, and passes in this member.
    const Json more = body.value("additionalModelRequestFields", Json::object());
    const std::string type = string_member(more.value("thinking", Json::object()), "type");
    chat_.thinks = type == "enabled" || type == "adaptive";
  }

  void read_tools(const Json& body) {
    has_tools_ = body.contains("toolConfig");
    if (!has_tools_) return;
    const Json& config = body["toolConfig"];
    for (const Json& tool : config.value("tools", Json::array())) {
      note_cache_marker(tool);
      if (!tool.contains("toolSpec")) continue;
      const Json& spec = tool["toolSpec"];
      const Json schema = spec.value("inputSchema", Json::object()).value("json", Json());
      if (string_member(spec, "name").empty() || !schema.is_object()) {
        return wrong(
            "Value at 'toolConfig.tools' failed to satisfy constraint: Member must have "
            "a name and an inputSchema");
      }
      chat_.tools.push_back({string_member(spec, "name"), schema});
    }
    if (chat_.tools.empty()) {
      return wrong(
          "Value at 'toolConfig.tools' failed to satisfy constraint: Member must have "
          "length greater than or equal to 1");
    }
    const Json choice = config.value("toolChoice", Json::object());
    if (!choice.contains("tool")) return;
    chat_.tool_choice = ToolChoice::named;
    chat_.named_tool = string_member(choice["tool"], "name");
    if (!has_tool(chat_, chat_.named_tool)) wrong("toolChoice names a tool that is not there.");
  }

  void count(std::string_view text) { chat_.prompt_tokens += count_tokens(text); }
  void note_cache_marker(const Json& block) {
    if (block.contains("cachePoint")) chat_.cached_tokens = chat_.prompt_tokens;
  }

  void read_messages(const Json& body) {
    const Json messages = body.value("messages", Json::array());
    bool by_user = false;
    size_t index = 0;
    for (const Json& message : messages) {
      const bool user = string_member(message, "role") == "user";
      if (!user && string_member(message, "role") != "assistant") {
        return wrong("Value at 'messages." + std::to_string(index) +
                     ".member.role' failed to satisfy constraint: Member must satisfy enum value "
                     "set: [user, assistant]");
      }
      if (index == 0 && !user) return wrong("A conversation must start with a user message.");
      if (index > 0 && user == by_user) {
        return wrong("A conversation must alternate between user and assistant roles.");
      }
      by_user = user;
      read_message(message.value("content", Json::array()), user,
                   "messages." + std::to_string(index++) + ".content");
    }
    if (messages.empty()) wrong("The conversation must have at least one message.");
  }

  void read_message(const Json& content, bool by_user, const std::string& place) {
    if (content.empty()) wrong("The content field at " + place + " is empty.");
    chat_.tool_results.clear();
    std::vector<std::string> calls;
    std::string text;
    size_t index = 0;
    for (const Json& block : content) {
      const std::string here = place + "." + std::to_string(index++);
      if (!block.is_object() || block.size() != 1) wrong("Exactly one member is needed at " + here);
      if (block.contains("text")) {
        const std::string one = string_member(block, "text");
        if (count_tokens(one) == 0)
          wrong("The text field in the ContentBlock object at " + here + " is blank.");
        count(one);
        text.append(text.empty() ? "" : " ").append(one);
      } else if (block.contains("toolUse")) {
        calls.push_back(read_tool_use(block["toolUse"], here));
      } else if (block.contains("toolResult")) {
        read_tool_result(block["toolResult"], here);
      } else if (block.contains("reasoningContent")) {
        const Json thought = block["reasoningContent"].value("reasoningText", Json::object());
        if (!thought.empty() &&
            string_member(thought, "signature") != signature_of(string_member(thought, "text")))
          wrong("The signature of the reasoningText at " + here + " is invalid.");
      }
      note_cache_marker(block);
    }
    open_calls_ = std::move(calls);
    chat_.last_is_user = by_user && chat_.tool_results.empty();
    if (by_user && !text.empty()) chat_.prompt = text;
  }

  void need_tools() {
    if (!has_tools_) {
      wrong(
          "The toolConfig field must be defined when using toolUse and toolResult content "
          "blocks.");
    }
  }

  // The id of the call.
  std::string read_tool_use(const Json& use, const std::string& here) {
    need_tools();
    if (!use.value("input", Json()).is_object())
      wrong("The input of the toolUse at " + here + " is not an object.");
    count(string_member(use, "name"));
    count(use.value("input", Json::object()).dump());
    return string_member(use, "toolUseId");
  }

  void read_tool_result(const Json& result, const std::string& here) {
    need_tools();
    const std::string id = string_member(result, "toolUseId");
    if (std::find(open_calls_.begin(), open_calls_.end(), id) == open_calls_.end()) {
      wrong("The toolResult at " + here + " has no corresponding toolUse in the previous turn.");
    }
    std::string text;
    for (const Json& block : result.value("content", Json::array())) {
      const std::string one =
          block.contains("json") ? block["json"].dump() : string_member(block, "text");
      count(one);
      text.append(text.empty() ? "" : " ").append(one);
    }
    chat_.tool_results.push_back(std::move(text));
  }

  ChatRequest chat_;
  bool has_tools_ = false;
  std::vector<std::string> open_calls_;  // the ids of the message before
  std::string wrong_;
};

}  // namespace

std::variant<ChatRequest, std::string> read_request(std::string_view text) {
  const Json body = Json::parse(text, nullptr, false);
  if (!body.is_object()) return "The request body is not valid JSON.";
  Reader reader;
  try {
    std::string wrong = reader.read(body);
    if (!wrong.empty()) return wrong;
  } catch (const Json::exception&) {
    // A member of another type than the reader asked it for.
    return "The request body has a member of the wrong type.";
  }
  return reader.take();
}

}  // namespace aigw::mock::converse
