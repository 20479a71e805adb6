// The embedded provider in the Bedrock Converse language.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "mock/chat_request.h"
#include "mock/provider.h"

namespace aigw::mock::converse {

// What a path of the Bedrock runtime asks for. `model` is decoded; "" where the path is another.
struct Path {
  std::string model;
  bool stream = false;
};
Path read_path(std::string_view path);

// The body of a request, or why it is refused (with a 400). Leaves model and stream alone.
std::variant<ChatRequest, std::string> read_request(std::string_view body);

Reply converse_reply(const Request& request, const Path& path, const Stamp& stamp);

// An error in the provider's shape: the header x-amzn-errortype names its type, which follows from
// the status.
Reply error_reply(unsigned status, std::string_view message);

}  // namespace aigw::mock::converse
