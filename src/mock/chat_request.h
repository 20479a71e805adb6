// What of a chat request shapes the answer, whichever language it came in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mock/sample.h"

namespace aigw::mock {

struct Tool {
  std::string name;
  Json parameters;  // a JSON schema, or null
};

enum class ToolChoice { none, any, named };

struct ChatRequest {
  std::string model;
  bool stream = false;
  bool include_usage = false;
  bool thinks = false;  // thinking is shown before the answer
  size_t choices = 1;
  std::optional<size_t> tokens_max;  // of the answer; thinking is not limited
  std::vector<std::string> stops;
  std::vector<Tool> tools;
  ToolChoice tool_choice = ToolChoice::any;
  std::string named_tool;
  bool parallel_tool_calls = true;
  Json response_schema;  // null: plain text
  std::string prompt;    // the text of the last message by the user
  bool last_is_user = false;
  // Of the last message, or of the messages after the last one by the user or the assistant.
  std::vector<std::string> tool_results;
  size_t prompt_tokens = 0;
  size_t cached_tokens = 0;  // of these, up to the last cache marker
};

// A member of an object that is a string, or "".
std::string string_member(const Json& object, const char* key);

bool has_tool(const ChatRequest& chat, std::string_view name);

}  // namespace aigw::mock
