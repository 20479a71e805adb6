#include "mock/chat_answer.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "mock/tokens.h"

namespace aigw::mock {
namespace {

constexpr size_t words_max = 100'000;

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The number in "<before><number><after>", digits only, or 0 when the text holds no such phrase.
size_t number_between(std::string_view text, std::string_view before, std::string_view after) {
  for (size_t at = text.find(before); at != text.npos; at = text.find(before, at + 1)) {
    const bool starts_word = at == 0 || !std::isalnum(static_cast<unsigned char>(text[at - 1]));
    size_t end = at + before.size();
    size_t number = 0;
    while (end < text.size() && is_digit(text[end]) && number < words_max * 10) {
      number = number * 10 + static_cast<size_t>(text[end++] - '0');
    }
    const bool ends_word =
        end == text.size() || !std::isalnum(static_cast<unsigned char>(text[end]));
    if (starts_word && ends_word && number > 0 && text.substr(end).starts_with(after))
      return number;
  }
  return 0;
}

std::string numbered_words(size_t count) {
  std::string text;
  for (size_t i = 1; i <= count; ++i) {
    if (i > 1) text += ' ';
    text += "word" + std::to_string(i);
  }
  return text;
}

std::string text_answer(const ChatRequest& chat) {
  if (!chat.response_schema.is_null()) return sample(chat.response_schema, chat.prompt, 0).dump();
  if (!chat.tool_results.empty()) {
    std::string text = "The tools answered: ";
    for (size_t i = 0; i < chat.tool_results.size(); ++i)
      text += (i > 0 ? "; " : "") + chat.tool_results[i];
    return text;
  }
  if (size_t count = number_between(lower(chat.prompt), "write ", " words")) {
    return numbered_words(std::min(count, words_max));
  }
  if (chat.prompt.empty()) return "Hello from the embedded provider. You said nothing yet.";
  return "Hello from the embedded provider. You said: " + chat.prompt;
}

std::string thinking_about(const ChatRequest& chat) {
  if (!chat.tool_results.empty()) return "The tools have answered, so the answer is in text.";
  return "The prompt has " + std::to_string(count_tokens(chat.prompt)) + " tokens.";
}

// A tool that the prompt names, else the first.
const Tool& pick_tool(const ChatRequest& chat) {
  const bool named = chat.tool_choice == ToolChoice::named;
  for (const Tool& tool : chat.tools) {
    if (named ? tool.name == chat.named_tool : chat.prompt.find(tool.name) != std::string::npos)
      return tool;
  }
  return chat.tools.front();
}

std::vector<ToolCall> pick_calls(const ChatRequest& chat) {
  if (chat.tools.empty() || !chat.last_is_user || chat.tool_choice == ToolChoice::none) return {};
  const auto call = [&](const Tool& tool, size_t turn) {
    const Json arguments = sample(tool.parameters, chat.prompt, turn);
    return ToolCall{tool.name, arguments.is_object() ? arguments.dump() : "{}"};
  };
  const bool parallel =
      chat.parallel_tool_calls && lower(chat.prompt).find("in parallel") != std::string::npos;
  if (!parallel) return {call(pick_tool(chat), 0)};
  if (chat.tools.size() == 1 || chat.tool_choice == ToolChoice::named) {
    return {call(pick_tool(chat), 0), call(pick_tool(chat), 1)};
  }
  std::vector<ToolCall> calls;
  for (const Tool& tool : chat.tools) calls.push_back(call(tool, calls.size()));
  return calls;
}

}  // namespace

Answer make_answer(const ChatRequest& chat) {
  Answer answer;
  if (chat.thinks) {
    answer.thinking = thinking_about(chat);
    answer.tokens = answer.thinking_tokens = count_tokens(answer.thinking);
  }
  answer.tool_calls = pick_calls(chat);
  if (!answer.tool_calls.empty()) {
    answer.finish = Finish::tool_calls;
    for (const ToolCall& call : answer.tool_calls) {
      answer.tokens += count_tokens(call.name) + count_tokens(call.arguments);
    }
    return answer;
  }
  answer.text = text_answer(chat);
  for (const std::string& stop : chat.stops) {
    const size_t at = answer.text.find(stop);
    if (at == std::string::npos) continue;
    answer.text.resize(at);
    answer.finish = Finish::stop_sequence;
    answer.stop = stop;
  }
  const std::vector<std::string_view> pieces = token_pieces(answer.text);
  size_t tokens = pieces.size();
  if (chat.tokens_max && tokens > *chat.tokens_max) {
    tokens = *chat.tokens_max;
    const std::string_view last = pieces[tokens - 1];
    answer.text.resize(static_cast<size_t>(last.data() + last.size() - answer.text.data()));
    answer.finish = Finish::length;
    answer.stop.clear();
  }
  answer.tokens += tokens;
  return answer;
}

// FNV-1a, in hexadecimal.
std::string signature_of(std::string_view thinking) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : thinking) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char text[40];
  std::snprintf(text, sizeof text, "sig+%016llx/==", static_cast<unsigned long long>(hash));
  return text;
}

unsigned requested_error(std::string_view prompt) {
  const size_t status = number_between(lower(prompt), "error ", "");
  return status >= 400 && status <= 599 ? static_cast<unsigned>(status) : 0;
}

std::string requested_error_message(unsigned status) {
  return "The embedded provider was asked for an error " + std::to_string(status) + ".";
}

bool wants_broken_stream(std::string_view prompt) {
  return lower(prompt).find("break the stream") != std::string::npos;
}

std::string call_id(std::string_view prefix, std::string_view stamp_id, size_t choice,
                    size_t call) {
  return std::string(prefix)
      .append(stamp_id)
      .append("_")
      .append(std::to_string(choice))
      .append("_")
      .append(std::to_string(call));
}

std::string string_member(const Json& object, const char* key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool has_tool(const ChatRequest& chat, std::string_view name) {
  return std::any_of(chat.tools.begin(), chat.tools.end(),
                     [&](const Tool& tool) { return tool.name == name; });
}

}  // namespace aigw::mock
