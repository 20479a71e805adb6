// Which of Anthropic's beta features Bedrock knows. It takes them in the body, and refuses a request
// that names another one.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace aigw::host::aws {

// The features of a header `anthropic-beta`, a list with commas, that Bedrock knows, each once and
// under Bedrock's name (the peer's facts, 4.9). The views are of static text.
std::vector<Bytes> known_betas(Bytes header);

}  // namespace aigw::host::aws
