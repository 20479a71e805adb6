// `aigw translate`: a message through one cell of the matrix, by the same exchange and attempt that
// serve traffic. Nothing is sent, and there is no credential, so none can show.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "config/names.h"
#include "endpoint/table.h"

namespace aigw::cli {

enum class Direction : uint8_t {
  request,   // the client's request, as the provider gets it
  response,  // the provider's whole answer, as the client gets it
  stream,    // the same of a stream; Bedrock's is an AWS event stream
  error,     // the body of a provider's error, as the client gets it
};

struct TranslateOptions {
  endpoint::EndpointKind from = endpoint::EndpointKind::chat_completions;
  config::SchemaName to = config::SchemaName::openai;
  Direction direction = Direction::request;
  uint16_t status = 200;  // the provider's; of an error 400 or above
  // The provider is asked for it; "" = the one in the request. Clients of Gemini and of Converse name
  // it in their path, which says this, or `model`.
  std::string model;
  bool streams = false;  // a request of those clients asks for a stream, which their path says too
  // What a client of messages asks for, "" = 2023-06-01. From others it is what an Anthropic backend
  // is asked for, unless backend_version says that.
  std::string anthropic_version;
  // The backend's schema.version: Azure's api-version, or the version that an Anthropic backend is
  // always asked for.
  std::string backend_version;
};

struct Translated {
  std::string start;    // "POST /v1/messages" or "200"
  std::string headers;  // "name: value" lines, pseudo-headers left out
  std::string body;
  std::string dropped;   // what had no home in the target, ", " between; "" for nothing
  bool refused = false;  // the gateway itself answered; start, headers and body are that answer
};

// Fails where there is no such cell.
Result<Translated> translate(const TranslateOptions& options, Bytes input);

}  // namespace aigw::cli
