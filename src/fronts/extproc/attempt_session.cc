// The stream of an upstream filter: one message, the headers of one attempt.
#include "fronts/extproc/headers.h"
#include "fronts/extproc/session.h"

namespace aigw::extproc {
namespace {

using pb::CommonResponse;

// The names under which the peer's control plane makes Envoy send what it has picked.
constexpr const char* kHostBackend =
    "xds.upstream_host_metadata.filter_metadata['aigateway.envoy.io']['per_route_rule_backend_name'"
    "]";
constexpr const char* kClusterBackend =
    "xds.cluster_metadata.filter_metadata['aigateway.envoy.io']['per_route_rule_backend_name']";
constexpr const char* kUpstreamHost =
    "xds.upstream_host_metadata.filter_metadata['aigateway.envoy.io']['upstream_host']";
constexpr const char* kRouteName =
    "xds.route_metadata.filter_metadata['aigateway.envoy.io']['aigw_route_name']";

// Host metadata, then cluster metadata; the cluster's alone where an endpoint picker has chosen the
// host.
exchange::Pick read_pick(const pb::ProcessingRequest& request, http::HeaderMap& headers) {
  exchange::Pick pick;
  if (!headers.get("x-gateway-destination-endpoint"))
    pick.backend = attribute(request, kHostBackend);
  if (pick.backend.empty()) pick.backend = attribute(request, kClusterBackend);
  pick.upstream_host = attribute(request, kUpstreamHost);
  pick.route_name = attribute(request, kRouteName);
  return pick;
}

// The request's dynamic metadata, of the namespaces that Envoy is told to forward.
class ForwardedMetadata final : public exchange::RequestMetadata {
 public:
  explicit ForwardedMetadata(const pb::ProcessingRequest& request)
      : namespaces_(request.metadata_context().filter_metadata()) {}

  std::optional<Secret> text(Bytes name_space, Bytes key) override {
    const google::protobuf::Value* value = find(name_space, key);
    return value == nullptr ? std::nullopt : text_of(*value);
  }
  std::optional<Secret> member(Bytes name_space, Bytes key, Bytes member) override {
    const google::protobuf::Value* value = find(name_space, key);
    if (value == nullptr || !value->has_struct_value()) return std::nullopt;
    const auto& members = value->struct_value().fields();
    const auto found = members.find(std::string(member));
    return found == members.end() ? std::nullopt : text_of(found->second);
  }

 private:
  static std::optional<Secret> text_of(const google::protobuf::Value& value) {
    if (value.kind_case() != google::protobuf::Value::kStringValue) return std::nullopt;
    return Secret(value.string_value());
  }
  const google::protobuf::Value* find(Bytes name_space, Bytes key) const {
    const auto space = namespaces_.find(std::string(name_space));
    if (space == namespaces_.end()) return nullptr;
    const auto value = space->second.fields().find(std::string(key));
    return value == space->second.fields().end() ? nullptr : &value->second;
  }

  const google::protobuf::Map<std::string, google::protobuf::Struct>& namespaces_;
};

class AttemptSession final : public Session {
 public:
  explicit AttemptSession(Gateway& gateway) : gateway_(gateway) {}

  grpc::Status on_message(pb::ProcessingRequest& request,
                          pb::ProcessingResponse& response) override {
    if (exchange_ != nullptr || !request.has_request_headers()) {
      return violation("an attempt's stream carries its request headers and nothing else");
    }
    Headers headers(std::move(*request.mutable_request_headers()->mutable_headers()));
    exchange_ = gateway_.find(headers);
    if (exchange_ == nullptr) {
      gateway_.sight().count(observe::Family::without_exchange,
                             observe::Labels().add("reason", "no_exchange"));
      const char* what =
          headers.get(kInternalId)
              ? "the router filter has no request open under this internal request ID"
              : "missing internal request ID header from router filter";
      return {grpc::StatusCode::INTERNAL, what};
    }
    std::lock_guard<std::mutex> lock(exchange_->strand);
    if (!exchange_->routed || exchange_->answered)
      return violation("the request is not waiting for an attempt");
    exchange_->attempt.reset();  // the one before it has failed
    exchange_->attempt = std::make_unique<exchange::Attempt>(exchange_->exchange);
    exchange::Pick pick = read_pick(request, headers);
    ForwardedMetadata metadata(request);
    pick.metadata = &metadata;
    start(pick, headers, response);
    return grpc::Status::OK;
  }

 private:
  void start(const exchange::Pick& pick, Headers& headers, pb::ProcessingResponse& response) {
    exchange::Attempt& attempt = *exchange_->attempt;
    if (attempt.start(headers, pick) == exchange::Step::reply) return refuse(response);
    StringSink body;
    const bool edits_body = attempt.edits_body();
    if (edits_body) {
      const Bytes whole = exchange_->body;
      const exchange::BodyStep step =
          attempt.on_request_body(headers, Slices(&whole, 1), true, body);
      if (step.piece == exchange::BodyStep::Piece::fail) return refuse(response);
    }
    Metadata metadata(response);
    CommonResponse& common = *response.mutable_request_headers()->mutable_response();
    // The next attempt is known by it, so no backend may have it removed.
    if (headers.get(kRequestId) != exchange_->request_id)
      headers.set(kRequestId, exchange_->request_id);
    headers.take_edits(common);
    note_edits(common.header_mutation());
    if (edits_body) {
      // Envoy takes off the length of a body that is replaced; a filter behind this one sets it
      // from the metadata.
      metadata.number("content_length", static_cast<double>(body.text.size()));
      common.set_status(CommonResponse::CONTINUE_AND_REPLACE);
      common.mutable_body_mutation()->set_body(std::move(body.text));
    }
    const Bytes backend = exchange_->exchange.answer().backend_name;
    if (!backend.empty()) metadata.text("backend_name", backend);
  }

  void note_edits(const pb::HeaderMutation& edits) {
    for (const std::string& name : edits.remove_headers()) exchange_->left[name].reset();
    for (const pb::HeaderValueOption& option : edits.set_headers()) {
      if (option.append_action() != pb::HeaderValueOption::OVERWRITE_IF_EXISTS_OR_ADD) continue;
      exchange_->left[option.header().key()] = option.header().raw_value();
    }
  }

  void refuse(pb::ProcessingResponse& response) {
    exchange_->replied = true;
    write_reply(exchange_->attempt->reply(), response);
  }

  Gateway& gateway_;
  std::shared_ptr<OpenExchange> exchange_;
};

}  // namespace

std::unique_ptr<Session> open_attempt_session(Gateway& gateway) {
  return std::make_unique<AttemptSession>(gateway);
}

}  // namespace aigw::extproc
