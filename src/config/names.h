// The fixed words of the filterapi schema, shared by the document as written and the compiled form.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace aigw::config {

enum class SchemaName : uint8_t {
  openai,
  cohere,
  aws_bedrock,
  azure_openai,
  gcp_vertex_ai,
  gcp_anthropic,
  anthropic,
  aws_anthropic,
  gemini_api,
  // OpenAI serves two conversation languages, and most who serve its API only one of them: these say
  // which. The peer does not know them.
  openai_chat,
  openai_responses,
};
inline constexpr size_t kSchemaNames = 11;

// Who serves the language of a schema under paths of its own; `none` for a schema's own provider.
enum class Service : uint8_t {
  none,
#define AIGW_SERVICE(id, word, schema) id,
#include "config/services.def"
#undef AIGW_SERVICE
};

enum class AuthKind : uint8_t {
  none,
  api_key,
  azure_api_key,
  azure_token,
  anthropic_api_key,
  gcp,
  aws,
};
inline constexpr size_t kAuthKinds = 7;

enum class CostType : uint8_t {
  output_token,
  input_token,
  cached_input_token,
  cache_creation_input_token,
  total_token,
  reasoning_token,
  cel,
};
inline constexpr size_t kCostTypes = 7;

// The word as the document spells it: "OpenAI", "OutputToken"; for a kind of auth the key of its
// block, "apiKey" ("none" for none). The views are of static text.
Bytes to_string(SchemaName name);
Bytes to_string(SchemaName name, Service service);
Bytes to_string(AuthKind kind);
Bytes to_string(CostType type);

}  // namespace aigw::config
