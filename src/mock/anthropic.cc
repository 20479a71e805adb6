#include "mock/anthropic.h"

#include "mock/chat_answer.h"
#include "mock/tokens.h"

namespace aigw::mock::anthropic {
namespace {

const char* error_type(unsigned status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case 529:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

Json error_json(const char* type, std::string_view message) {
  return {{"type", "error"}, {"error", {{"type", type}, {"message", message}}}};
}

Json stop_reason(const Answer& answer) {
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

Json stop_sequence(const Answer& answer) {
  return answer.finish == Finish::stop_sequence ? Json(answer.stop) : Json();
}

// Counts what a cache gave apart from the rest of the input, as the API does.
Json usage_json(const ChatRequest& chat, size_t output) {
  return {{"input_tokens", chat.prompt_tokens - chat.cached_tokens},
          {"cache_creation_input_tokens", 0},
          {"cache_read_input_tokens", chat.cached_tokens},
          {"output_tokens", output},
          {"service_tier", "standard"}};
}

// A block as it begins, and as it is when it is whole.
struct Block {
  Json empty, whole;
  std::vector<Json> deltas;
};

std::vector<Json> pieces(std::string_view text, const char* type, const char* member) {
  std::vector<Json> list;
  for (std::string_view piece : token_pieces(text))
    list.push_back({{"type", type}, {member, piece}});
  return list;
}

std::vector<Block> blocks_of(const Answer& answer, const Stamp& stamp) {
  std::vector<Block> list;
  if (!answer.thinking.empty()) {
    const std::string signature = signature_of(answer.thinking);
    list.push_back({{{"type", "thinking"}, {"thinking", ""}, {"signature", ""}},
                    {{"type", "thinking"}, {"thinking", answer.thinking}, {"signature", signature}},
                    pieces(answer.thinking, "thinking_delta", "thinking")});
    list.back().deltas.push_back({{"type", "signature_delta"}, {"signature", signature}});
  }
  if (answer.tool_calls.empty()) {
    list.push_back({{{"type", "text"}, {"text", ""}},
                    {{"type", "text"}, {"text", answer.text}},
                    pieces(answer.text, "text_delta", "text")});
  }
  for (size_t k = 0; k < answer.tool_calls.size(); ++k) {
    const ToolCall& call = answer.tool_calls[k];
    Json block = {{"type", "tool_use"},
                  {"id", call_id("toolu_", stamp.id, 0, k)},
                  {"name", call.name},
                  {"input", Json::object()}};
    const Json empty = block;
    block["input"] = Json::parse(call.arguments);
    list.push_back({empty, block, pieces(call.arguments, "input_json_delta", "partial_json")});
  }
  return list;
}

Json message_json(const ChatRequest& chat, const Stamp& stamp) {
  return {{"id", "msg_" + stamp.id},  {"type", "message"},           {"role", "assistant"},
          {"model", chat.model},      {"content", Json::array()},    {"stop_reason", nullptr},
          {"stop_sequence", nullptr}, {"usage", usage_json(chat, 0)}};
}

Reply unary_reply(const ChatRequest& chat, const Answer& answer, const Stamp& stamp) {
  Json message = message_json(chat, stamp);
  for (Block& block : blocks_of(answer, stamp))
    message["content"].push_back(std::move(block.whole));
  message["stop_reason"] = stop_reason(answer);
  message["stop_sequence"] = stop_sequence(answer);
  message["usage"] = usage_json(chat, answer.tokens);
  Reply reply;
  reply.body = message.dump();
  return reply;
}

// The event's name is the type of its data.
std::string event(const Json& data) {
  return "event: " + string_member(data, "type") + "\ndata: " + data.dump() + "\n\n";
}

Reply streaming_reply(const ChatRequest& chat, const Answer& answer, const Stamp& stamp) {
  Reply reply;
  reply.content_type = "text/event-stream; charset=utf-8";
  reply.headers.emplace_back("cache-control", "no-cache");
  const auto say = [&](const Json& data) { reply.events.push_back(event(data)); };
  say({{"type", "message_start"}, {"message", message_json(chat, stamp)}});
  size_t index = 0;
  for (const Block& block : blocks_of(answer, stamp)) {
    say({{"type", "content_block_start"}, {"index", index}, {"content_block", block.empty}});
    if (index == 0) say({{"type", "ping"}});
    for (const Json& delta : block.deltas)
      say({{"type", "content_block_delta"}, {"index", index}, {"delta", delta}});
    say({{"type", "content_block_stop"}, {"index", index++}});
  }
  if (wants_broken_stream(chat.prompt)) {
    reply.events.resize(reply.events.size() / 2);
    say(error_json("overloaded_error", broken_stream_message));
    return reply;
  }
  say({{"type", "message_delta"},
       {"delta", {{"stop_reason", stop_reason(answer)}, {"stop_sequence", stop_sequence(answer)}}},
       {"usage", usage_json(chat, answer.tokens)}});
  say({{"type", "message_stop"}});
  return reply;
}

}  // namespace

Reply messages_reply(const Request& request, const Stamp& stamp) {
  std::variant<ChatRequest, std::string> read =
      read_request(request.body, request.anthropic_version);
  if (const std::string* wrong = std::get_if<std::string>(&read))
    return error_reply(400, *wrong, stamp);
  const ChatRequest& chat = std::get<ChatRequest>(read);
  if (unsigned status = requested_error(chat.prompt)) {
    Reply reply = error_reply(status, requested_error_message(status), stamp);
    if (status == 429) reply.headers.emplace_back("retry-after", "1");
    return reply;
  }
  const Answer answer = make_answer(chat);
  return chat.stream ? streaming_reply(chat, answer, stamp) : unary_reply(chat, answer, stamp);
}

Reply models_reply(const Options& options) {
  Json data = Json::array();
  for (const std::string& id : options.models) {
    data.push_back({{"type", "model"},
                    {"id", id},
                    {"display_name", id},
                    {"created_at", "2025-01-01T00:00:00Z"}});
  }
  Json list = {{"data", std::move(data)}, {"has_more", false}};
  list["first_id"] = options.models.empty() ? Json() : Json(options.models.front());
  list["last_id"] = options.models.empty() ? Json() : Json(options.models.back());
  Reply reply;
  reply.body = list.dump();
  return reply;
}

Reply error_reply(unsigned status, std::string_view message, const Stamp& stamp) {
  Json error = error_json(error_type(status), message);
  error["request_id"] = "req_" + stamp.id;
  Reply reply;
  reply.status = status;
  // The message may quote a path, which is any bytes.
  reply.body = error.dump(-1, ' ', false, Json::error_handler_t::replace);
  return reply;
}

}  // namespace aigw::mock::anthropic
