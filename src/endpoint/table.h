// THE table of endpoints: which path is which endpoint, how it is called, and which dialect its
// clients speak.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::endpoint {

enum class EndpointKind : uint8_t {
  chat_completions,
  responses,
  completions,
  embeddings,
  input_tokens,
  image_generations,
  image_edits,
  speech,
  transcriptions,
  translations,
  tokenize,
  rerank,
  messages,
  count_tokens,
  generate_content,
  converse,
  models,
};

// The wire language that a client of an endpoint speaks: its errors are written in it.
enum class Dialect : uint8_t { openai, responses, anthropic, cohere, gemini, converse };

// What a request of an endpoint carries. One without a body is answered by the gateway at once.
enum class RequestBody : uint8_t { none, json, form };

struct Endpoint {
  EndpointKind kind;
  Bytes name;        // the path without prefixes, for messages: "/v1/chat/completions"
  Bytes method;      // the one method that it takes
  Dialect dialect;   // of its clients
  RequestBody body;  // form: multipart/form-data
};

// Whether an endpoint is one of conversations, whose requests the hub can translate.
constexpr bool is_conversation(EndpointKind kind) {
  return kind == EndpointKind::chat_completions || kind == EndpointKind::responses ||
         kind == EndpointKind::messages || kind == EndpointKind::generate_content || kind == EndpointKind::converse;
}

// The name of an endpoint, as in Endpoint::name; that of models is OpenAI's.
Bytes name_of(EndpointKind kind);

// The peer's path flags (its facts, 2.1): a path is root prefix + vendor prefix + name.
struct Prefixes {
  std::string root = "/";
  std::string openai = "/";
  std::string cohere = "/cohere";
  std::string anthropic = "/anthropic";
  std::string gemini = "/";
  std::string bedrock = "/";
};

// What a path says besides which endpoint it is: of endpoints that have the model there.
struct PathParts {
  Bytes model;  // as it stands in the path, escaped; a view of it
  bool stream = false;
};

// Reads the peer's `endpointPrefixes` form, "openai:/,cohere:/cohere"; absent keys keep their
// default.
Result<Prefixes> parse_prefixes(Bytes root, Bytes endpoint_prefixes);

class Table {
 public:
  explicit Table(const Prefixes& prefixes);

  // The endpoint at `path` (without a query), or null. Lives as long as the table.
  const Endpoint* find(Bytes path) const { return find(path, nullptr); }
  // The same, and what else the path says; `parts` may be null.
  const Endpoint* find(Bytes path, PathParts* parts) const;

  // The dialect in which an error for an unknown path is written: that of the vendor whose prefix
  // it carries.
  Dialect dialect_of_unknown(Bytes path) const;

 private:
  std::map<std::string, Endpoint, std::less<>> by_path_;
  std::string anthropic_prefix_;
  std::string cohere_prefix_;
  std::string gemini_prefix_;
  std::string bedrock_prefix_;
};

}  // namespace aigw::endpoint
