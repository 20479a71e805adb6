// The gateway documents of an `aigw run` without a file, as JSON text for config/load.h, so that
// they are checked and completed by the rules that hold for everybody's.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "control/address.h"

namespace aigw::control {

// Looks up an environment variable; "" where it is not set.
using Variables = std::function<std::string(const char*)>;

// What OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_ORG_ID and OPENAI_PROJECT_ID ask for: one backend
// "openai" for every model. The key stays a reference to its variable. Nothing where neither of the
// first two is set.
std::optional<std::string> document_of_environment(const Variables& variables);

// One backend "embedded" for every model: the embedded provider, which listens at `provider`.
std::string embedded_document(const Address& provider);

}  // namespace aigw::control
