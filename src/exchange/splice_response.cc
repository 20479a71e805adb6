// The splice lane: the provider's bytes pass as they are while an observer reads usage and model.
//
// Four things are added: a unary answer is held back (up to limits::response_hold_max) so that an attempt which dies
// half-way can still be retried; one that ends inside of its document or of an event, however cleanly, becomes an error
// or a stream that ends in one; a content coding is decoded for a client that did not ask for it; an error that is not
// JSON is wrapped into the client's dialect.
#include <charconv>
#include <optional>
#include <string>

#include "base/limits.h"
#include "dialect/anthropic/error.h"
#include "dialect/anthropic/event.h"
#include "exchange/client_answer.h"
#include "exchange/errors.h"
#include "exchange/exchange.h"
#include "exchange/observer.h"
#include "exchange/response.h"
#include "host/aws/invoke_stream.h"
#include "http/media_type.h"
#include "scan/read.h"
#include "wire/content_coding.h"

namespace aigw::exchange {

uint32_t status_of(http::HeaderMap& response) {
  uint32_t status = 0;
  Bytes text = response.get(":status").value_or("");
  std::from_chars(text.data(), text.data() + text.size(), status);
  return status;
}

void note_fault(const chat::event::Fault& fault, Exchange::Answer& answer) {
  if (fault.limit != Limit::none) answer.limit = fault.limit;
  if (answer.fault) return;
  if (fault.cut) {
    answer.broken = fault.message.empty() ? Bytes("the provider's stream broke off") : fault.message;
  } else {
    answer.fault = scan::error_word(fault.type.empty() ? fault.code : fault.type);
  }
}

namespace {

// Anthropic's events out of AWS's frames, as server-sent events; their JSON stays as it is.
class Unwrapped final : public host::aws::InvokeSink {
 public:
  // `answer`, which outlives it: where is noted what ends the stream.
  explicit Unwrapped(Exchange::Answer& answer) : answer_(answer), frames_(*this) {}

  // What `piece` completes; the view lives until the next call.
  Bytes feed(Bytes piece) {
    out_.clear();
    frames_.feed(piece);
    return out_;
  }
  Bytes finish() {
    out_.clear();
    frames_.finish();
    return out_;
  }

 private:
  void on_event(Bytes event) override { dialect::anthropic::append_event(event, out_); }
  void on_failure(Bytes type, Bytes message, Limit limit) override {
    const chat::event::Fault fault = invoke_fault(type, message, limit);
    note_fault(fault, answer_);
    out_ += "event: error\ndata: ";
    out_ += dialect::anthropic::error_body(fault.status, message);
    out_ += "\n\n";
  }

  Exchange::Answer& answer_;
  std::string out_;
  host::aws::InvokeStream frames_;
};

class Gathered final : public ByteSink {
 public:
  void append(Bytes bytes) override { text.append(bytes); }
  std::string text;
};

class SpliceResponse final : public Response {
 public:
  SpliceResponse(Exchange& exchange, config::SchemaName schema) : exchange_(exchange), schema_(schema) {}

  Step on_headers(http::HeaderMap& response, bool end_stream) override;
  Result<BodyStep> on_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) override;

 private:
  void open_coding(http::HeaderMap& response);
  void open_observer(Bytes content_type);
  Result<void> decode(Slices body, bool end_stream, ByteSink* out);
  // Nothing follows: whether what came is an answer.
  Result<void> check_whole();
  // Appends, behind an event that may be a half one, that the stream has failed.
  void tell(const Failure& failure, ByteSink& out);
  BodyStep wrap_error(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out);

