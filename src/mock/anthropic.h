// The embedded provider in the Anthropic Messages language, in both versions of the API:
// 2026-10-21 and later refuse temperature, top_p and top_k.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "mock/chat_request.h"
#include "mock/provider.h"

namespace aigw::mock::anthropic {

// The request of POST /v1/messages, or why it is refused (with a 400).
std::variant<ChatRequest, std::string> read_request(std::string_view body,
                                                    std::string_view version);

Reply messages_reply(const Request& request, const Stamp& stamp);
Reply models_reply(const Options& options);

// An error in the provider's shape, whose type follows from the status.
Reply error_reply(unsigned status, std::string_view message, const Stamp& stamp);

}  // namespace aigw::mock::anthropic
