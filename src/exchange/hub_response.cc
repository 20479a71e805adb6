// The hub lane: the provider's answer is decoded into events, and the client's dialect is written from them.
//
// A stream is translated event by event: what an event lets us say is out before the next byte is read, and its
// headers go on at once. A whole answer and an error are gathered (up to limits::hub_answer_max) with the headers held,
// so that an attempt that dies half-way, or a 200 that turns out to be an error or no answer, can still be retried.
//
// The direct lane's answers, which are no conversation's, are such whole ones.
#include <optional>
#include <string>

#include "base/limits.h"
#include "chat/fold.h"
#include "chat/freeform/answer.h"
#include "endpoint/direct.h"
#include "exchange/client_answer.h"
#include "exchange/errors.h"
#include "exchange/exchange.h"
#include "exchange/provider.h"
#include "exchange/response.h"
#include "http/media_type.h"
#include "wire/content_coding.h"

namespace aigw::exchange {
namespace {

// Notes usage, model and what ends the answer too early as they pass, and hands every event on, up to the one
// that ends it: what comes behind that breaks the rules of whoever takes events, and a provider must not be able to.
class Tap final : public chat::EventSink {
 public:
  Tap(Exchange::Answer& answer, chat::EventSink& next) : answer_(answer), next_(next) {}
  void on_event(const chat::Event& event) override {
    if (over_) return;
    over_ = std::holds_alternative<chat::event::Done>(event) || std::holds_alternative<chat::event::Fault>(event);
    if (const auto* report = std::get_if<chat::event::UsageReport>(&event)) answer_.usage.merge(report->usage);
    if (const auto* fault = std::get_if<chat::event::Fault>(&event)) note_fault(*fault, answer_);
    if (const auto* start = std::get_if<chat::event::Start>(&event)) {
      if (!start->model.empty()) answer_.model = start->model;
    }
    next_.on_event(event);
  }

 private:
  Exchange::Answer& answer_;
  chat::EventSink& next_;
  bool over_ = false;
};

// Where the SDKs of a dialect look for the name of a request. Gemini's look nowhere.
Bytes request_id_header(endpoint::Dialect dialect) {
  switch (dialect) {
    case endpoint::Dialect::anthropic:
      return "request-id";
    case endpoint::Dialect::converse:
      return "x-amzn-requestid";
    case endpoint::Dialect::openai:
    case endpoint::Dialect::responses:
      return "x-request-id";
    case endpoint::Dialect::gemini:
    case endpoint::Dialect::cohere:
      break;
  }
  return {};
}

class HubResponse final : public Response {
 public:
  HubResponse(Exchange& exchange, config::SchemaName schema, TextForm text_form)
      : exchange_(exchange),
        schema_(schema),
        text_form_(text_form),
        direct_(!endpoint::is_conversation(exchange.endpoint()->kind)),
        wants_stream_(exchange.request().stream() && !direct_) {}

  Step on_headers(http::HeaderMap& response, bool end_stream) override;
  Result<BodyStep> on_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) override;

 private:
  AnswerForm form() const;
  AnswerContext context() const;
  void name_request(http::HeaderMap& response) const;
  chat::EventSink& before(chat::EventSink& next);
  void open_stream();
  Result<void> take(Bytes decoded);
  Result<void> finish(http::HeaderMap& response);
  Result<void> finish_whole();
  Result<void> finish_direct();
  void finish_folded(chat::Fold& fold);
  void finish_error();
  // What came as a success leaves as an error: its headers are still held.
  void turn_into(uint32_t status, std::string error_body);

  Exchange& exchange_;
  const config::SchemaName schema_;
  const TextForm text_form_;
  const bool direct_;
  const bool wants_stream_;  // the client
  Arena arena_{limits::hub_arena_max(limits::hub_answer_max)};
  chat::Drops drops_{arena_};
  json::Parser parser_;
  std::optional<wire::Decoder> decoder_;
  std::string request_id_;
  std::string aws_error_type_;
  bool held_ = false;
  bool error_ = false;  // the body is that of an error status
  uint32_t status_ = 0;

  std::string text_;  // a whole answer, as far as it has come
  std::string out_;   // for the client, not handed on yet

