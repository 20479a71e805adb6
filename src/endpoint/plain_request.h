// A JSON request of an endpoint that is no conversation, read for what the gateway needs: the
// model, whether the answer comes as a stream, and what an endpoint asks of its members before
// anything is sent. Sources of the members: OpenAI API reference; vLLM, "Tokenizer API"; Cohere API
// reference, "Rerank v2"; Anthropic API reference, "Count tokens".
#pragma once

#include "endpoint/table.h"
#include "scan/request_scan.h"

namespace aigw::endpoint {

class PlainRequest : public scan::RequestScan {
 public:
  explicit PlainRequest(EndpointKind kind);

  // As RequestScan's. Of a tokenize request exactly one of prompt and messages has to be there, and
  // continue_final_message excludes add_generation_prompt, which is true where it is not said.
  Result<void> finish(Arena& arena);

  bool stream() const { return stream_; }

 private:
  Result<void> check_tokenize() const;
  Result<void> check_rerank() const;

  EndpointKind kind_;
  bool stream_ = false;
};

}  // namespace aigw::endpoint
