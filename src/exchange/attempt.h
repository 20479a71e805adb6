// One try at one backend. A retry is a new attempt, made from the original request.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "config/config.h"
#include "endpoint/cells.h"
#include "exchange/credential_override.h"
#include "exchange/effects.h"
#include "exchange/exchange.h"
#include "exchange/provider.h"
#include "exchange/response.h"
#include "http/header_map.h"
#include "json/cursor.h"
#include "json/patch.h"

namespace aigw::exchange {

// What the carrier picked. Views need to live only during the call.
struct Pick {
  Bytes backend;        // metadata aigateway.envoy.io / per_route_rule_backend_name
  Bytes upstream_host;  // metadata upstream_host: the name that the provider is called by; empty keeps :authority
  Bytes route_name;     // route metadata aigw_route_name; empty when there is none
  RequestMetadata* metadata = nullptr;  // the request's; null: none can be read
};

class Attempt {
 public:
  // `exchange` must outlive the attempt.
  explicit Attempt(Exchange& exchange)
      : exchange_(exchange), patcher_(patches_), answer_held_(exchange.setup().budget) {}
  ~Attempt() { exchange_.account().attempt_gone(number_); }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Undoes the previous attempt's header edits and makes its own: path, credentials, content-length. `proceed`, or
  // `hold` where a translated body decides some of them: then the headers wait for a body step without hold; or
  // `reply` (see reply()).
  Step start(http::HeaderMap& request, const Pick& pick);

  // The answer to give after a `reply` or a failed piece of this attempt.
  const LocalReply& reply() const { return reply_; }

  // Whether the body has to pass through on_request_body; otherwise it goes on as the client sent it.
  bool edits_body() const { return waits_for_body() || !patches_.empty(); }

  // Whether it is read whole there, since some headers depend on what becomes of it. Otherwise it may come, and its
  // replacement may go, in pieces of any size.
  bool waits_for_body() const { return translates_request_ || rewrites_body_; }

  // The next bytes of the client's body, as the carrier replays them to each attempt. Edits `request` as long as the
  // headers are held.
  BodyStep on_request_body(http::HeaderMap& request, Slices body, bool end_stream, ByteSink& out);

  // The response, in order. `hold` at headers means: keep them until a body step without hold; one follows, also where
  // `end_stream` says that there is no body.
  Step on_response_headers(http::HeaderMap& response, bool end_stream);

  // `body` is what came since the last call. `end_stream`: nothing follows. May edit `response` as long as the
  // headers are held. A piece that fails leaves its error in reply(): the client gets it if the headers are still
  // held, and a cut stream otherwise.
  BodyStep on_response_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out);

 private:
  Step refuse(const Failure& failure);
  Step refuse(FailureKind kind, std::string message) { return refuse({kind, std::move(message)}); }
  const config::Backend* find_backend(Bytes name);
  void choose_lanes(endpoint::Lane lane, Bytes client_version);
  void plan_patches();
  void edit_headers(http::HeaderMap& request, Bytes upstream_host);
  // Sets content-length and the credential for the body that is sent.
  Result<void> finish_headers(http::HeaderMap& request, uint64_t body_size, Bytes signed_body);
  Result<std::string> path_for(Bytes client_path, endpoint::Lane lane) const;
  Result<void> translate(http::HeaderMap& request, Slices body, ByteSink& out);
  Result<void> encode(Slices body, std::string& out);
  void put_in_envelope(const json::Value& root, std::string& out) const;
  Result<BodyStep> pass_on(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out);
  void note_time(Slices body);

  Exchange& exchange_;
  uint32_t number_ = 0;  // among those of the exchange, from 1; 0: not started
  const config::Backend* backend_ = nullptr;
  bool translates_request_ = false;
  bool translates_response_ = false;
  bool translated_ = false;          // the whole request has been
  bool direct_ = false;              // both, in the direct lane
  bool rewrites_body_ = false;       // the backend has rules for bodies
  bool into_envelope_ = false;       // the client's own body goes into a cloud's envelope
  bool only_signs_ = false;          // the client's own body goes on, and its hash into the signature
  std::vector<Bytes> betas_;         // for it
  TextForm text_form_ = TextForm::plain;
  std::string anthropic_version_;  // of an Anthropic backend
  std::optional<RequestCredential> request_credential_;
  std::string path_;
  json::PatchList patches_;
  json::Patcher patcher_;
  std::string gathered_;  // of a body that is translated and comes in pieces
  std::unique_ptr<Response> response_;
  Charge answer_held_;  // what has come of an answer that waits to be whole
  LocalReply reply_;
  uint64_t started_ns_ = 0;
};

}  // namespace aigw::exchange
