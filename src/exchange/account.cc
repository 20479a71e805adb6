#include "exchange/account.h"

#include "base/limits.h"
#include "exchange/errors.h"
#include "exchange/exchange.h"
#include "exchange/response.h"

namespace aigw::exchange {
namespace {

using config::SchemaName;
using endpoint::EndpointKind;
using observe::AttemptOutcome;
using observe::RequestOutcome;

// gen_ai.operation.name, as the peer has it (its facts, 6.1); of what it does not serve, as
// OpenTelemetry has it.
Bytes operation_of(EndpointKind kind) {
  switch (kind) {
    case EndpointKind::chat_completions:
    case EndpointKind::converse:
      return "chat";
    case EndpointKind::responses:
      return "responses";
    case EndpointKind::completions:
      return "completion";
    case EndpointKind::embeddings:
      return "embeddings";
    case EndpointKind::input_tokens:
      return "responses_input_tokens";
    case EndpointKind::image_generations:
      return "image_generation";
    case EndpointKind::image_edits:
      return "image_edit";
    case EndpointKind::speech:
      return "speech";
    case EndpointKind::transcriptions:
      return "transcription";
    case EndpointKind::translations:
      return "translation";
    case EndpointKind::tokenize:
      return "tokenize";
    case EndpointKind::rerank:
      return "rerank";
    case EndpointKind::messages:
      return "messages";
    case EndpointKind::count_tokens:
      return "count_tokens";
    case EndpointKind::generate_content:
      return "generate_content";
    case EndpointKind::models:
      break;
  }
  return "models";
}

// gen_ai.provider.name, likewise.
Bytes provider_of(SchemaName schema) {
  switch (schema) {
    case SchemaName::openai:
    case SchemaName::openai_chat:
    case SchemaName::openai_responses:
      return "openai";
    case SchemaName::cohere:
      return "cohere";
    case SchemaName::aws_bedrock:
      return "aws.bedrock";
    case SchemaName::azure_openai:
      return "azure.openai";
    case SchemaName::gcp_vertex_ai:
      return "gcp.vertex_ai";
    case SchemaName::gcp_anthropic:
      return "gcp.anthropic";
    case SchemaName::anthropic:
      return "anthropic";
    case SchemaName::aws_anthropic:
      return "aws.anthropic";
    case SchemaName::gemini_api:
      break;
  }
  return "gcp.gemini";
}

uint64_t between(uint64_t from, uint64_t to) { return to > from ? to - from : 0; }

// Why a request ended so, where nobody has said it. Of a provider's error no more than a word: its text may repeat what
// the client said.
std::string describe_end(const observe::RequestRecord& record, const Exchange::Answer& answer) {
  if (record.outcome == RequestOutcome::error && answer.fault) {
    std::string text = "the provider's ";
    text += answer.streaming ? "stream ended in an error" : "answer is an error";
    if (!answer.fault->empty()) text.append(": ").append(*answer.fault);
    return text;
  }
  if (record.outcome == RequestOutcome::error) return "the provider answered " + std::to_string(record.status);
  if (record.outcome != RequestOutcome::cut) return {};
  return answer.broken.empty() ? "the answer did not come to its end" : answer.broken;
}

}  // namespace

observe::Recorder* Account::recorder() const { return exchange_.setup().recorder; }

uint64_t Account::now() const {
  return exchange_.setup().now != nullptr ? exchange_.setup().now() : 0;
}

Bytes Account::endpoint_name() const {
  return exchange_.endpoint() != nullptr ? exchange_.endpoint()->name : Bytes("unknown");
}

void Account::request_began(http::HeaderMap& request) {
  if (recorder() == nullptr) return;
  began_ = true;
  began_ns_ = now();
  Arena& arena = exchange_.arena();
  request_id_ = arena.copy(request.get("x-request-id").value_or("").substr(0, limits::request_id_max));
  if (const observe::HeaderAttributes* wanted = exchange_.setup().header_attributes) {
    for (const observe::HeaderAttribute& one : *wanted) {
      const Bytes value = request.get(one.header).value_or("");
      values_.push_back(arena.copy(value.substr(0, limits::label_value_max)));
    }
  }
  if (exchange_.setup().tracer != nullptr) begin_trace(request);
  recorder()->request_began(endpoint_name());
}

// The headers of a context are read where the request begins: later a carrier may show edits only.
void Account::begin_trace(http::HeaderMap& request) {
  observe::Tracer& tracer = *exchange_.setup().tracer;
  trace_ = tracer.start([&](Bytes name) { return request.get(name).value_or(""); });
  if (!trace_.sampled || !tracer.keeps_content() || exchange_.endpoint() == nullptr) return;
  if (exchange_.endpoint()->body == endpoint::RequestBody::none) return;  // a list of models says nothing of a client's
  content_ = std::make_unique<ContentCopy>(exchange_.endpoint()->kind, exchange_.setup().budget);
}

void Account::start_trace(http::HeaderMap& request) {
  observe::Tracer* tracer = exchange_.setup().tracer;
  if (tracer == nullptr || recorder() == nullptr) return;
  traced_ = true;
  tracer->inject(trace_, [&](Bytes name, Bytes value) { request.set(name, value); });
}

void Account::refused(const Failure& failure, uint32_t status) {
  if (recorder() == nullptr) return;
  refused_ = true;
  refused_status_ = status != 0 ? status : traits(failure.kind).status;
  refusal_ = failure.kind;
  error_ = failure.message.substr(0, limits::error_shown_max);
  recorder()->refused(endpoint_name(), failure.kind);
  if (failure.limit != Limit::none) recorder()->limited(failure.limit);
}

void Account::answered_locally() { local_ = true; }

void Account::carrier_replied(uint32_t status, Bytes text) {
  carrier_status_ = status;
  error_ = text.substr(0, limits::error_shown_max);
}

void Account::dropped(uint64_t members) {
  if (recorder() != nullptr && members > 0) {
    recorder()->dropped(endpoint_name(), provider_, members);
  }
}

std::vector<observe::Attribute> Account::attributes(bool observe::HeaderAttribute::*use) const {
  std::vector<observe::Attribute> found;
  const observe::HeaderAttributes* wanted = exchange_.setup().header_attributes;
  for (size_t i = 0; i < values_.size(); ++i) {
    const observe::HeaderAttribute& one = (*wanted)[i];
    if (one.*use && !values_[i].empty()) found.push_back({one.name, values_[i]});
  }
  return found;
}

void Account::write_attributes(MetadataSink& metadata) const {
  for (const observe::Attribute& one : attributes(&observe::HeaderAttribute::in_logs)) {
    metadata.text(one.name, one.value);
  }
}

void Account::attempt_begins() {
  close_attempt();
  open_ = true;
  attempt_refused_ = complete_ = false;
  provider_ = {};
  attempt_began_ns_ = now();
  last_event_ns_ = first_byte_ns_ = gone_ns_ = 0;
  if (content_ != nullptr) content_->begin_answer();
  error_.clear();
  outcome_ = AttemptOutcome::no_answer;
}

void Account::attempt_goes_to(SchemaName schema) { provider_ = provider_of(schema); }

void Account::attempt_set_out() {
  if (recorder() != nullptr) recorder()->attempt_began(attempt_record());
}

void Account::attempt_refused(const Failure& failure) {
  if (!open_) return;
  last_event_ns_ = now();
  attempt_refused_ = true;
  refused(failure);
}

void Account::response_headers() { last_event_ns_ = now(); }

void Account::response_piece(bool with_bytes) {
  last_event_ns_ = now();
  if (with_bytes && first_byte_ns_ == 0) first_byte_ns_ = last_event_ns_;
}

void Account::response_complete() { complete_ = true; }

void Account::attempt_gone(uint32_t number) {
  if (finished_ || !open_ || number != exchange_.attempts_started()) return;
  if (gone_ns_ == 0) gone_ns_ = now();
}

void Account::close_attempt() {
  if (!open_) return;
  open_ = false;
  if (recorder() == nullptr) return;
  const Exchange::Answer& answer = exchange_.answer();
  if (answer.limit != Limit::none) recorder()->limited(answer.limit);
  if (attempt_refused_) {
    outcome_ = is_success(answer.status) && answer.streaming ? AttemptOutcome::cut
                                                             : AttemptOutcome::refused;
  } else if (answer.status == 0) {
    outcome_ = AttemptOutcome::no_answer;
  } else if (!is_success(answer.status)) {
    outcome_ = AttemptOutcome::error;
  } else if (!answer.broken.empty()) {
    outcome_ = AttemptOutcome::cut;
  } else if (answer.fault) {
    outcome_ = AttemptOutcome::error;  // clients leave when they have read it
  } else {
    outcome_ = complete_ ? AttemptOutcome::answered : AttemptOutcome::cut;
  }
  // A client that leaves before there is any answer: nothing is known about the provider.
  const bool left =
      outcome_ == AttemptOutcome::no_answer && finished_ && carrier_status_ == 0;
  if (left) outcome_ = AttemptOutcome::cut;
  const uint64_t end = last_event_ns_ != 0 ? last_event_ns_ : gone_ns_ != 0 ? gone_ns_ : now();
  const std::vector<observe::Attribute> attributes =
      this->attributes(&observe::HeaderAttribute::in_metrics);
  observe::AttemptRecord record = attempt_record();
  record.outcome = outcome_;
  record.duration_ns = between(attempt_began_ns_, end);
  record.attributes = attributes;
  recorder()->attempt_ended(record);
}

observe::AttemptRecord Account::attempt_record() const {
  const Exchange::Answer& answer = exchange_.answer();
  observe::AttemptRecord record;
  record.operation = operation_of(exchange_.endpoint()->kind);
  record.provider = provider_;
  record.original_model = exchange_.model();
  record.request_model = answer.sent_model.empty() ? exchange_.model() : answer.sent_model;
  record.response_model = answer.model;
  record.backend = answer.backend_name;
  record.request_id = request_id_;
  record.status = answer.status;
  record.number = exchange_.attempts_started();
  record.streaming = answer.streaming;
  record.usage = answer.usage;
  record.first_byte_ns = answer.first_byte_ns;
  record.last_byte_ns = answer.last_byte_ns;
  if (traced_) record.trace = &trace_;
  return record;
}

observe::RequestRecord Account::request_record() const {
  const Exchange::Answer& answer = exchange_.answer();
  observe::RequestRecord record;
  record.endpoint = endpoint_name();
  if (exchange_.endpoint() != nullptr) record.operation = operation_of(exchange_.endpoint()->kind);
  record.request_id = request_id_;
  record.model = exchange_.model();
  record.backend = answer.backend_name;
  record.provider = provider_;
  record.response_model = answer.model;
  record.route = answer.route_name;
  record.attempts = exchange_.attempts_started();
  record.streaming = answer.streaming;
  record.usage = answer.usage;
  record.status = answer.status;
  record.outcome = RequestOutcome::cut;
  const bool by_attempt = record.attempts > 0;
  if (carrier_status_ != 0) {
    record.outcome = RequestOutcome::carrier;
    record.status = carrier_status_;
  } else if (refused_ && (!by_attempt || outcome_ == AttemptOutcome::refused)) {
    record.outcome = RequestOutcome::refused;
    record.status = refused_status_;
    record.refusal = traits(refusal_).type;
  } else if (local_) {
    record.outcome = RequestOutcome::answered;
    record.status = 200;
  } else if (by_attempt && outcome_ == AttemptOutcome::answered) {
    record.outcome = RequestOutcome::answered;
  } else if (by_attempt && outcome_ == AttemptOutcome::error) {
    record.outcome = RequestOutcome::error;
  }
  return record;
}

void Account::finish(std::span<const observe::Cost> costs, const policy::Bill& bill, size_t failed_edits) {
  if (finished_) return;
  finished_ = true;
  close_attempt();
  if (recorder() == nullptr || !began_) return;
  observe::RequestRecord record = request_record();
  request_outcome_ = record.outcome;
  const std::string error = error_.empty() ? describe_end(record, exchange_.answer()) : error_;
  record.error = Bytes(error).substr(0, limits::error_shown_max);
  if (record.outcome == RequestOutcome::error && exchange_.answer().fault) record.fault = *exchange_.answer().fault;
  record.costs = costs;
  record.failed_edits = failed_edits;
  record.failed_costs = bill.failed_costs;
  record.unpriced = bill.has_prices && !bill.micro_units;
  record.duration_ns = between(began_ns_, now());
  record.first_byte_ns = between(began_ns_, first_byte_ns_);
  const std::vector<observe::Attribute> attributes =
      this->attributes(&observe::HeaderAttribute::in_logs);
  record.attributes = attributes;
  std::vector<observe::Attribute> span_attributes;
  if (traced_ && trace_.sampled) {
    record.trace = &trace_;
    span_attributes = this->attributes(&observe::HeaderAttribute::in_spans);
    record.span_attributes = span_attributes;
    if (content_ != nullptr) {
      record.content = &content_->content();
      record.content->streaming = record.streaming;
    }
  }
  recorder()->request_ended(record);
}

}  // namespace aigw::exchange
