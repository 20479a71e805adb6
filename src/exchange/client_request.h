// The client's request as it is scanned, in whichever dialect the endpoint speaks.
#pragma once

#include <variant>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "dialect/anthropic/request.h"
#include "dialect/bedrock_converse/request.h"
#include "dialect/gemini/request.h"
#include "dialect/openai_chat/request.h"
#include "dialect/openai_responses/request.h"
#include "endpoint/form_request.h"
#include "endpoint/plain_request.h"
#include "endpoint/table.h"
#include "json/patch.h"

namespace aigw::exchange {

class ClientRequest {
 public:
  // Before the first byte.
  void open(const endpoint::Endpoint& endpoint);
  // The same for the kinds of endpoint whose requests say more in their headers: a form's boundary, or the model in the
  // path, whose view outlives the request.
  void open_form(endpoint::EndpointKind kind, Bytes boundary);
  void open_path(const dialect::gemini::RequestPath& path);
  void open_converse(Bytes model, bool stream);

  // See openai_chat::Request, which the others are like.
  Result<void> feed(Bytes piece);
  Result<void> finish(Arena& arena);
  Bytes model() const;
  bool stream() const;
  // Whether a stream goes to the client as server-sent events; otherwise as one JSON array.
  bool streams_events() const;
  // Puts `model` in the place of the model. What is written stands in `arena`, which outlives the patches.
  void patch_model(Bytes model, Arena& arena, json::PatchList& patches) const;
  // Does nothing for a dialect whose streams always report usage.
  void patch_include_usage(json::PatchList& patches) const;

 private:
  std::variant<std::monostate, dialect::openai_chat::Request, dialect::openai_responses::Request,
               dialect::anthropic::Request, dialect::gemini::Request, dialect::bedrock_converse::Request,
               endpoint::PlainRequest, endpoint::FormRequest>
      request_;
};

}  // namespace aigw::exchange
