// Google's two ways of serving models: Vertex AI, which names project and location in the path and
// takes an access token, and the Gemini API, which takes a key.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"
#include "host/common.h"

namespace aigw::host::gcp {

// What is asked of a model, as it stands behind the colon of a path.
inline constexpr Bytes kGenerate = "generateContent";
inline constexpr Bytes kStreamGenerate = "streamGenerateContent";
inline constexpr Bytes kRawPredict = "rawPredict";
inline constexpr Bytes kStreamRawPredict = "streamRawPredict";
inline constexpr Bytes kCountTokens = "countTokens";
inline constexpr Bytes kEmbedContent = "embedContent";
inline constexpr Bytes kPredict = "predict";

// The name in the place of a model that counts the tokens of Anthropic's.
inline constexpr Bytes kAnthropicCounter = "count-tokens";

// An Anthropic model as that counter knows it: without the "@default" or "@latest" behind it.
Bytes counted_model(Bytes model);

// In a query: a stream of server-sent events instead of a JSON array.
inline constexpr Bytes kEvents = "alt=sse";

// "/v1/projects/{project}/locations/{region}/publishers/{publisher}/models/{model}:{action}".
// Regions are those of Vertex, "global" too. Fails where the backend has no project or region, which
// it has from its gcp credential.
Result<std::string> vertex_path(const config::Backend& backend, Bytes publisher, Bytes model,
                                Bytes action);

// "/{prefix}/models/{model}:{action}": the prefix of the backend's schema, without a slash at either
// end, "v1beta" where it is empty.
std::string gemini_path(const config::Backend& backend, Bytes model, Bytes action);

// The Gemini API's header for a key.
inline constexpr CredentialHeader kKey{"x-goog-api-key", ""};

}  // namespace aigw::host::gcp