  Exchange& exchange_;
  const config::SchemaName schema_;
  std::unique_ptr<scan::Observer> observer_;
  std::unique_ptr<Unwrapped> unwrapped_;
  std::string aws_error_type_;
  std::optional<wire::Decoder> decoder_;
  bool empty_ = true;             // not a byte of it has come, decoded
  bool replace_decoded_ = false;  // the client gets the decoded bytes
  bool wrap_ = false;             // the body becomes the text of an error
  bool holding_ = false;
  bool events_ = false;           // server-sent ones, and such that the gateway can add to
  Gathered pending_;              // decoded while it is held back
  uint64_t held_ = 0;
  std::string error_text_;
};

Step SpliceResponse::on_headers(http::HeaderMap& response, bool end_stream) {
  Exchange::Answer& answer = exchange_.answer();
  answer.status = status_of(response);
  answer.streaming = exchange_.request().stream() && is_success(answer.status);
  std::string content_type(response.get("content-type").value_or(""));
  const bool says_nothing =
      end_stream && lacks_body(answer.status) && (http::is_json(content_type) || is_stream_type(content_type));
  if (end_stream && answer.status < 400 && !says_nothing) return Step::proceed;
  // A transcription may come as a stream that its form did not ask for in so many words.
  if (exchange_.endpoint()->body == endpoint::RequestBody::form && is_success(answer.status)) {
    answer.streaming = http::is_event_stream(content_type);
  }
  open_coding(response);
  // Errors of AWS are in AWS's words.
  const bool aws = schema_ == config::SchemaName::aws_anthropic;
  if (is_success(answer.status)) {
    if (aws && is_aws_stream_type(content_type)) {
      content_type = "text/event-stream";
      response.set("content-type", content_type);
      unwrapped_ = std::make_unique<Unwrapped>(answer);
      replace_decoded_ = true;
    }
    open_observer(content_type);
    const bool array = exchange_.request().stream() && !exchange_.request().streams_events();
    holding_ = (http::is_json(content_type) && !array) || says_nothing;
    events_ = http::is_event_stream(content_type) && (!decoder_ || replace_decoded_);
    // A client that counts bytes would not see that a stream breaks off behind the last of them.
    if (is_stream_type(content_type)) response.remove("content-length");
  } else if (aws || end_stream || !http::is_json(content_type)) {
    aws_error_type_ = response.get("x-amzn-errortype").value_or("");
    wrap_ = holding_ = true;
  }
  if (replace_decoded_ && !wrap_) {
    response.remove("content-encoding");
    response.remove("content-length");
  }
  return holding_ ? Step::hold : Step::proceed;
}

void SpliceResponse::open_coding(http::HeaderMap& response) {
  Bytes header = response.get("content-encoding").value_or("");
  std::optional<wire::ContentCoding> coding = wire::content_coding(header);
  if (!coding || *coding == wire::ContentCoding::identity) return;
  decoder_.emplace(*coding);
  replace_decoded_ = !exchange_.client_accepts(*coding);
}

void SpliceResponse::open_observer(Bytes content_type) {
  const bool stream = is_stream_type(content_type);
  if (!stream && !http::is_json(content_type)) return;
  const bool array = !stream && exchange_.request().stream() && !exchange_.request().streams_events();
  const Framing framing = stream ? Framing::events : array ? Framing::array : Framing::whole;
  Exchange::Answer& answer = exchange_.answer();
  observer_ = observe(*exchange_.endpoint(), framing, {answer.usage, answer.model, &answer.limit, &answer.fault});
}

// Hands the bytes of the answer, decoded, to the observer and, where the client gets decoded bytes, to `out`.
Result<void> SpliceResponse::decode(Slices body, bool end_stream, ByteSink* out) {
  const auto take_text = [&](Bytes decoded) {
    empty_ = empty_ && decoded.empty();
    if (observer_) observer_->feed(decoded);
    if (out != nullptr) out->append(decoded);
  };
  const auto take = [&](Bytes decoded) { take_text(unwrapped_ ? unwrapped_->feed(decoded) : decoded); };
  for (Bytes piece : body) {
    if (!decoder_) {
      take(piece);
      continue;
    }
    AIGW_TRY(decoder_->feed(piece, take));
  }
  if (!end_stream) return {};
  if (decoder_) AIGW_TRY(decoder_->finish());
  if (unwrapped_) take_text(unwrapped_->finish());
  return {};
}

Result<void> SpliceResponse::check_whole() {
  if (!observer_) return {};
  if (empty_) return Failure{FailureKind::bad_upstream, "the provider's answer is empty"};
  if (observer_->finish()) return {};
  return Failure{FailureKind::bad_upstream, "the provider's answer ends before it is complete"};
}

void SpliceResponse::tell(const Failure& failure, ByteSink& out) {
  if (!exchange_.answer().fault) exchange_.answer().broken = failure.message;
  const AnswerForm form{
      .dialect = exchange_.dialect(), .source = schema_, .model = exchange_.answer().sent_model, .id = {}};
  Arena arena(limits::hub_arena_max(0));
  chat::Drops drops(arena);
  std::string told = "\n\n";
  open_client_stream(form, drops, told)
      ->on_event(chat::event::Fault{.status = traits(failure.kind).status, .message = failure.message});
  out.append(told);
}

Result<BodyStep> SpliceResponse::on_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) {
  if (wrap_) return wrap_error(response, body, end_stream, out);
  if (replace_decoded_) {
    AIGW_TRY(decode(body, end_stream, holding_ ? static_cast<ByteSink*>(&pending_) : &out));
    const Result<void> whole = end_stream ? check_whole() : Result<void>();
    if (!whole) {
      if (!events_ || holding_) return whole.error();
      tell(whole.error(), out);
    }
    if (!holding_) return BodyStep{BodyStep::Piece::replace, false};
    holding_ = !end_stream && pending_.text.size() <= limits::response_hold_max;
    if (holding_) return BodyStep{BodyStep::Piece::replace, true};
    out.append(pending_.text);
    pending_.text.clear();
    return BodyStep{BodyStep::Piece::replace, false};
  }
  Result<void> decoded = decode(body, end_stream, nullptr);
  if (!decoded) {
    // The client has asked for this coding and judges it itself; only the reading of usage ends.
    exchange_.answer().limit = decoded.error().limit;
    observer_.reset();
    decoder_.reset();
  }
  if (const Result<void> whole = end_stream ? check_whole() : Result<void>(); !whole) {
    if (!events_ || holding_) return whole.error();
    for (Bytes piece : body) out.append(piece);
    tell(whole.error(), out);
    return BodyStep{BodyStep::Piece::replace, false};
  }
  held_ += total_size(body);
  if (holding_ && !end_stream && held_ > limits::response_hold_max) {
    response.remove("content-length");  // as above
    holding_ = false;
  }
  if (end_stream) holding_ = false;
  return BodyStep{BodyStep::Piece::keep, holding_};
}

