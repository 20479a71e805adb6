// The embedded provider's tokens: see openai.h for what counts as one.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace aigw::mock {

// The pieces of `text`, one a token, each with the white space before it; joined they are `text`
// again (white space at the end belongs to the last piece). The views point into `text`. Text
// without a token has no pieces.
std::vector<std::string_view> token_pieces(std::string_view text);

size_t count_tokens(std::string_view text);

}  // namespace aigw::mock
