// The stream of the router filter: the client's request, and the answer on its way back.
//
// Envoy buffers the request (headers, then one message with the whole body) and lets it go when the
// body has been answered. The answer's headers are answered with what the rest needs: a stream
// passes piece by piece (a mode override), and everything else comes as one message, whose answer
// may still edit the headers.
#include "fronts/extproc/headers.h"
#include "fronts/extproc/session.h"
#include "http/media_type.h"

namespace aigw::extproc {
namespace {

using exchange::BodyStep;
using exchange::Step;
using pb::CommonResponse;
using pb::ProcessingMode;
using pb::ProcessingRequest;

class RouterSession final : public Session {
 public:
  explicit RouterSession(Gateway& gateway) : gateway_(gateway) {}
  ~RouterSession() override;

  grpc::Status on_message(ProcessingRequest& request, pb::ProcessingResponse& response) override;

 private:
  // What the stream waits for.
  enum class Stage : uint8_t { request, request_body, answer, answer_body, over };

  grpc::Status refused_before(ProcessingRequest& request, pb::ProcessingResponse& response);
  grpc::Status request_headers(ProcessingRequest& request, pb::ProcessingResponse& response);
  grpc::Status request_body(pb::HttpBody& body, pb::ProcessingResponse& response);
  grpc::Status response_headers(ProcessingRequest& request, pb::ProcessingResponse& response);
  grpc::Status response_body(const pb::HttpBody& body, pb::ProcessingResponse& response);

  void answer_headers(bool end, CommonResponse& common, pb::ProcessingResponse& response);
  void want(ProcessingMode::BodySendMode mode, pb::ProcessingResponse& response);
  void shape_carrier_reply(Bytes text, CommonResponse& common);
  void refuse(const exchange::LocalReply& reply, pb::ProcessingResponse& response);
  void finish(pb::ProcessingResponse& response);

