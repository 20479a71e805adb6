// The gateway documents of an `aigw run` without a file, as JSON text for config/load.h, so that
// they are checked and completed by the rules that hold for everybody's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/address.h"

namespace aigw::control {

// Looks up an environment variable; "" where it is not set.
using Variables = std::function<std::string(const char*)>;

struct EnvironmentDocument {
  // "" where the environment names no provider. Holds the AWS credentials as a literal, when there
  // are some: it is for the loader alone. Other keys stay references to their variables.
  std::string text;
  // Providers that are half named, and what they lack; for people, without any value.
  std::vector<std::string> notes;
};

// A backend for each provider that the variables name, and what goes where:
//
//   ANTHROPIC_API_KEY (ANTHROPIC_BASE_URL)          anthropic   claude-*
//   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY        bedrock     model ids with a vendor or a region
//     (AWS_SESSION_TOKEN), AWS_REGION or                        in front, and ARNs
//     AWS_DEFAULT_REGION
//     (AWS_ENDPOINT_URL_BEDROCK_RUNTIME)
//   OPENAI_API_KEY or OPENAI_BASE_URL               openai      every other model
//     (OPENAI_ORG_ID, OPENAI_PROJECT_ID)
//   AZURE_OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT,    azure       the same where there is no openai,
//     OPENAI_API_VERSION                                        and what fails there
//
// One provider alone gets every model.
EnvironmentDocument document_of_environment(const Variables& variables);

// The embedded provider, which listens at `provider`, as all of them, each in its own language:
// backends "embedded" (OpenAI), "embedded-anthropic" and "embedded-bedrock", routed as above.
std::string embedded_document(const Address& provider);

}  // namespace aigw::control
