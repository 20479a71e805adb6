// One try at one backend. A retry is a new attempt, made from the original request.
#pragma once

#include <memory>
#include <optional>

#include "base/bytes.h"
#include "config/config.h"
#include "exchange/effects.h"
#include "exchange/exchange.h"
#include "exchange/response.h"
#include "http/header_map.h"
#include "json/patch.h"

namespace aigw::exchange {

// What the carrier picked. Views need to live only during the call.
struct Pick {
  Bytes backend;        // metadata aigateway.envoy.io / per_route_rule_backend_name
  Bytes upstream_host;  // metadata upstream_host: the name that the provider is called by; empty keeps :authority
  Bytes route_name;     // route metadata aigw_route_name; empty when there is none
};

class Attempt {
 public:
  // `exchange` must outlive the attempt.
  explicit Attempt(Exchange& exchange) : exchange_(exchange), patcher_(patches_) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Undoes the previous attempt's header edits and makes its own: path, credentials, content-length.
  // `proceed` or `reply` (see reply()).
  Step start(http::HeaderMap& request, const Pick& pick);

  // The answer to give after a `reply` of this attempt.
  const LocalReply& reply() const { return reply_; }

  // Whether the body has to pass through on_request_body; otherwise it goes on as the client sent it.
  bool edits_body() const { return !patches_.empty(); }

  // The next bytes of the client's body, as the carrier replays them to each attempt.
  BodyStep on_request_body(Slices body, bool end_stream, ByteSink& out);

  // The response, in order. `hold` at headers means: keep them until a body step without hold.
  Step on_response_headers(http::HeaderMap& response, bool end_stream);

  // `body` is what came since the last call. `end_stream`: nothing follows. May edit `response` as long as the
  // headers are held. A piece that fails leaves its error in reply(): the client gets it if the headers are still
  // held, and a cut stream otherwise.
  BodyStep on_response_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out);

 private:
  Step refuse(FailureKind kind, std::string message);
  const config::Backend* find_backend(Bytes name);
  void plan_body(const config::Backend& backend);
  Step edit_headers(http::HeaderMap& request, const config::Backend& backend, Bytes upstream_host);
  Step authenticate(http::HeaderMap& request, const config::Backend& backend);
  void note_time(Slices body);

  Exchange& exchange_;
  json::PatchList patches_;
  json::Patcher patcher_;
  std::unique_ptr<Response> response_;
  LocalReply reply_;
  uint64_t started_ns_ = 0;
};

}  // namespace aigw::exchange
