// How the document spells the enumerations of names.h, in their order.
#pragma once

#include <array>

#include "config/names.h"

namespace aigw::config {

inline constexpr std::array<Bytes, kSchemaNames> kSchemaWords{
    "OpenAI",       "Cohere",    "AWSBedrock",   "AzureOpenAI", "GCPVertexAI",
    "GCPAnthropic", "Anthropic", "AWSAnthropic", "GeminiAPI",   "OpenAIChat",
    "OpenAIResponses"};

inline constexpr std::array<Bytes, kAuthKinds> kAuthWords{
    "none", "apiKey", "azureAPIKey", "azure", "anthropicAPIKey", "gcp", "aws"};

inline constexpr std::array<Bytes, kCostTypes> kCostWords{
    "OutputToken", "InputToken",     "CachedInputToken", "CacheCreationInputToken",
    "TotalToken",  "ReasoningToken", "CEL"};

}  // namespace aigw::config