  Gateway& gateway_;
  Stage stage_ = Stage::request;
  std::shared_ptr<OpenExchange> open_;
  std::string path_;  // the client's, with its query
  // In which mode the answer's body comes.
  ProcessingMode::BodySendMode mode_ = ProcessingMode::BUFFERED;
  Headers headers_;  // of the answer
  uint32_t carrier_status_ =
      0;  // of an error that Envoy made itself and that gets the client's dialect
};

RouterSession::~RouterSession() {
  if (open_ == nullptr) return;
  if (!open_->request_id.empty()) gateway_.leave(*open_);
  std::lock_guard<std::mutex> lock(open_->strand);
  open_->answered = true;
  exchange::NoMetadata nowhere;
  open_->exchange.finish(nowhere);
  if (const size_t failed = open_->exchange.failed_edits(); failed > 0) {
    gateway_.log(runtime::LogLevel::warning,
                 std::to_string(failed) + " rules for the body did not fit a request to " +
                     std::string(open_->exchange.answer().backend_name));
  }
  if (!open_->exchange.bill().failure.empty()) {
    gateway_.log(runtime::LogLevel::warning, open_->exchange.bill().failure);
  }
  if (!open_->exchange.dropped().empty()) {
    gateway_.log(runtime::LogLevel::debug,
                 "translation dropped " + std::string(open_->exchange.dropped()));
  }
}

grpc::Status RouterSession::on_message(ProcessingRequest& request,
                                       pb::ProcessingResponse& response) {
  switch (request.request_case()) {
    case ProcessingRequest::kRequestHeaders:
      if (stage_ != Stage::request) return violation("request headers came twice");
      return request_headers(request, response);
    case ProcessingRequest::kRequestBody:
      if (stage_ != Stage::request_body)
        return violation("a request body came that was not waited for");
      return request_body(*request.mutable_request_body(), response);
    case ProcessingRequest::kResponseHeaders:
      if (stage_ == Stage::request) return refused_before(request, response);
      if (stage_ != Stage::request_body && stage_ != Stage::answer) {
        return violation("response headers came that were not waited for");
      }
      return response_headers(request, response);
    case ProcessingRequest::kResponseBody:
      // Pieces may have been on their way when the answer was given up.
      if (stage_ != Stage::answer_body && stage_ != Stage::over) {
        return violation("a response body came that was not waited for");
      }
      return response_body(request.response_body(), response);
    case ProcessingRequest::kRequestTrailers:
      response.mutable_request_trailers();
      return grpc::Status::OK;
    case ProcessingRequest::kResponseTrailers:
      response.mutable_response_trailers();
      return grpc::Status::OK;
    case ProcessingRequest::REQUEST_NOT_SET:
      break;
  }
  return violation("a message without a content that this server knows");
}

// A filter in front of this one has answered, for instance to a wrong key.
grpc::Status RouterSession::refused_before(ProcessingRequest& request, pb::ProcessingResponse& response) {
  if (request.has_protocol_config()) mode_ = request.protocol_config().response_body_mode();
  open_ = gateway_.open_exchange();
  open_->exchange.note_refused_path(attribute(request, "request.path"));
  return response_headers(request, response);
}

void RouterSession::refuse(const exchange::LocalReply& reply, pb::ProcessingResponse& response) {
  write_reply(reply, response);
  open_->replied = true;
  stage_ = Stage::over;
}

grpc::Status RouterSession::request_headers(ProcessingRequest& request,
                                            pb::ProcessingResponse& response) {
  if (request.has_protocol_config()) {
    mode_ = request.protocol_config().response_body_mode();
    if (request.protocol_config().request_body_mode() != ProcessingMode::BUFFERED) {
      return {grpc::StatusCode::FAILED_PRECONDITION,
              "request_body_mode of the router filter has to be BUFFERED"};
    }
  }
  Headers headers(std::move(*request.mutable_request_headers()->mutable_headers()));
  open_ = gateway_.open_exchange();
  std::lock_guard<std::mutex> lock(open_->strand);
  switch (open_->exchange.on_request_headers(headers, request.request_headers().end_of_stream())) {
    case Step::reply: {
      refuse(open_->exchange.reply(), response);
      if (open_->exchange.reply().kind != FailureKind::not_found) return grpc::Status::OK;
      response.mutable_immediate_response()->mutable_grpc_status()->set_status(
          grpc::StatusCode::NOT_FOUND);
      return {grpc::StatusCode::NOT_FOUND, "unsupported path"};
    }
    case Step::hold:
      stage_ = Stage::request_body;
      break;
    case Step::proceed:
      stage_ = Stage::answer;
      break;
  }
  path_ = headers.get(":path").value_or("");
  gateway_.enter(headers.get(kRequestId).value_or(""), open_);
  if (headers.get(kRequestId) != open_->request_id) headers.set(kRequestId, open_->request_id);
  headers.set(kInternalId, open_->internal_id);
  headers.take_edits(*response.mutable_request_headers()->mutable_response());
  return grpc::Status::OK;
}

grpc::Status RouterSession::request_body(pb::HttpBody& body, pb::ProcessingResponse& response) {
  std::lock_guard<std::mutex> lock(open_->strand);
  open_->body = std::move(*body.mutable_body());
  const Bytes whole = open_->body;
  exchange::Exchange& exchange = open_->exchange;
  Headers edits;
  Step step = whole.empty() ? Step::hold : exchange.on_request_body(Slices(&whole, 1));
  if (step != Step::reply) step = exchange.on_request_end(edits);
  if (step == Step::reply) {
    refuse(exchange.reply(), response);
    return grpc::Status::OK;
  }
  CommonResponse& common = *response.mutable_request_body()->mutable_response();
  edits.take_edits(common);
  common.set_clear_route_cache(true);
  // For access logs: what the client asked for does not stand in the headers any more once an
  // attempt has edited them.
  Metadata metadata(response);
  metadata.text("original_path", Bytes(path_).substr(0, path_.find('?')));
  metadata.text("request_model", exchange.model());
  open_->routed = true;
  stage_ = Stage::answer;
  return grpc::Status::OK;
}

void RouterSession::want(ProcessingMode::BodySendMode mode, pb::ProcessingResponse& response) {
  stage_ = Stage::answer_body;
  if (mode_ == mode) return;
  response.mutable_mode_override()->set_response_body_mode(mode);
  mode_ = mode;
}

grpc::Status RouterSession::response_headers(ProcessingRequest& request,
                                             pb::ProcessingResponse& response) {
  std::lock_guard<std::mutex> lock(open_->strand);
  headers_ = Headers(std::move(*request.mutable_response_headers()->mutable_headers()));
  const bool end = request.response_headers().end_of_stream();
  // No other attempt follows.
  open_->answered = true;
  std::string().swap(open_->body);
  CommonResponse& common = *response.mutable_response_headers()->mutable_response();
  const Bytes details = attribute(request, "response.code_details");
  const bool carriers =
      open_->attempt == nullptr || (!details.empty() && details != "via_upstream");
  if (open_->replied || carriers) {
    const uint32_t status = exchange::status_of(headers_);
    stage_ = Stage::over;
    if (!open_->replied && status >= 400 &&
        !http::is_json(headers_.get("content-type").value_or(""))) {
      carrier_status_ = status;
      if (end) {
        shape_carrier_reply({}, common);
        common.set_status(CommonResponse::CONTINUE_AND_REPLACE);
      } else {
        want(ProcessingMode::BUFFERED, response);
      }
    } else if (!end) {
      want(ProcessingMode::NONE, response);  // it passes as it is
      stage_ = Stage::over;
    }
  } else {
    answer_headers(end, common, response);
  }
  if (!response.has_immediate_response()) headers_.take_edits(common);
  if (stage_ == Stage::over) finish(response);
  return grpc::Status::OK;
}

void RouterSession::answer_headers(bool end, CommonResponse& common,
                                   pb::ProcessingResponse& response) {
  exchange::Attempt& attempt = *open_->attempt;
  const Step step = attempt.on_response_headers(headers_, end);
  if (!end) {
    // What is no stream is buffered by Envoy in any case, and keeps its content-length so.
    const bool streams = step == Step::proceed && open_->exchange.answer().streaming;
    return want(streams ? ProcessingMode::STREAMED : ProcessingMode::BUFFERED, response);
  }
  stage_ = Stage::over;
  if (step != Step::hold) return;
  // There is no body to wait for: what takes its place goes with the headers.
  StringSink body;
  const BodyStep last = attempt.on_response_body(headers_, {}, true, body);
  if (last.piece == BodyStep::Piece::fail) return refuse(attempt.reply(), response);
  if (body.text.empty()) return;
  common.set_status(CommonResponse::CONTINUE_AND_REPLACE);
  common.mutable_body_mutation()->set_body(std::move(body.text));
}

grpc::Status RouterSession::response_body(const pb::HttpBody& body,
                                          pb::ProcessingResponse& response) {
  CommonResponse& common = *response.mutable_response_body()->mutable_response();
  if (stage_ == Stage::over || open_->replied) return grpc::Status::OK;
  std::lock_guard<std::mutex> lock(open_->strand);
  // A buffered body is whole also where trailers follow it.
  const bool end = body.end_of_stream() || mode_ == ProcessingMode::BUFFERED;
  if (end) stage_ = Stage::over;
  if (carrier_status_ != 0) {
    shape_carrier_reply(body.body(), common);
  } else {
    const Bytes piece = body.body();
    StringSink out;
    const BodyStep step =
        open_->attempt->on_response_body(headers_, Slices(&piece, piece.empty() ? 0 : 1), end, out);
    if (step.piece == BodyStep::Piece::fail) {
      refuse(open_->attempt->reply(), response);
    } else if (step.piece == BodyStep::Piece::replace && out.text.empty()) {
      common.mutable_body_mutation()->set_clear_body(true);
    } else if (step.piece == BodyStep::Piece::replace) {
      common.mutable_body_mutation()->set_body(std::move(out.text));
    }
  }
  // The headers of a body that comes in pieces are gone.
  if (mode_ == ProcessingMode::BUFFERED && response.has_response_body())
    headers_.take_edits(common);
  if (stage_ == Stage::over) finish(response);
  return grpc::Status::OK;
}

void RouterSession::shape_carrier_reply(Bytes text, CommonResponse& common) {
  std::string shaped =
      open_->exchange.shape_carrier_reply(carrier_status_, text.substr(0, limits::error_text_max));
  open_->exchange.set_carrier_reply_headers(carrier_status_, headers_);
  headers_.set("content-length", std::to_string(shaped.size()));
  common.mutable_body_mutation()->set_body(std::move(shaped));
}

void RouterSession::finish(pb::ProcessingResponse& response) {
  Metadata metadata(response);
  open_->exchange.finish(metadata);
}

}  // namespace

std::unique_ptr<Session> open_router_session(Gateway& gateway) {
  return std::make_unique<RouterSession>(gateway);
}

}  // namespace aigw::extproc
