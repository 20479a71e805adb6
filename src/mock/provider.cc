#include "mock/provider.h"

#include "mock/anthropic.h"
#include "mock/converse.h"
#include "mock/openai.h"
#include "mock/responses.h"

namespace aigw::mock {
namespace {

enum class Language { openai, anthropic, converse };

std::string_view path_of(const Request& request) {
  return request.target.substr(0, request.target.find('?'));
}

// Where a request is wrong before it is read, this is the language of the error.
Language language_of(const Request& request, std::string_view path) {
  if (path == "/v1/messages" || !request.anthropic_version.empty()) return Language::anthropic;
  return path.starts_with("/model/") ? Language::converse : Language::openai;
}

// Azure's path to OpenAI chat: "/openai/deployments/{deployment}/chat/completions".
bool is_azure(std::string_view path) {
  constexpr std::string_view start = "/openai/deployments/";
  constexpr std::string_view end = "/chat/completions";
  if (!path.starts_with(start) || !path.ends_with(end)) return false;
  if (path.size() <= start.size() + end.size()) return false;
  const size_t deployment = path.size() - start.size() - end.size();
  return path.substr(start.size(), deployment).find('/') == path.npos;
}

// The path below OpenAI's version of what is no chat, also from Azure's: "/responses"; "" for
// another path.
std::string_view responses_path(std::string_view path) {
  for (std::string_view start : {std::string_view("/v1"), std::string_view("/openai")}) {
    const std::string_view rest = path.starts_with(start) ? path.substr(start.size()) : "";
    if (rest == "/responses" || rest == "/responses/input_tokens") return rest;
  }
  return {};
}

bool is_azure_responses(std::string_view path) {
  return path.starts_with("/openai/") && !responses_path(path).empty();
}

bool has_api_version(std::string_view target) {
  constexpr std::string_view name = "api-version=";
  const size_t query = target.find('?');
  const std::string_view parameters =
      query == target.npos ? std::string_view() : target.substr(query);
  const size_t at = parameters.find(name);
  return at != parameters.npos && at + name.size() < parameters.size();
}

Reply refuse(Language language, unsigned status, const std::string& message, const Stamp& stamp) {
  if (language == Language::anthropic) return anthropic::error_reply(status, message, stamp);
  if (language == Language::converse) return converse::error_reply(status, message);
  return openai::error_reply(status, message, status == 401 ? "invalid_api_key" : "");
}

bool has_key(const Request& request, Language language, const std::string& key) {
  if (key.empty() || request.authorization == "Bearer " + key) return true;
  if (is_azure(path_of(request)) || is_azure_responses(path_of(request))) return request.azure_key == key;
  if (language == Language::anthropic) return request.api_key == key;
  return language == Language::converse &&
         request.authorization.starts_with("AWS4-HMAC-SHA256 Credential=" + key + "/");
}

Reply get_models(std::string_view path, Language language, const Options& options) {
  constexpr std::string_view models = "/v1/models";
  if (path != models) return openai::model_reply(path.substr(models.size() + 1), options);
  return language == Language::anthropic ? anthropic::models_reply(options)
                                         : openai::models_reply(options);
}

Reply dispatch(const Request& request, const Options& options, const Stamp& stamp) {
  const std::string_view path = path_of(request);
  const Language language = language_of(request, path);
  if (!has_key(request, language, options.required_key)) {
    if (language != Language::converse) {
      return refuse(
          language, 401,
          language == Language::openai ? "Incorrect API key provided." : "invalid x-api-key",
          stamp);
    }
    return refuse(language, 403, "The security token included in the request is invalid.", stamp);
  }
  const converse::Path converse_path = converse::read_path(path);
  const bool lists = path == "/v1/models" || path.starts_with("/v1/models/");
  const bool chats =
      path == "/v1/chat/completions" || (is_azure(path) && has_api_version(request.target));
  std::string_view stateless = responses_path(path);
  if (is_azure_responses(path) && !has_api_version(request.target)) stateless = {};
  if (!lists && !chats && stateless.empty() && path != "/v1/messages" &&
      converse_path.model.empty()) {
    return refuse(language, 404,
                  "Invalid URL (" + std::string(request.method) + " " + std::string(path) + ").",
                  stamp);
  }
  const char* method = lists ? "GET" : "POST";
  if (request.method != method) {
    Reply reply = refuse(
        language, 405,
        std::string(request.method) + " is not allowed on " + std::string(path) + ".", stamp);
    reply.headers.emplace_back("allow", method);
    return reply;
  }
  if (lists) return get_models(path, language, options);
  if (path == "/v1/messages") return anthropic::messages_reply(request, stamp);
  if (!converse_path.model.empty()) return converse::converse_reply(request, converse_path, stamp);
  if (stateless == "/responses") return responses::responses_reply(request, stamp);
  if (!stateless.empty()) return responses::input_tokens_reply(request);
  return openai::chat_reply(request, stamp);
}

const char* id_header(const Request& request) {
  switch (language_of(request, path_of(request))) {
    case Language::anthropic:
      return "request-id";
    case Language::converse:
      return "x-amzn-requestid";
    case Language::openai:
      break;
  }
  return "x-request-id";
}

}  // namespace

std::vector<std::string> default_models() {
  return {"mock-small", "mock-large", "claude-mock", "anthropic.claude-mock-v1:0"};
}

Reply answer(const Request& request, const Options& options, const Stamp& stamp) {
  Reply reply = dispatch(request, options, stamp);
  reply.headers.emplace_back(id_header(request), "req_" + stamp.id);
  return reply;
}

Reply refusal(const Request& request, unsigned status, const std::string& message,
              const Stamp& stamp) {
  return refuse(language_of(request, path_of(request)), status, message, stamp);
}

const char* prompt_help() {
  return R"(What a prompt (the text of the last user message) can ask for:
  error NNN          answers with that status (400 to 599) and an error body in
                     the shape of the language; 429 (not of Bedrock) has retry-after: 1
  write N words      answers word1 word2 ... wordN
  break the stream   a stream ends half-way with an error event (an exception,
                     in an AWS event stream)
  in parallel        with tools: calls every tool, or the only one twice
Anything else is echoed. With tools, and the last message by the user, the first
tool is called (or the one that the prompt or the tool choice names), with
arguments made from its schema; after a tool's result the answer is text.
Structured output (response_format, output_config) is answered with JSON.
Thinking, where it is asked for, comes before the answer, with a signature that
is checked when it comes back.

Usage is exact: a token is a run of letters, digits, _, ' and non-ASCII bytes,
or any other character that is not white space. The prompt's are those of the
text of all messages with the names and arguments of their tool calls, those up
to the last cache marker count as read from a cache; the answer's are those of
its text, thinking and calls. A stream sends one event a token.

Endpoints, each in the language and with the errors of its provider:
  POST /v1/chat/completions            OpenAI chat
  POST /openai/deployments/{name}/chat/completions?api-version=...
                                       the same at Azure
  POST /v1/responses                   OpenAI responses; nothing is stored
  POST /v1/responses/input_tokens      how many tokens an input has
  POST /openai/responses[/input_tokens]?api-version=...
                                       the same two at Azure
  POST /v1/messages                    Anthropic Messages, 2023-06-01 and later
  POST /model/{id}/converse            Bedrock Converse
  POST /model/{id}/converse-stream     the same as an AWS event stream
  GET /v1/models, GET /v1/models/{id}
Any model name is answered. No key is needed unless --require-key is given: a
bearer token, x-api-key (of Azure api-key), or the access key id of an AWS
signature (which itself is not checked).
)";
}

}  // namespace aigw::mock