  // A stream. The fold stands in for the client's stream where the client asked for a whole answer.
  std::optional<chat::Fold> fold_;
  std::unique_ptr<chat::EventSink> client_;
  std::optional<chat::freeform::FreeformCalls> freeform_calls_;
  std::optional<Tap> tap_;
  std::unique_ptr<ProviderStream> provider_;
};

AnswerForm HubResponse::form() const {
  AnswerForm form{.dialect = exchange_.dialect(),
                  .events = exchange_.request().streams_events(),
                  .source = schema_,
                  .model = exchange_.answer().sent_model,
                  .id = request_id_,
                  .echo = exchange_.answer().request_echo,
                  .namespaces = exchange_.answer().request_namespaces,
                  .now = exchange_.setup().now,
                  .started_ns = exchange_.answer().started_ns,
                  .limit = &exchange_.answer().limit};
  if (exchange_.setup().unix_now != nullptr) form.unix_seconds = exchange_.setup().unix_now();
  return form;
}

AnswerContext HubResponse::context() const {
  AnswerContext context{.schema = schema_, .id = request_id_, .model = exchange_.answer().sent_model};
  context.text_form = text_form_;
  context.salt = exchange_.answer().started_ns;
  return context;
}

Step HubResponse::on_headers(http::HeaderMap& response, bool end_stream) {
  Exchange::Answer& answer = exchange_.answer();
  status_ = answer.status = status_of(response);
  if (end_stream && status_ < 400 && !lacks_body(status_)) return Step::proceed;
  answer.streaming = wants_stream_ && is_success(status_);
  error_ = !is_success(status_);
  const std::string content_type(response.get("content-type").value_or(""));
  request_id_ = response.get("x-amzn-requestid").value_or("");
  aws_error_type_ = response.get("x-amzn-errortype").value_or("");
  std::optional<wire::ContentCoding> coding =
      wire::content_coding(response.get("content-encoding").value_or(""));
  if (coding && *coding != wire::ContentCoding::identity) decoder_.emplace(*coding);
  response.remove("content-encoding");
  name_request(response);
  if (!error_ && !direct_ && !end_stream && is_stream_type(content_type)) open_stream();
  held_ = provider_ == nullptr || fold_.has_value();
  if (held_) return Step::hold;
  response.set("content-type", stream_content_type(form()));
  response.remove("content-length");
  return Step::proceed;
}

// What stands between the provider's events and `next`, if anything does.
chat::EventSink& HubResponse::before(chat::EventSink& next) {
  if (exchange_.answer().freeform_tools.empty()) return next;
  return freeform_calls_.emplace(exchange_.answer().freeform_tools, drops_, next);
}

// The provider's own name for the request stays, where it comes by the client's header.
void HubResponse::name_request(http::HeaderMap& response) const {
  const Bytes header = request_id_header(exchange_.dialect());
  const Bytes id = exchange_.account().request_id();
  if (!header.empty() && !id.empty() && !response.get(header)) response.set(header, id);
}

void HubResponse::open_stream() {
  if (wants_stream_) {
    client_ = open_client_stream(form(), drops_, out_);
    tap_.emplace(exchange_.answer(), before(*client_));
  } else {
    fold_.emplace(arena_);
    tap_.emplace(exchange_.answer(), before(*fold_));
  }
  provider_ = open_provider_stream(context(), parser_, drops_, *tap_);
}

Result<void> HubResponse::take(Bytes decoded) {
  if (provider_) {
    provider_->feed(decoded);
    return {};
  }
  const size_t max = error_ ? limits::error_text_max : limits::hub_answer_max;
  if (!error_ && decoded.size() > max - text_.size()) {
    return Failure{FailureKind::bad_upstream, "the provider's answer is larger than " + std::to_string(max) + " bytes",
                   Limit::hub_answer};
  }
  text_.append(decoded.substr(0, max - text_.size()));
  return {};
}

Result<BodyStep> HubResponse::on_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) {
  for (Bytes piece : body) {
    if (!decoder_) {
      AIGW_TRY(take(piece));
      continue;
    }
    Result<void> taken;
    Result<void> decompressed = decoder_->feed(piece, [&](Bytes decoded) {
      if (taken) taken = take(decoded);
    });
    AIGW_TRY(taken);
    AIGW_TRY(decompressed);
  }
  if (end_stream) AIGW_TRY(finish(response));
  if (held_ && !end_stream) return BodyStep{BodyStep::Piece::replace, true};
  out.append(out_);
  out_.clear();
  return BodyStep{BodyStep::Piece::replace, false};
}

