#include "mock/converse.h"

#include <array>

#include "mock/chat_answer.h"
#include "mock/tokens.h"
#include "wire/eventstream.h"

namespace aigw::mock::converse {
namespace {

const char* error_type(unsigned status) {
  switch (status) {
    case 403:
      return "AccessDeniedException";
    case 404:
      return "ResourceNotFoundException";
    case 408:
      return "ModelTimeoutException";
    case 424:
      return "ModelErrorException";
    case 429:
      return "ThrottlingException";
    case 503:
      return "ServiceUnavailableException";
    default:
      return status >= 500 ? "InternalServerException" : "ValidationException";
  }
}

const char* stop_reason(const Answer& answer) {
  switch (answer.finish) {
    case Finish::length:
      return "max_tokens";
    case Finish::stop_sequence:
      return "stop_sequence";
    case Finish::tool_calls:
      return "tool_use";
    case Finish::end:
      break;
  }
  return "end_turn";
}

// Counts what a cache gave apart from the rest of the input, and all of it in the total.
Json usage_json(const ChatRequest& chat, const Answer& answer) {
  return {{"inputTokens", chat.prompt_tokens - chat.cached_tokens},
          {"outputTokens", answer.tokens},
          {"totalTokens", chat.prompt_tokens + answer.tokens},
          {"cacheReadInputTokens", chat.cached_tokens},
          {"cacheWriteInputTokens", 0}};
}

// There is no clock here.
Json metrics_json() { return {{"latencyMs", 1}}; }

std::string tool_use_id(const Stamp& stamp, size_t call) {
  return call_id("tooluse_", stamp.id, 0, call);
}

Reply unary_reply(const ChatRequest& chat, const Answer& answer, const Stamp& stamp) {
  Json content = Json::array();
  if (!answer.thinking.empty()) {
    const Json thought = {{"text", answer.thinking}, {"signature", signature_of(answer.thinking)}};
    content.push_back({{"reasoningContent", {{"reasoningText", thought}}}});
  }
  if (answer.tool_calls.empty()) content.push_back({{"text", answer.text}});
  for (size_t k = 0; k < answer.tool_calls.size(); ++k) {
    const ToolCall& call = answer.tool_calls[k];
    content.push_back({{"toolUse",
                        {{"toolUseId", tool_use_id(stamp, k)},
                         {"name", call.name},
                         {"input", Json::parse(call.arguments)}}}});
  }
  Reply reply;
  reply.body = Json{{"metrics", metrics_json()},
                    {"output", {{"message", {{"content", content}, {"role", "assistant"}}}}},
                    {"stopReason", stop_reason(answer)},
                    {"usage", usage_json(chat, answer)}}
                   .dump();
  return reply;
}

// Appends the frames of one stream.
class Stream {
 public:
  Stream(const ChatRequest& chat, const Answer& answer, const Stamp& stamp)
      : chat_(chat), answer_(answer), stamp_(stamp) {}

  std::vector<std::string> frames() {
    say("messageStart", {{"role", "assistant"}});
    if (!answer_.thinking.empty()) say_thinking();
    if (answer_.tool_calls.empty()) {
      for (std::string_view piece : token_pieces(answer_.text)) say_delta({{"text", piece}});
      end_block();
    }
    for (size_t k = 0; k < answer_.tool_calls.size(); ++k) say_call(k);
    if (wants_broken_stream(chat_.prompt)) {
      frames_.resize(frames_.size() / 2);
      frame("exception", ":exception-type", "modelStreamErrorException",
            {{"message", broken_stream_message}});
      return std::move(frames_);
    }
    say("messageStop", {{"stopReason", stop_reason(answer_)}});
    say("metadata", {{"usage", usage_json(chat_, answer_)}, {"metrics", metrics_json()}});
    return std::move(frames_);
  }

 private:
  void frame(std::string_view kind, std::string_view type_name, std::string_view type,
             const Json& payload) {
    const auto header = [](std::string_view name, std::string_view value) {
      wire::EventHeader made;
      made.name = name;
      made.bytes = value;
      return made;
    };
    const std::array headers{header(type_name, type), header(":content-type", "application/json"),
                             header(":message-type", kind)};
    wire::append_event(frames_.emplace_back(), headers, payload.dump());
  }

  void say(std::string_view type, const Json& payload) {
    frame("event", ":event-type", type, payload);
  }

  void say_delta(const Json& delta) {
    say("contentBlockDelta", {{"contentBlockIndex", block_}, {"delta", delta}});
  }

  // A block begins with an event of its own only where that says something: for tools.
  void end_block() { say("contentBlockStop", {{"contentBlockIndex", block_++}}); }

  void say_thinking() {
    for (std::string_view piece : token_pieces(answer_.thinking))
      say_delta({{"reasoningContent", {{"text", piece}}}});
    say_delta({{"reasoningContent", {{"signature", signature_of(answer_.thinking)}}}});
    end_block();
  }

  void say_call(size_t index) {
    const ToolCall& call = answer_.tool_calls[index];
    const Json use = {{"toolUseId", tool_use_id(stamp_, index)}, {"name", call.name}};
    say("contentBlockStart", {{"contentBlockIndex", block_}, {"start", {{"toolUse", use}}}});
    for (std::string_view piece : token_pieces(call.arguments))
      say_delta({{"toolUse", {{"input", piece}}}});
    end_block();
  }

  const ChatRequest& chat_;
  const Answer& answer_;
  const Stamp& stamp_;
  size_t block_ = 0;
  std::vector<std::string> frames_;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace

Path read_path(std::string_view path) {
  constexpr std::string_view start = "/model/";
  if (!path.starts_with(start)) return {};
  path.remove_prefix(start.size());
  const size_t slash = path.find('/');
  if (slash == path.npos) return {};
  const std::string_view action = path.substr(slash + 1);
  if (action != "converse" && action != "converse-stream") return {};
  return {percent_decoded(path.substr(0, slash)), action == "converse-stream"};
}

Reply converse_reply(const Request& request, const Path& path, const Stamp& stamp) {
  std::variant<ChatRequest, std::string> read = read_request(request.body);
  if (const std::string* wrong = std::get_if<std::string>(&read)) return error_reply(400, *wrong);
  ChatRequest& chat = std::get<ChatRequest>(read);
  chat.model = path.model;
  chat.stream = path.stream;
  if (unsigned status = requested_error(chat.prompt))
    return error_reply(status, requested_error_message(status));
  const Answer answer = make_answer(chat);
  if (!chat.stream) return unary_reply(chat, answer, stamp);
  Reply reply;
  reply.content_type = "application/vnd.amazon.eventstream";
  reply.events = Stream(chat, answer, stamp).frames();
  return reply;
}

Reply error_reply(unsigned status, std::string_view message) {
  Reply reply;
  reply.status = status;
  reply.headers.emplace_back("x-amzn-errortype", error_type(status));
  // The message may quote a path, which is any bytes.
  reply.body = Json{{"message", message}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  return reply;
}

}  // namespace aigw::mock::converse