BodyStep SpliceResponse::wrap_error(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) {
  const auto collect = [&](Bytes text) {
    error_text_.append(text.substr(0, limits::error_text_max - error_text_.size()));
  };
  for (Bytes piece : body) {
    if (!decoder_) {
      collect(piece);
    } else if (!decoder_->feed(piece, collect)) {
      break;  // what could be decoded is the text
    }
  }
  if (!end_stream) return {BodyStep::Piece::replace, true};
  chat::event::Fault fault{.status = static_cast<uint16_t>(exchange_.answer().status)};
  fault.type = "OpenAIBackendError";
  fault.message = error_text_;
  Arena arena(limits::hub_arena_max(limits::error_text_max));
  json::Parser parser;
  if (schema_ == config::SchemaName::aws_anthropic) {
    fault = decode_provider_error(schema_, fault.status, aws_error_type_, error_text_, parser, arena);
  }
  std::string wrapped = encode_client_error(exchange_.dialect(), fault);
  const Bytes aws_type = aws_error_type(exchange_.dialect(), fault.status);
  if (!aws_type.empty() && aws_error_type_.empty()) response.set("x-amzn-errortype", aws_type);
  response.set("content-type", "application/json");
  response.set("content-length", std::to_string(wrapped.size()));
  response.remove("content-encoding");
  out.append(wrapped);
  return {BodyStep::Piece::replace, false};
}

}  // namespace

std::unique_ptr<Response> make_splice_response(Exchange& exchange, config::SchemaName schema) {
  return std::make_unique<SpliceResponse>(exchange, schema);
}

}  // namespace aigw::exchange
