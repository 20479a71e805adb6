#include "fronts/extproc/session.h"

#include "fronts/extproc/headers.h"

namespace aigw::extproc {
namespace {

constexpr const char* kNamespace = "io.envoy.ai_gateway";

// Marks a reply as ours in Envoy's response code details.
constexpr const char* kReplyDetails = "ai_gateway_reply";

}  // namespace

std::unique_ptr<Session> Session::open(Gateway& gateway, const pb::ProcessingRequest& first) {
  // The router's filter sends attributes too, but never with what comes first of a request that it has seen.
  const bool of_router = first.attributes().empty() || first.has_response_headers();
  return of_router ? open_router_session(gateway) : open_attempt_session(gateway);
}

grpc::Status violation(const char* what) { return {grpc::StatusCode::INVALID_ARGUMENT, what}; }

void write_reply(const exchange::LocalReply& reply, pb::ProcessingResponse& response) {
  pb::ImmediateResponse& immediate = *response.mutable_immediate_response();
  immediate.mutable_status()->set_code(reply.status);
  set_header(*immediate.mutable_headers(), "content-type", "application/json");
  if (!reply.allow.empty()) set_header(*immediate.mutable_headers(), "allow", reply.allow);
  if (!reply.aws_type.empty()) set_header(*immediate.mutable_headers(), "x-amzn-errortype", reply.aws_type);
  immediate.set_body(reply.body);
  immediate.set_details(kReplyDetails);
}

google::protobuf::Value& Metadata::slot(Bytes key) {
  google::protobuf::Value& ours =
      (*response_.mutable_dynamic_metadata()->mutable_fields())[kNamespace];
  return (*ours.mutable_struct_value()->mutable_fields())[std::string(key)];
}

void Metadata::number(Bytes key, double value) { slot(key).set_number_value(value); }

void Metadata::text(Bytes key, Bytes value) {
  slot(key).set_string_value(value.data(), value.size());
}

Bytes attribute(const pb::ProcessingRequest& request, const char* name) {
  const auto ours = request.attributes().find(kAttributes);
  if (ours == request.attributes().end()) return {};
  const auto field = ours->second.fields().find(name);
  return field == ours->second.fields().end() ? Bytes() : Bytes(field->second.string_value());
}

}  // namespace aigw::extproc
