#include "mock/openai.h"

#include "mock/chat_answer.h"
#include "mock/chat_request.h"
#include "mock/tokens.h"

namespace aigw::mock {
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

std::string call_id(const Stamp& stamp, size_t choice, size_t call) {
  return "call_" + stamp.id + "_" + std::to_string(choice) + "_" + std::to_string(call);
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
      message["tool_calls"].push_back({{"id", call_id(stamp, i, k)},
                                       {"type", "function"},
                                       {"function", function_json(answer.tool_calls[k])}});
    }
    choices.push_back({{"index", i},
                       {"message", std::move(message)},
                       {"logprobs", nullptr},
                       {"finish_reason", answer.finish_reason}});
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
                          {"id", call_id(stamp, choice, k)},
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
      const Json finish = k + 1 == list.size() ? Json(answer.finish_reason) : Json();
      chunk["choices"] = Json::array({{{"index", i},
                                       {"delta", std::move(list[k])},
                                       {"logprobs", nullptr},
                                       {"finish_reason", finish}}});
      reply.events.push_back(event(chunk));
    }
  }
  if (wants_broken_stream(chat.prompt)) {
    reply.events.resize(reply.events.size() / 2);
    const Json error = {{"message", "The embedded provider was asked to break the stream."},
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

Reply chat_reply(const Request& request, const Stamp& stamp) {
  std::variant<ChatRequest, Reply> read = read_chat_request(request.body);
  if (Reply* refusal = std::get_if<Reply>(&read)) return std::move(*refusal);
  const ChatRequest& chat = std::get<ChatRequest>(read);
  if (unsigned status = requested_error(chat.prompt)) {
    Reply reply = error_reply(
        status, "The embedded provider was asked for an error " + std::to_string(status) + ".",
        status == 429 ? "rate_limit_exceeded" : std::string_view());
    if (status == 429) reply.headers.emplace_back("retry-after", "1");
    return reply;
  }
  const Answer answer = make_answer(chat);
  return chat.stream ? streaming_reply(chat, answer, stamp) : unary_reply(chat, answer, stamp);
}

Json model_json(const std::string& id) {
  return {{"id", id}, {"object", "model"}, {"created", models_created}, {"owned_by", "aigw"}};
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

Reply wrong_method(std::string_view method, std::string_view path, const char* allowed) {
  Reply reply =
      error_reply(405, std::string(method) + " is not allowed on " + std::string(path) + ".");
  reply.headers.emplace_back("allow", allowed);
  return reply;
}

Reply dispatch(const Request& request, const Options& options, const Stamp& stamp) {
  constexpr std::string_view models = "/v1/models";
  if (!options.required_key.empty() && request.authorization != "Bearer " + options.required_key) {
    return error_reply(401, "Incorrect API key provided.", "invalid_api_key");
  }
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  if (path == "/v1/chat/completions") {
    return request.method == "POST" ? chat_reply(request, stamp)
                                    : wrong_method(request.method, path, "POST");
  }
  if (path == models || path.starts_with("/v1/models/")) {
    if (request.method != "GET") return wrong_method(request.method, path, "GET");
    return path == models ? models_reply(options)
                          : model_reply(path.substr(models.size() + 1), options);
  }
  return error_reply(
      404, "Invalid URL (" + std::string(request.method) + " " + std::string(path) + ").");
}

}  // namespace

std::vector<std::string> default_models() { return {"mock-small", "mock-large"}; }

Reply answer(const Request& request, const Options& options, const Stamp& stamp) {
  Reply reply = dispatch(request, options, stamp);
  reply.headers.emplace_back("x-request-id", "req_" + stamp.id);
  return reply;
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

const char* prompt_help() {
  return R"(What a prompt (the text of the last user message) can ask for:
  error NNN          answers with that status (400 to 599) and an error body in
                     the OpenAI shape; 429 comes with retry-after: 1
  write N words      answers word1 word2 ... wordN
  break the stream   a stream ends half-way with an error event, without [DONE]
  in parallel        with tools: calls every tool, or the only one twice
Anything else is echoed. With `tools`, and the last message by the user, the
first tool is called (or the one that the prompt or tool_choice names), with
arguments made from its schema; after a tool message the answer is text.
response_format json_object and json_schema are answered with JSON.

Usage is exact: a token is a run of letters, digits, _, ' and non-ASCII bytes,
or any other character that is not white space. prompt_tokens counts the text
of all messages with the names and arguments of their tool calls,
completion_tokens the answer. A stream sends one event a token.

Endpoints: POST /v1/chat/completions, GET /v1/models, GET /v1/models/{id}.
Any model name is answered; no key is needed unless --require-key is given.
)";
}

}  // namespace aigw::mock
