#include <algorithm>

#include "mock/chat_answer.h"
#include "mock/openai.h"
#include "mock/responses.h"
#include "mock/tokens.h"

namespace aigw::mock::responses {
namespace {

// Reads a body. Keeps the first thing that is wrong.
class Reader {
 public:
  std::optional<Reply> read(const Json& body) {
    chat().model = string_member(body, "model");
    if (chat().model.empty()) wrong("model", "is required.");
    read_state(body);
    chat().stream = flag(body, "stream", false);
    chat().parallel_tool_calls = flag(body, "parallel_tool_calls", true);
    if (body.contains("max_output_tokens") && !body["max_output_tokens"].is_null()) {
      const Json& most = body["max_output_tokens"];
      if (!most.is_number_integer() || most.get<int64_t>() < 16) {
        wrong("max_output_tokens", "must be an integer of at least 16.");
      } else {
        chat().tokens_max = most.get<size_t>();
      }
    }
    read_tools(body);
    read_reasoning(body);
    read_text(body);
    read_input(body);
    repeat(body);
    return std::move(wrong_);
  }

  ResponsesRequest take() { return std::move(request_); }

 private:
  ChatRequest& chat() { return request_.chat; }

  void refuse(unsigned status, std::string_view message, std::string_view param,
              std::string_view code = {}) {
    if (!wrong_) wrong_ = openai::error_reply(status, message, code, param);
  }

  // "'<param>' <rule>"
  void wrong(std::string_view param, std::string_view rule) {
    refuse(400, std::string("'").append(param).append("' ").append(rule), param);
  }

  bool flag(const Json& object, const char* key, bool otherwise) {
    auto found = object.find(key);
    if (found == object.end() || found->is_null()) return otherwise;
    if (!found->is_boolean()) wrong(key, "must be a boolean.");
    return found->is_boolean() ? found->get<bool>() : otherwise;
  }

  void read_state(const Json& body) {
    for (const char* key : {"messages", "max_tokens", "stop", "n", "response_format", "seed"}) {
      if (body.contains(key)) wrong(key, "is not a parameter of this endpoint.");
    }
    const std::string previous = string_member(body, "previous_response_id");
    if (!previous.empty()) {
      refuse(400, "Previous response with id '" + previous + "' not found.", "previous_response_id",
             "previous_response_not_found");
    }
  }

  void read_tools(const Json& body) {
    for (const Json& tool : body.value("tools", Json::array())) {
      const std::string type = string_member(tool, "type");
      if (type.empty()) return wrong("tools[].type", "is required.");
      if (type != "function") continue;
      const std::string name = string_member(tool, "name");
      if (name.empty()) return wrong("tools[].name", "is required.");
      chat().tools.push_back({name, tool.value("parameters", Json())});
    }
    const Json choice = body.value("tool_choice", Json("auto"));
    if (choice == "none") chat().tool_choice = ToolChoice::none;
    if (!choice.is_object()) return;
    chat().tool_choice = ToolChoice::named;
    chat().named_tool = string_member(choice, "name");
    if (!has_tool(chat(), chat().named_tool)) {
      wrong("tool_choice", "names a function that is not in 'tools'.");
    }
  }

  void read_reasoning(const Json& body) {
    const Json reasoning = body.value("reasoning", Json::object());
    if (!reasoning.is_object() && !reasoning.is_null()) wrong("reasoning", "must be an object.");
    const std::string effort = string_member(reasoning, "effort");
    request_.shows_summary = !string_member(reasoning, "summary").empty();
    chat().thinks = request_.shows_summary || (!effort.empty() && effort != "none");
    for (const Json& one : body.value("include", Json::array())) {
      request_.encrypts = request_.encrypts || one == "reasoning.encrypted_content";
    }
  }

  void read_text(const Json& body) {
    const Json text = body.value("text", Json::object());
    const Json format = text.value("format", Json::object());
    const std::string type = string_member(format, "type");
    if (type.empty() || type == "text") return;
    if (type == "json_object") {
      chat().response_schema =
          Json::parse(R"({"type":"object","properties":{"answer":{"type":"string"}}})");
    } else if (type == "json_schema" && format.contains("schema") &&
               !string_member(format, "name").empty()) {
      chat().response_schema = format["schema"];
    } else {
      wrong("text.format", "must be text, json_object, or json_schema with a name and a schema.");
    }
  }