Result<void> HubResponse::finish(http::HeaderMap& response) {
  if (decoder_) AIGW_TRY(decoder_->finish());
  if (error_) {
    finish_error();
  } else if (provider_) {
    provider_->finish();
    if (fold_) finish_folded(*fold_);
  } else if (Result<void> whole = finish_whole(); !whole) {
    const uint32_t status = traits(whole.error().kind).status;
    exchange_.answer().limit = whole.error().limit;
    turn_into(status, error_body(exchange_.dialect(), status, whole.error().message));
  }
  exchange_.note_drops(drops_);
  // The stream that is written for the client may be what ran into a limit.
  Exchange::Answer& answer = exchange_.answer();
  const bool ended_by_limit = wants_stream_ && is_success(status_) && answer.limit != Limit::none && !answer.fault;
  if (ended_by_limit && answer.broken.empty()) answer.broken = "the answer is larger than it may be";
  if (!held_) return {};
  response.set(":status", std::to_string(status_));
  const Bytes aws_type = is_success(status_) ? Bytes() : aws_error_type(exchange_.dialect(), status_);
  if (!aws_type.empty()) response.set("x-amzn-errortype", aws_type);
  const bool stream = wants_stream_ && is_success(status_);
  response.set("content-type", stream ? stream_content_type(form()) : "application/json");
  response.set("content-length", std::to_string(out_.size()));
  return {};
}

// An answer that came whole; written as a stream for a client that asked for one.
Result<void> HubResponse::finish_whole() {
  if (direct_) return finish_direct();
  chat::Fold fold(arena_);
  Tap tap(exchange_.answer(), before(fold));
  AIGW_TRY(decode_whole_answer(context(), text_, parser_, arena_, drops_, tap));
  if (wants_stream_ && !fold.fault()) {
    std::unique_ptr<chat::EventSink> client = open_client_stream(form(), drops_, out_);
    chat::unfold(fold.answer(), *client);
    return {};
  }
  finish_folded(fold);
  return {};
}

Result<void> HubResponse::finish_direct() {
  const Result<json::Value> root = parser_.parse(text_, arena_, FailureKind::bad_upstream);
  if (!root) return unreadable(root.error());
  const endpoint::DirectCell cell{exchange_.endpoint()->kind, schema_, exchange_.answer().sent_model};
  const Result<chat::Usage> usage = endpoint::translate_direct_answer(cell, *root, out_);
  if (!usage) return unreadable(usage.error());
  exchange_.answer().usage.merge(*usage);
  return {};
}

void HubResponse::finish_folded(chat::Fold& fold) {
  if (!fold.fault()) {
    encode_whole_answer(form(), fold.answer(), drops_, out_);
    return;
  }
  turn_into(fold.fault()->status, encode_client_error(exchange_.dialect(), *fold.fault()));
}

void HubResponse::turn_into(uint32_t status, std::string error_body) {
  status_ = status;
  exchange_.answer().status = status;
  out_ = std::move(error_body);
}

void HubResponse::finish_error() {
  chat::event::Fault fault = decode_provider_error(schema_, static_cast<uint16_t>(status_), aws_error_type_, text_,
                                                   parser_, arena_);
  // The peer names this provider so where it counts tokens (its facts, 4.14).
  if (direct_ && fault.type == kGcpFallbackType) fault.type = "GCPAnthropicBackendError";
  out_ = encode_client_error(exchange_.dialect(), fault);
}

}  // namespace

std::unique_ptr<Response> make_hub_response(Exchange& exchange, config::SchemaName schema, TextForm text_form) {
  return std::make_unique<HubResponse>(exchange, schema, text_form);
}

}  // namespace aigw::exchange
