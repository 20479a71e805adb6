// What the embedded provider answers to a chat request: the same for every choice, unary or
// streaming.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mock/chat_request.h"

namespace aigw::mock {

struct ToolCall {
  std::string name;
  std::string arguments;  // JSON text
};

struct Answer {
  std::string text;  // empty when there are tool calls
  std::vector<ToolCall> tool_calls;
  const char* finish_reason = "stop";
  size_t tokens = 0;  // of one choice
};

Answer make_answer(const ChatRequest& chat);

// The status that the prompt asks for ("error 429"), or 0.
unsigned requested_error(std::string_view prompt);

// Whether the prompt asks for a stream that fails after it has begun ("break the stream").
bool wants_broken_stream(std::string_view prompt);

}  // namespace aigw::mock
