// A chat completion request, checked as strictly as a provider does, and what of it shapes the
// answer.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mock/openai.h"
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
  size_t choices = 1;
  std::optional<size_t> tokens_max;
  std::vector<std::string> stops;
  std::vector<Tool> tools;
  ToolChoice tool_choice = ToolChoice::any;
  std::string named_tool;
  bool parallel_tool_calls = true;
  Json response_schema;  // null: plain text
  std::string prompt;    // the text of the last message by the user
  bool last_is_user = false;
  std::vector<std::string>
      tool_results;  // of the messages after the last one by the user or the assistant
  size_t prompt_tokens = 0;
};

// The request, or the reply that refuses it.
std::variant<ChatRequest, Reply> read_chat_request(std::string_view body);

}  // namespace aigw::mock
