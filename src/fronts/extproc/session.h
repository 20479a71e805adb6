// One stream of Envoy's external processing protocol, message by message and without gRPC around
// it.
//
// Envoy opens two kinds for a request, and only what the first message carries tells them apart.
// The router filter's stream brings the client's request (headers, then the whole body) and the
// answer on its way back. An upstream filter's stream brings the request headers of one attempt,
// together with attributes that say which backend Envoy has picked; it is answered with the headers
// and the body for that backend. The router's stream names the exchange in the header
// x-ai-eg-internal-req-id, by which an attempt's stream finds it.
#pragma once

#include <grpcpp/support/status.h>

#include <memory>

#include "fronts/extproc/gateway.h"
#include "fronts/extproc/wire.h"

namespace aigw::extproc {

class Session {
 public:
  // Both must be called for each stream: destroying a session ends its part of the exchange.
  static std::unique_ptr<Session> open(Gateway& gateway, const pb::ProcessingRequest& first);
  virtual ~Session() = default;

  // Answers one message of the stream, the first one included. Where the status is not OK, the
  // stream ends with it, after `response` if that says something. May take the body out of
  // `request`.
  virtual grpc::Status on_message(pb::ProcessingRequest& request,
                                  pb::ProcessingResponse& response) = 0;
};

// The pieces that both kinds share.
grpc::Status violation(const char* what);
void write_reply(const exchange::LocalReply& reply, pb::ProcessingResponse& response);

// Envoy's dynamic metadata, in the namespace that its filters are told to take.
class Metadata final : public exchange::MetadataSink {
 public:
  explicit Metadata(pb::ProcessingResponse& response) : response_(response) {}
  void number(Bytes key, double value) override;
  void text(Bytes key, Bytes value) override;

 private:
  google::protobuf::Value& slot(Bytes key);
  pb::ProcessingResponse& response_;
};

class StringSink final : public ByteSink {
 public:
  void append(Bytes piece) override { text.append(piece); }
  std::string text;
};

std::unique_ptr<Session> open_router_session(Gateway& gateway);
std::unique_ptr<Session> open_attempt_session(Gateway& gateway);

// Under which name Envoy sends attributes.
inline constexpr const char* kAttributes = "envoy.filters.http.ext_proc";

// The text of an attribute; empty where it is not there.
Bytes attribute(const pb::ProcessingRequest& request, const char* name);

}  // namespace aigw::extproc
