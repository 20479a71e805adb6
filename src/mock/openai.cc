#include "mock/openai.h"

#include "mock/chat_answer.h"
#include "mock/chat_request.h"
#include "mock/tokens.h"

namespace aigw::mock::openai {
namespace {

// When the listed models were made, as far as GET /v1/models goes.
constexpr int64_t models_created = 1'735'689'600;  // 2025-01-01

// Text may hold anything that parsed as JSON, so it is valid UTF-8 and dump() cannot fail; `stop`
// and `max_tokens` cut between tokens or at a whole match only.
std::string event(const Json& data) { return "data: " + data.dump() + "\n\n"; }

const char* error_type(unsigned status) {
  if (status == 429) return "rate_limit_error";
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status >= 500) return "server_error";
  return "invalid_request_error";
}

const char* finish_reason(const ChatRequest& chat, const Answer& answer) {
  switch (answer.finish) {
    case Finish::length:
      return "length";
    case Finish::tool_calls:
      return chat.tool_choice == ToolChoice::named ? "stop" : "tool_calls";
    case Finish::end:
    case Finish::stop_sequence:
      break;
  }
  return "stop";
}

Json usage_json(const ChatRequest& chat, const Answer& answer) {
  const size_t completion = answer.tokens * chat.choices;
  return {{"prompt_tokens", chat.prompt_tokens},
          {"completion_tokens", completion},
          {"total_tokens", chat.prompt_tokens + completion},
          {"prompt_tokens_details", {{"cached_tokens", 0}, {"audio_tokens", 0}}},
          {"completion_tokens_details", {{"reasoning_tokens", 0}, {"audio_tokens", 0}}}};
}

Json function_json(const ToolCall& call) {
  return {{"name", call.name}, {"arguments", call.arguments}};
}

Json head(const ChatRequest& chat, const Stamp& stamp, const char* object) {
  return {{"id", "chatcmpl-" + stamp.id},
          {"object", object},
          {"created", stamp.created},
          {"model", chat.model}};
}

Reply unary_reply(const ChatRequest& chat, const Answer& answer, const Stamp& stamp) {
  Json choices = Json::array();
  for (size_t i = 0; i < chat.choices; ++i) {
    Json message = {{"role", "assistant"}, {"content", nullptr}, {"refusal", nullptr}};
    if (answer.tool_calls.empty()) message["content"] = answer.text;
    for (size_t k = 0; k < answer.tool_calls.size(); ++k) {
      message["tool_calls"].push_back({{"id", call_id("call_", stamp.id, i, k)},
                                       {"type", "function"},
                                       {"function", function_json(answer.tool_calls[k])}});
    }
    choices.push_back({{"index", i},
                       {"message", std::move(message)},
                       {"logprobs", nullptr},
                       {"finish_reason", finish_reason(chat, answer)}});
  }
  Json body = head(chat, stamp, "chat.completion");
  body["choices"] = std::move(choices);
  body["usage"] = usage_json(chat, answer);
  body["system_fingerprint"] = "fp_embedded";
  Reply reply;
  reply.body = body.dump();
  return reply;
}

// The deltas of one choice, in order; the last carries no content and comes with the finish reason.
std::vector<Json> deltas(const Answer& answer, const Stamp& stamp, size_t choice) {
  Json first = {{"role", "assistant"}, {"content", nullptr}, {"refusal", nullptr}};
  if (answer.tool_calls.empty()) first["content"] = "";
  std::vector<Json> list = {std::move(first)};
  for (std::string_view piece : token_pieces(answer.text)) list.push_back({{"content", piece}});
  for (size_t k = 0; k < answer.tool_calls.size(); ++k) {
    const ToolCall& call = answer.tool_calls[k];
    const Json opening = {{"index", k},
                          {"id", call_id("call_", stamp.id, choice, k)},
                          {"type", "function"},
                          {"function", {{"name", call.name}, {"arguments", ""}}}};
    list.push_back({{"tool_calls", Json::array({opening})}});
    for (std::string_view piece : token_pieces(call.arguments)) {
      const Json more = {{"index", k}, {"function", {{"arguments", piece}}}};
      list.push_back({{"tool_calls", Json::array({more})}});
    }
  }
  list.push_back(Json::object());
  return list;
}

Reply streaming_reply(const ChatRequest& chat, const Answer& answer, const Stamp& stamp) {
  Json chunk = head(chat, stamp, "chat.completion.chunk");
  chunk["system_fingerprint"] = "fp_embedded";
  chunk["choices"] = Json::array();
  if (chat.include_usage) chunk["usage"] = nullptr;
  Reply reply;
  reply.content_type = "text/event-stream; charset=utf-8";
  reply.headers.emplace_back("cache-control", "no-cache");
  for (size_t i = 0; i < chat.choices; ++i) {
    std::vector<Json> list = deltas(answer, stamp, i);
    for (size_t k = 0; k < list.size(); ++k) {
      const Json finish = k + 1 == list.size() ? Json(finish_reason(chat, answer)) : Json();
      chunk["choices"] = Json::array({{{"index", i},
                                       {"delta", std::move(list[k])},
                                       {"logprobs", nullptr},
                                       {"finish_reason", finish}}});
      reply.events.push_back(event(chunk));
    }
  }
  if (wants_broken_stream(chat.prompt)) {
    reply.events.resize(reply.events.size() / 2);
    const Json error = {{"message", broken_stream_message},
                        {"type", "server_error"},
                        {"param", nullptr},
                        {"code", nullptr}};
    reply.events.push_back(event({{"error", error}}));
    return reply;
  }
  if (chat.include_usage) {
    chunk["choices"] = Json::array();
    chunk["usage"] = usage_json(chat, answer);
    reply.events.push_back(event(chunk));
  }
  reply.events.push_back("data: [DONE]\n\n");
  return reply;
}

Json model_json(const std::string& id) {
  return {{"id", id}, {"object", "model"}, {"created", models_created}, {"owned_by", "aigw"}};
}

}  // namespace

