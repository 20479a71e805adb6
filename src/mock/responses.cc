#include "mock/responses.h"

#include "mock/chat_answer.h"
#include "mock/openai.h"
#include "mock/tokens.h"

namespace aigw::mock::responses {
namespace {

// An item as it begins, as it is when it is whole, and the events between, without the members that
// all events of an item have.
struct Item {
  Json empty, whole;
  std::vector<Json> events;
};

std::string item_id(const char* prefix, const Stamp& stamp, size_t number) {
  return prefix + stamp.id + "_" + std::to_string(number);
}

void add_deltas(Item& item, std::string_view text, const char* type, const Json& place) {
  for (std::string_view piece : token_pieces(text)) {
    Json event = place;
    event["type"] = type;
    event["delta"] = piece;
    item.events.push_back(std::move(event));
  }
}

Item thought_item(const ResponsesRequest& request, const Answer& answer, const std::string& id) {
  Item item;
  item.empty = {{"type", "reasoning"}, {"id", id}, {"summary", Json::array()}};
  item.whole = item.empty;
  if (request.encrypts) item.whole["encrypted_content"] = encrypted_for(id);
  if (!request.shows_summary) return item;
  const Json place = {{"summary_index", 0}};
  const Json part = {{"type", "summary_text"}, {"text", answer.thinking}};
  item.whole["summary"].push_back(part);
  item.events.push_back({{"type", "response.reasoning_summary_part.added"},
                         {"summary_index", 0},
                         {"part", {{"type", "summary_text"}, {"text", ""}}}});
  add_deltas(item, answer.thinking, "response.reasoning_summary_text.delta", place);
  item.events.push_back({{"type", "response.reasoning_summary_text.done"},
                         {"summary_index", 0},
                         {"text", answer.thinking}});
  item.events.push_back(
      {{"type", "response.reasoning_summary_part.done"}, {"summary_index", 0}, {"part", part}});
  return item;
}

Json text_part(std::string_view text) {
  return {{"type", "output_text"}, {"text", text}, {"annotations", Json::array()},
          {"logprobs", Json::array()}};
}

Item message_item(const Answer& answer, const std::string& id) {
  Item item;
  item.empty = {{"type", "message"}, {"id", id}, {"status", "in_progress"},
                {"role", "assistant"}, {"content", Json::array()}};
  item.whole = item.empty;
  item.whole["status"] = answer.finish == Finish::length ? "incomplete" : "completed";
  item.whole["content"].push_back(text_part(answer.text));
  const Json place = {{"content_index", 0}, {"logprobs", Json::array()}};
  item.events.push_back({{"type", "response.content_part.added"},
                         {"content_index", 0},
                         {"part", text_part("")}});
  add_deltas(item, answer.text, "response.output_text.delta", place);
  item.events.push_back({{"type", "response.output_text.done"},
                         {"content_index", 0},
                         {"logprobs", Json::array()},
                         {"text", answer.text}});
  item.events.push_back({{"type", "response.content_part.done"},
                         {"content_index", 0},
                         {"part", text_part(answer.text)}});
  return item;
}

Item call_item(const ToolCall& call, const std::string& id, const std::string& call_id) {
  Item item;
  item.empty = {{"type", "function_call"}, {"id", id},           {"status", "in_progress"},
                {"call_id", call_id},      {"name", call.name}, {"arguments", ""}};
  item.whole = item.empty;
  item.whole["status"] = "completed";
  item.whole["arguments"] = call.arguments;
  add_deltas(item, call.arguments, "response.function_call_arguments.delta", Json::object());
  item.events.push_back({{"type", "response.function_call_arguments.done"},
                         {"name", call.name},
                         {"arguments", call.arguments}});
  return item;
}

std::vector<Item> items_of(const ResponsesRequest& request, const Answer& answer,
                           const Stamp& stamp) {
  std::vector<Item> list;
  if (!answer.thinking.empty()) {
    list.push_back(thought_item(request, answer, item_id("rs_", stamp, 0)));
  }
  if (answer.tool_calls.empty()) {
    list.push_back(message_item(answer, item_id("msg_", stamp, list.size())));
  }
  for (size_t k = 0; k < answer.tool_calls.size(); ++k) {
    list.push_back(call_item(answer.tool_calls[k], item_id("fc_", stamp, list.size()),
                             call_id("call_", stamp.id, 0, k)));
  }
  return list;
}

Json response_json(const ResponsesRequest& request, const Stamp& stamp, const char* status) {
  Json response = {{"id", "resp_" + stamp.id}, {"object", "response"},
                   {"created_at", stamp.created}, {"status", status},
                   {"error", nullptr},         {"incomplete_details", nullptr},
                   {"model", request.chat.model}, {"output", Json::array()},
                   {"store", false},           {"usage", nullptr}};
  response.update(request.settings);
  return response;
}

Json ended_response(const ResponsesRequest& request, const Answer& answer, const Stamp& stamp) {
  const bool cut = answer.finish == Finish::length;
  Json response = response_json(request, stamp, cut ? "incomplete" : "completed");
  if (cut) response["incomplete_details"] = {{"reason", "max_output_tokens"}};
  for (Item& item : items_of(request, answer, stamp)) {
    response["output"].push_back(std::move(item.whole));
  }
  const size_t input = request.chat.prompt_tokens;
  response["usage"] = {
      {"input_tokens", input},
      {"input_tokens_details", {{"cached_tokens", 0}, {"cache_write_tokens", 0}}},
      {"output_tokens", answer.tokens},
      {"output_tokens_details", {{"reasoning_tokens", answer.thinking_tokens}}},
      {"total_tokens", input + answer.tokens}};
  return response;
}

Reply streaming_reply(const ResponsesRequest& request, const Answer& answer, const Stamp& stamp) {
  Reply reply;
  reply.content_type = "text/event-stream; charset=utf-8";
  const auto say = [&](Json event) {
    event["sequence_number"] = reply.events.size();
    reply.events.push_back("event: " + string_member(event, "type") + "\ndata: " + event.dump() +
                           "\n\n");
  };
  const Json begun = response_json(request, stamp, "in_progress");
  say({{"type", "response.created"}, {"response", begun}});
  say({{"type", "response.in_progress"}, {"response", begun}});
  size_t index = 0;
  for (const Item& item : items_of(request, answer, stamp)) {
    say({{"type", "response.output_item.added"}, {"output_index", index}, {"item", item.empty}});
    for (Json event : item.events) {
      event["output_index"] = index;
      event["item_id"] = item.whole["id"];
      say(std::move(event));
    }
    say({{"type", "response.output_item.done"}, {"output_index", index++}, {"item", item.whole}});
  }
  if (wants_broken_stream(request.chat.prompt)) {
    reply.events.resize(reply.events.size() / 2);
    say({{"type", "error"}, {"code", "server_error"}, {"message", broken_stream_message},
         {"param", nullptr}});
    return reply;
  }
  const Json response = ended_response(request, answer, stamp);
  say({{"type", "response." + string_member(response, "status")}, {"response", response}});
  return reply;
}

}  // namespace

std::string encrypted_for(std::string_view item_id) { return "gAAA-" + signature_of(item_id); }

Reply responses_reply(const Request& http, const Stamp& stamp) {
  std::variant<ResponsesRequest, Reply> read = read_request(http.body);
  if (Reply* refused = std::get_if<Reply>(&read)) return std::move(*refused);
  const ResponsesRequest& request = std::get<ResponsesRequest>(read);
  if (unsigned status = requested_error(request.chat.prompt)) {
    Reply reply = openai::error_reply(status, requested_error_message(status));
    if (status == 429) reply.headers.emplace_back("retry-after", "1");
    return reply;
  }
  const Answer answer = make_answer(request.chat);
  if (request.chat.stream) return streaming_reply(request, answer, stamp);
  Reply reply;
  reply.body = ended_response(request, answer, stamp).dump();
  return reply;
}

Reply input_tokens_reply(const Request& http) {
  std::variant<ResponsesRequest, Reply> read = read_request(http.body);
  if (Reply* refused = std::get_if<Reply>(&read)) return std::move(*refused);
  const Json count = {{"object", "response.input_tokens"},
                      {"input_tokens", std::get<ResponsesRequest>(read).chat.prompt_tokens}};
  Reply reply;
  reply.body = count.dump();
  return reply;
}

}  // namespace aigw::mock::responses
