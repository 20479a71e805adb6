// The answer of one attempt on its way to the client.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "config/names.h"
#include "exchange/effects.h"
#include "exchange/exchange.h"
#include "exchange/provider.h"
#include "http/header_map.h"

namespace aigw::exchange {

// The status of a response's headers; 0 for one that is not a number.
uint32_t status_of(http::HeaderMap& response);
inline bool is_success(uint32_t status) { return status >= 200 && status < 300; }
// Whether an answer of this status without a body is none: 204 and 205 have none.
inline bool lacks_body(uint32_t status) { return is_success(status) && status != 204 && status != 205; }

// Notes in `answer` how a stream ends that ends in `fault`: by the provider's own error, which stays what was wrong, or
// broken.
void note_fault(const chat::event::Fault& fault, Exchange::Answer& answer);

class Response {
 public:
  virtual ~Response() = default;

  // `hold` or `proceed`. On `hold` a body step follows, also where `end_stream` says that there is no body.
  virtual Step on_headers(http::HeaderMap& response, bool end_stream) = 0;

  // See Attempt::on_response_body.
  virtual Result<BodyStep> on_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) = 0;
};

// The splice lane: the provider's bytes pass as they are, out of the envelope that a cloud puts them in
// (splice_response.cc).
std::unique_ptr<Response> make_splice_response(Exchange& exchange, config::SchemaName schema);

// The hub lane: the answer of a backend of this schema is translated (hub_response.cc).
std::unique_ptr<Response> make_hub_response(Exchange& exchange, config::SchemaName schema, TextForm text_form);

}  // namespace aigw::exchange