Reply chat_reply(const Request& request, const Stamp& stamp) {
  std::variant<ChatRequest, Reply> read = read_request(request.body);
  if (Reply* refusal = std::get_if<Reply>(&read)) return std::move(*refusal);
  const ChatRequest& chat = std::get<ChatRequest>(read);
  if (unsigned status = requested_error(chat.prompt)) {
    Reply reply = error_reply(status, requested_error_message(status),
                              status == 429 ? "rate_limit_exceeded" : std::string_view());
    if (status == 429) reply.headers.emplace_back("retry-after", "1");
    return reply;
  }
  const Answer answer = make_answer(chat);
  return chat.stream ? streaming_reply(chat, answer, stamp) : unary_reply(chat, answer, stamp);
}

Reply models_reply(const Options& options) {
  Json data = Json::array();
  for (const std::string& id : options.models) data.push_back(model_json(id));
  Reply reply;
  reply.body = Json{{"object", "list"}, {"data", std::move(data)}}.dump();
  return reply;
}

Reply model_reply(std::string_view id, const Options& options) {
  for (const std::string& model : options.models) {
    if (model != id) continue;
    Reply reply;
    reply.body = model_json(model).dump();
    return reply;
  }
  return error_reply(404, "The model '" + std::string(id) + "' does not exist.", "model_not_found",
                     "model");
}

Reply error_reply(unsigned status, std::string_view message, std::string_view code,
                  std::string_view param) {
  const auto text_or_null = [](std::string_view text) {
    return text.empty() ? Json() : Json(text);
  };
  const Json error = {{"message", message},
                      {"type", error_type(status)},
                      {"param", text_or_null(param)},
                      {"code", text_or_null(code)}};
  Reply reply;
  reply.status = status;
  // The message may quote a path, which is any bytes.
  reply.body = Json{{"error", error}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  return reply;
}

}  // namespace aigw::mock::openai
