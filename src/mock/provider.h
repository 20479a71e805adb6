// What the embedded provider says: a request in one of four languages in, a reply in the same
// language out. No socket, no clock, no randomness: the same request and stamp give the same bytes,
// so that tests can state a whole reply.
//
// One generator (chat_answer.h) makes up the answer; each language has a file that reads its
// requests into a ChatRequest, as strictly as its provider does, and one that writes an Answer:
//
//   openai      POST /v1/chat/completions            JSON, or server-sent events; also at Azure's path
//   responses   POST /v1/responses                   the same, at both
//   anthropic   POST /v1/messages                    JSON, or server-sent events
//   converse    POST /model/{id}/converse[-stream]   JSON, or an AWS event stream
//
// Tokens are counted in a way that anybody can redo by hand: a run of letters, digits, underscores,
// apostrophes and non-ASCII bytes is one token, and so is any other character that is not white
// space. The tokens of a prompt are those of the text of all messages, with the names and arguments
// of their tool calls; those of an answer are those of its blocks (of all choices).
//
// What a prompt (the text of the last message by the user) can ask for is listed in
// `prompt_help()`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aigw::mock {

// Views are owned by the caller and are read only during the call.
struct Request {
  std::string_view method;
  std::string_view target;  // path with query
  std::string_view authorization;
  std::string_view body;
  std::string_view api_key = {};            // x-api-key
  std::string_view anthropic_version = {};  // anthropic-version
  std::string_view azure_key = {};          // api-key
};

// What differs from one reply to the next by nature.
struct Stamp {
  int64_t created = 0;  // seconds since the epoch
  // A part of every id: "chatcmpl-<id>", "msg_<id>", "req_<id>", "call_<id>..."
  std::string id;
};

struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>>
      headers;       // besides content-type and content-length
  std::string body;  // of a unary reply
  // Of a stream: whole events in the framing of its language, each to be sent by a write of its
  // own.
  std::vector<std::string> events;
  bool streams() const { return !events.empty(); }
};

struct Options {
  // When not empty, requests without it get a 401 or 403: the bearer token, x-api-key or
  // api-key, or the access key id of an AWS signature.
  std::string required_key;
  std::vector<std::string> models;  // what GET /v1/models lists; any other name is answered as well
};

// The models that the embedded provider lists unless told otherwise.
std::vector<std::string> default_models();

Reply answer(const Request& request, const Options& options, const Stamp& stamp);

// An error in the language of the request's path, for what fails before there is a body to read.
Reply refusal(const Request& request, unsigned status, const std::string& message,
              const Stamp& stamp);

// Plain text for --help: the phrases that a prompt can hold, and what each does.
const char* prompt_help();

}  // namespace aigw::mock
