// How the document spells the enumerations of names.h, in their order.
#pragma once

#include <array>
#include <iterator>

#include "config/names.h"

namespace aigw::config {

inline constexpr std::array<Bytes, kSchemaNames> kSchemaWords{
    "OpenAI",       "Cohere",    "AWSBedrock",   "AzureOpenAI", "GCPVertexAI",
    "GCPAnthropic", "Anthropic", "AWSAnthropic", "GeminiAPI",   "OpenAIChat",
    "OpenAIResponses"};

// The services, in the order of their enumeration, without none.
struct ServiceWord {
  Bytes word;
  SchemaName schema;
};
inline constexpr ServiceWord kServiceWords[] = {
#define AIGW_SERVICE(id, word, schema) {word, SchemaName::schema},
#include "config/services.def"
#undef AIGW_SERVICE
};

// What a document may name as a schema: first the schemas, then the services.
inline constexpr auto kSchemaOrServiceWords = [] {
  std::array<Bytes, kSchemaNames + std::size(kServiceWords)> all;
  for (size_t i = 0; i < kSchemaNames; ++i) all[i] = kSchemaWords[i];
  for (size_t i = 0; i < std::size(kServiceWords); ++i) all[kSchemaNames + i] = kServiceWords[i].word;
  return all;
}();

inline constexpr std::array<Bytes, kAuthKinds> kAuthWords{
    "none", "apiKey", "azureAPIKey", "azure", "anthropicAPIKey", "gcp", "aws"};

inline constexpr std::array<Bytes, kCostTypes> kCostWords{
    "OutputToken", "InputToken",     "CachedInputToken", "CacheCreationInputToken",
    "TotalToken",  "ReasoningToken", "CEL"};

}  // namespace aigw::config
