// What the embedded provider answers to a chat request: the same for every choice, unary or
// streaming, in every language.
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

enum class Finish { end, length, stop_sequence, tool_calls };

struct Answer {
  std::string thinking;  // "" for none
  std::string text;      // empty when there are tool calls
  std::vector<ToolCall> tool_calls;
  Finish finish = Finish::end;
  std::string stop;            // the sequence that ended the text
  size_t tokens = 0;           // of one choice, thinking included
  size_t thinking_tokens = 0;  // of these
};

Answer make_answer(const ChatRequest& chat);

// The signature of a thought. It is made of the thought, so that a thought that comes back can be
// checked as a provider checks it.
std::string signature_of(std::string_view thinking);

// The status that the prompt asks for ("error 429"), or 0.
unsigned requested_error(std::string_view prompt);
// What an error on request says.
std::string requested_error_message(unsigned status);

// Whether the prompt asks for a stream that fails after it has begun ("break the stream").
bool wants_broken_stream(std::string_view prompt);
inline constexpr const char* broken_stream_message =
    "The embedded provider was asked to break the stream.";

// "call_<id>_<choice>_<call>": OpenAI's form; the others' differ in the prefix.
std::string call_id(std::string_view prefix, std::string_view stamp_id, size_t choice, size_t call);

}  // namespace aigw::mock