  void read_input(const Json& body) {
    chat().prompt_tokens += count_tokens(string_member(body, "instructions"));
    const Json input = body.value("input", Json());
    if (input.is_string()) {
      chat().prompt = input.get<std::string>();
      chat().last_is_user = true;
      chat().prompt_tokens += count_tokens(chat().prompt);
    } else if (input.is_array()) {
      for (const Json& item : input) read_item(item);
    } else {
      wrong("input", "must be a string or a list of items.");
    }
  }

  void read_item(const Json& item) {
    const std::string type = item.is_object() && item.contains("type")
                                 ? string_member(item, "type")
                                 : std::string("message");
    if (type == "message") return read_message(item);
    if (type == "reasoning") return read_thought(item);
    if (type == "function_call" || type == "custom_tool_call") {
      const bool custom = type == "custom_tool_call";
      if (string_member(item, "call_id").empty()) wrong("input[].call_id", "is required.");
      chat().last_is_user = false;
      chat().tool_results.clear();
      chat().prompt_tokens += count_tokens(string_member(item, "name")) +
                              count_tokens(string_member(item, custom ? "input" : "arguments"));
      calls_.push_back(string_member(item, "call_id"));
    } else if (type == "function_call_output" || type == "custom_tool_call_output") {
      const std::string id = string_member(item, "call_id");
      if (std::find(calls_.begin(), calls_.end(), id) == calls_.end()) {
        refuse(400, "No tool call found for function call output with call_id " + id + ".",
               "input");
      }
      chat().last_is_user = false;
      chat().tool_results.push_back(text_of(item.value("output", Json())));
      chat().prompt_tokens += count_tokens(chat().tool_results.back());
    } else {
      wrong("input[].type", "is of no known type.");
    }
  }

  void read_message(const Json& item) {
    const std::string role = item.is_object() ? string_member(item, "role") : std::string();
    static constexpr std::string_view roles[] = {"system", "developer", "user", "assistant"};
    if (std::find(std::begin(roles), std::end(roles), role) == std::end(roles)) {
      return wrong("input[].role", "must be one of system, developer, user and assistant.");
    }
    std::string text = text_of(item.value("content", Json()));
    chat().prompt_tokens += count_tokens(text);
    chat().last_is_user = role == "user";
    chat().tool_results.clear();
    if (role == "user") chat().prompt = std::move(text);
  }

  // What nobody stored has to be whole, and under the id that it was given out with.
  void read_thought(const Json& item) {
    const std::string id = string_member(item, "id");
    const std::string encrypted = string_member(item, "encrypted_content");
    if (encrypted.empty()) {
      return refuse(404, "Item with id '" + id + "' not found. Items are not persisted.", "input");
    }
    if (encrypted != encrypted_for(id)) {
      refuse(400, "The encrypted content for item " + id + " could not be verified.", "input",
             "invalid_encrypted_content");
    }
  }

  std::string text_of(const Json& content) {
    if (content.is_string()) return content.get<std::string>();
    std::string text;
    if (!content.is_array()) wrong("input[].content", "must be a string or a list of parts.");
    for (const Json& part : content) {
      const std::string type = part.is_object() ? string_member(part, "type") : std::string();
      if (type == "input_text" || type == "output_text") {
        text.append(text.empty() ? "" : " ").append(string_member(part, "text"));
      } else if (type != "input_image" && type != "input_file" && type != "refusal") {
        wrong("input[].content[].type", "is of no known type.");
      }
    }
    return text;
  }

  void repeat(const Json& body) {
    request_.settings = {{"instructions", nullptr},  {"max_output_tokens", nullptr},
                         {"metadata", Json::object()}, {"parallel_tool_calls", true},
                         {"temperature", 1.0},         {"tool_choice", "auto"},
                         {"tools", Json::array()},     {"top_p", 1.0}};
    for (auto& [name, value] : request_.settings.items()) {
      if (body.contains(name) && !body[name].is_null()) value = body[name];
    }
  }

  ResponsesRequest request_;
  std::vector<std::string> calls_;
  std::optional<Reply> wrong_;
};

}  // namespace

std::variant<ResponsesRequest, Reply> read_request(std::string_view text) {
  const Json body = Json::parse(text, nullptr, false);
  if (body.is_discarded()) return openai::error_reply(400, "The request body is not valid JSON.");
  if (!body.is_object()) {
    return openai::error_reply(400, "The request body must be a JSON object.");
  }
  Reader reader;
  try {
    if (std::optional<Reply> wrong = reader.read(body)) return *std::move(wrong);
  } catch (const Json::type_error&) {  // a member of another type than value() was asked for
    return openai::error_reply(400, "A parameter is of a wrong type.");
  }
  return reader.take();
}

}  // namespace aigw::mock::responses
