#include "drivers/threads/extproc_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <optional>

namespace aigw::tests {
namespace {

namespace pb = envoy::service::ext_proc::v3;

constexpr std::chrono::seconds kPatience{300};
constexpr const char* kAttributes = "envoy.filters.http.ext_proc";
constexpr const char* kBackend =
    "xds.upstream_host_metadata.filter_metadata['aigateway.envoy.io']['per_route_rule_backend_name'"
    "]";

// Ends a request that goes no further.
struct Stop {
  Carried how;
  std::string problem;
};

void set_headers(pb::HttpHeaders& message, const Headers& headers, bool end) {
  for (const auto& [name, value] : headers) {
    pb::HeaderValue& header = *message.mutable_headers()->add_headers();
    header.set_key(name);
    header.set_raw_value(value);
  }
  message.set_end_of_stream(end);
}

// As Envoy edits: it removes before it sets.
void edit(Headers& headers, const pb::HeaderMutation& edits) {
  const auto erase = [&](const std::string& name) {
    std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  };
  for (const std::string& name : edits.remove_headers()) erase(name);
  for (const pb::HeaderValueOption& option : edits.set_headers()) {
    if (option.append_action() == pb::HeaderValueOption::OVERWRITE_IF_EXISTS_OR_ADD)
      erase(option.header().key());
    headers.emplace_back(option.header().key(), option.header().raw_value());
  }
}

std::string body_of(const pb::BodyMutation& edits, const std::string& original) {
  if (edits.clear_body()) return {};
  return edits.has_body() ? edits.body() : original;
}

class Stream {
 public:
  explicit Stream(ExtprocStub& stub) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    call_ = stub.Process(&context_);
  }
  ~Stream() {
    if (call_ == nullptr) return;
    context_.TryCancel();
    call_->Finish();
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  pb::ProcessingResponse ask(const pb::ProcessingRequest& request) {
    pb::ProcessingResponse response;
    if (!call_->Write(request) || !call_->Read(&response)) {
      const grpc::Status status = call_->Finish();
      call_ = nullptr;
      throw Stop{Carried::broken, "the stream ended: " + std::to_string(status.error_code()) + ' ' +
                                      status.error_message()};
    }
    return response;
  }

  // In order. The server has nothing left to say.
  void end() {
    call_->WritesDone();
    pb::ProcessingResponse more;
    const bool said_more = call_->Read(&more);
    const grpc::Status status = call_->Finish();
    call_ = nullptr;
    if (said_more || !status.ok())
      throw Stop{Carried::broken, "at the end: " + status.error_message()};
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<pb::ProcessingRequest, pb::ProcessingResponse>> call_;
};

class Request {
 public:
  Request(ExtprocStub& stub, const Case& story, std::mt19937& random, bool may_leave,
          Outcome& outcome)
      : stub_(stub), story_(story), random_(random), outcome_(outcome), router_(stub) {
    // The moment at which the client leaves, counted in messages.
    if (may_leave && random_() % 8 == 0) leaves_at_ = 1 + static_cast<int>(random_() % 6);
  }

  void run() {
    if (send_to_router()) {
      for (size_t i = 1; i <= story_.backends.size(); ++i) {
        Stream attempt(stub_);
        if (!send_to_attempt(attempt, i)) return router_.end();
        const Message& answer = story_.upstream_responses.at(i);
        if (answer.status >= 500 && i < story_.backends.size()) continue;  // its stream is cut
        send_answer(answer);
        if (random_() % 2 == 0) attempt.end();
        break;
      }
    }
    router_.end();
  }

 private:
  pb::ProcessingResponse ask(Stream& stream, const pb::ProcessingRequest& request) {
    if (leaves_at_ > 0 && --leaves_at_ == 0) throw Stop{Carried::left, ""};
    return stream.ask(request);
  }

  // False where the gateway has answered instead.
  bool goes_on(const pb::ProcessingResponse& response) {
    if (!response.has_immediate_response()) return true;
    outcome_.status = static_cast<int>(response.immediate_response().status().code());
    outcome_.body = response.immediate_response().body();
    return false;
  }

  bool send_to_router() {
    headers_ = client_headers(story_);
    headers_.emplace_back("x-request-id",
                          std::to_string(random_()) + '-' + std::to_string(random_()));
    pb::ProcessingRequest request;
    set_headers(*request.mutable_request_headers(), headers_, false);
    request.mutable_protocol_config()->set_request_body_mode(pb::ProcessingMode::BUFFERED);
    request.mutable_protocol_config()->set_response_body_mode(pb::ProcessingMode::BUFFERED);
    pb::ProcessingResponse response = ask(router_, request);
    if (!goes_on(response)) return false;
    edit(headers_, response.request_headers().response().header_mutation());

    request.Clear();
    request.mutable_request_body()->set_body(story_.client_request.body);
    request.mutable_request_body()->set_end_of_stream(true);
    response = ask(router_, request);
    if (!goes_on(response)) return false;
    edit(headers_, response.request_body().response().header_mutation());
    return true;
  }

  bool send_to_attempt(Stream& attempt, size_t number) {
    const std::string& backend = story_.backends[number - 1];
    pb::ProcessingRequest request;
    set_headers(*request.mutable_request_headers(), headers_, false);
    google::protobuf::Value name;
    name.set_string_value(backend);
    (*(*request.mutable_attributes())[kAttributes].mutable_fields())[kBackend] = name;
    const pb::ProcessingResponse response = ask(attempt, request);
    if (!goes_on(response)) return false;
    const pb::CommonResponse& common = response.request_headers().response();
    edit(headers_, common.header_mutation());
    outcome_.sent.push_back(
        {backend, headers_, body_of(common.body_mutation(), story_.client_request.body)});
    return true;
  }

  void send_answer(const Message& answer) {
    Headers headers{{":status", std::to_string(answer.status)}};
    for (const HeadLine& line : answer.head) headers.emplace_back(line.name, line.value);
    pb::ProcessingRequest request;
    set_headers(*request.mutable_response_headers(), headers, false);
    const pb::ProcessingResponse response = ask(router_, request);
    if (!goes_on(response)) return;
    outcome_.status = answer.status;
    const bool streams =
        response.mode_override().response_body_mode() == pb::ProcessingMode::STREAMED;
    const size_t piece = streams ? 40 : answer.body.size();
    for (size_t at = 0; at < answer.body.size(); at += piece) {
      const std::string part = answer.body.substr(at, piece);
      request.Clear();
      request.mutable_response_body()->set_body(part);
      request.mutable_response_body()->set_end_of_stream(at + piece >= answer.body.size());
      const pb::ProcessingResponse edited = ask(router_, request);
      if (!goes_on(edited)) return;
      outcome_.body += body_of(edited.response_body().response().body_mutation(), part);
    }
  }

  ExtprocStub& stub_;
  const Case& story_;
  std::mt19937& random_;
  Outcome& outcome_;
  Stream router_;
  Headers headers_;  // one map for all attempts, as Envoy's
  int leaves_at_ = 0;
};

}  // namespace

Carried carry_to_server(ExtprocStub& stub, const Case& story, std::mt19937& random, bool may_leave,
                        Outcome& outcome, std::string& problem) {
  try {
    Request(stub, story, random, may_leave, outcome).run();
    return Carried::whole;
  } catch (const Stop& stop) {
    problem = stop.problem;
    return stop.how;
  }
}

}  // namespace aigw::tests
