// What is Cohere's about the rerank endpoint.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::endpoint {

// {"message":…}: an error as Cohere's clients get it (Cohere API reference, "Errors").
std::string cohere_error_body(Bytes message);

}  // namespace aigw::endpoint
