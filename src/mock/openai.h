// What the embedded provider says: requests in the OpenAI chat language in, replies out. No socket,
// no clock, no randomness: the same request and stamp give the same bytes, so that tests can state
// a whole reply.
//
// Tokens are counted in a way that anybody can redo by hand: a run of letters, digits, underscores,
// apostrophes and non-ASCII bytes is one token, and so is any other character that is not white
// space. prompt_tokens is the sum over the text of all messages (with the names and arguments of
// their tool calls), completion_tokens the sum over the choices of the answer.
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
};

// What differs from one reply to the next by nature.
struct Stamp {
  int64_t created = 0;  // seconds since the epoch
  std::string
      id;  // appended to the prefix of every id: "chatcmpl-<id>", "req_<id>", "call_<id>..."
};

struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>>
      headers;       // besides content-type and content-length
  std::string body;  // of a unary reply
  std::vector<std::string>
      events;  // of a stream: whole server-sent events, each to be sent by a write of its own
  bool streams() const { return !events.empty(); }
};

struct Options {
  std::string required_key;         // when not empty, other bearers get a 401
  std::vector<std::string> models;  // what GET /v1/models lists; any other name is answered as well
};

// The models that the embedded provider lists unless told otherwise.
std::vector<std::string> default_models();

Reply answer(const Request& request, const Options& options, const Stamp& stamp);

// An error in the provider's shape, for what fails before there is a request to answer.
Reply error_reply(unsigned status, std::string_view message, std::string_view code = {},
                  std::string_view param = {});

// Plain text for --help: the phrases that a prompt can hold, and what each does.
const char* prompt_help();

}  // namespace aigw::mock
