// Log probabilities, which have a form in chat completions that other languages do not share.
#pragma once

#include <string>

#include "json/cursor.h"

namespace aigw::dialect::gemini {

// A `logprobsResult` as the value of chat completions' `logprobs`:
// {"content":[{"token","logprob","top_logprobs":[{"token","logprob"}]}]}.
std::string chat_logprobs(const json::Value& result);

}  // namespace aigw::dialect::gemini
