// The answer of one attempt on its way to the client.
//
// In the splice lane the provider's bytes pass as they are while an observer reads usage and model. Three things
// are added: a unary answer is held back (up to limits::response_hold_max) so that an attempt which dies half-way
// can still be retried; gzip is decoded for a client that did not ask for it; an error that is not JSON is wrapped
// into the client's dialect.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "dialect/openai_chat/observer.h"
#include "exchange/effects.h"
#include "http/header_map.h"
#include "wire/content_coding.h"

namespace aigw::exchange {

class Exchange;

class Response {
 public:
  // `exchange` must outlive the response.
  explicit Response(Exchange& exchange) : exchange_(exchange) {}
  Response(const Response&) = delete;
  Response& operator=(const Response&) = delete;

  // `hold` or `proceed`.
  Step on_headers(http::HeaderMap& response, bool end_stream);

  // See Attempt::on_response_body.
  Result<BodyStep> on_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out);

 private:
  void open_coding(http::HeaderMap& response);
  void open_observer(Bytes content_type);
  Result<void> decode(Slices body, bool end_stream, ByteSink* out);
  BodyStep wrap_error(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out);

  Exchange& exchange_;
  std::unique_ptr<dialect::openai_chat::Observer> observer_;
  std::optional<wire::Inflater> inflater_;
  bool replace_decoded_ = false;  // the client gets the decoded bytes
  bool wrap_ = false;             // the body becomes the text of an error
  bool holding_ = false;
  uint64_t held_ = 0;
  std::string error_text_;
};

}  // namespace aigw::exchange
