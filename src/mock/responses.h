// The embedded provider in the OpenAI responses language. It stores nothing, whatever a request
// says, and has no tools of its own.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "mock/chat_request.h"
#include "mock/provider.h"

namespace aigw::mock::responses {

// A request beyond what shapes the answer in every language.
struct ResponsesRequest {
  ChatRequest chat;
  bool shows_summary = false;  // of its reasoning
  bool encrypts = false;       // gives reasoning that can be given back
  Json settings;               // the members that a response repeats
};

// The request of POST /v1/responses, or the reply that refuses it.
std::variant<ResponsesRequest, Reply> read_request(std::string_view body);

// What stands in the encrypted_content of the reasoning item of that id: it is checked when it
// comes back, as OpenAI does.
std::string encrypted_for(std::string_view item_id);

Reply responses_reply(const Request& request, const Stamp& stamp);

// POST /v1/responses/input_tokens
Reply input_tokens_reply(const Request& request);

}  // namespace aigw::mock::responses
