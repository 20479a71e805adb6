// The embedded provider in the OpenAI chat language.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "mock/chat_request.h"
#include "mock/provider.h"

namespace aigw::mock::openai {

// The request of POST /v1/chat/completions, or the reply that refuses it.
std::variant<ChatRequest, Reply> read_request(std::string_view body);

Reply chat_reply(const Request& request, const Stamp& stamp);
Reply models_reply(const Options& options);
Reply model_reply(std::string_view id, const Options& options);

// An error in the provider's shape.
Reply error_reply(unsigned status, std::string_view message, std::string_view code = {},
                  std::string_view param = {});

}  // namespace aigw::mock::openai
