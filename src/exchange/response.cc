#include "exchange/response.h"

#include <charconv>

#include "base/limits.h"
#include "dialect/openai_chat/error.h"
#include "exchange/exchange.h"
#include "http/media_type.h"

namespace aigw::exchange {
namespace {

uint32_t parse_status(http::HeaderMap& response) {
  uint32_t status = 0;
  Bytes text = response.get(":status").value_or("");
  std::from_chars(text.data(), text.data() + text.size(), status);
  return status;
}

bool is_success(uint32_t status) { return status >= 200 && status < 300; }

}  // namespace

Step Response::on_headers(http::HeaderMap& response, bool end_stream) {
  Exchange::Answer& answer = exchange_.answer();
  answer.status = parse_status(response);
  answer.streaming = exchange_.request().stream() && is_success(answer.status);
  if (end_stream) return Step::proceed;
  std::string content_type(response.get("content-type").value_or(""));
  open_coding(response);
  if (is_success(answer.status)) {
    open_observer(content_type);
    holding_ = http::is_json(content_type) && !replace_decoded_;
  } else if (!http::is_json(content_type)) {
    wrap_ = holding_ = true;
  }
  if (replace_decoded_ && !wrap_) {
    response.remove("content-encoding");
    response.remove("content-length");
  }
  return holding_ ? Step::hold : Step::proceed;
}

void Response::open_coding(http::HeaderMap& response) {
  Bytes header = response.get("content-encoding").value_or("");
  std::optional<wire::ContentCoding> coding = wire::content_coding(header);
  if (!coding || *coding == wire::ContentCoding::identity) return;
  inflater_.emplace();
  replace_decoded_ = !(*coding == wire::ContentCoding::gzip && exchange_.client_accepts_gzip());
}

void Response::open_observer(Bytes content_type) {
  dialect::openai_chat::Report report{exchange_.answer().usage, exchange_.answer().model};
  if (http::is_event_stream(content_type)) {
    observer_ = std::make_unique<dialect::openai_chat::StreamObserver>(report);
  } else if (http::is_json(content_type)) {
    observer_ = std::make_unique<dialect::openai_chat::UnaryObserver>(report);
  }
}

// Hands the bytes of the answer, decoded, to the observer and, where the client gets decoded bytes, to `out`.
Result<void> Response::decode(Slices body, bool end_stream, ByteSink* out) {
  const auto take = [&](Bytes decoded) {
    if (observer_) observer_->feed(decoded);
    if (out != nullptr) out->append(decoded);
  };
  for (Bytes piece : body) {
    if (!inflater_) {
      take(piece);
      continue;
    }
    AIGW_TRY(inflater_->feed(piece, take));
  }
  if (!end_stream) return {};
  if (inflater_) AIGW_TRY(inflater_->finish());
  if (observer_) observer_->finish();
  return {};
}

Result<BodyStep> Response::on_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) {
  if (wrap_) return wrap_error(response, body, end_stream, out);
  Result<void> decoded = decode(body, end_stream, replace_decoded_ ? &out : nullptr);
  if (replace_decoded_) {
    AIGW_TRY(decoded);
    return BodyStep{BodyStep::Piece::replace, false};
  }
  if (!decoded) {
    // The client has asked for this coding and judges it itself; only the reading of usage ends.
    observer_.reset();
    inflater_.reset();
  }
  held_ += total_size(body);
  if (end_stream || held_ > limits::response_hold_max) holding_ = false;
  return BodyStep{BodyStep::Piece::keep, holding_};
}

BodyStep Response::wrap_error(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) {
  const auto collect = [&](Bytes text) {
    error_text_.append(text.substr(0, limits::error_text_max - error_text_.size()));
  };
  for (Bytes piece : body) {
    if (!inflater_) {
      collect(piece);
    } else if (!inflater_->feed(piece, collect)) {
      break;  // what could be decoded is the text
    }
  }
  if (!end_stream) return {BodyStep::Piece::replace, true};
  std::string wrapped =
      dialect::openai_chat::error_body(exchange_.answer().status, "OpenAIBackendError", error_text_);
  response.set("content-type", "application/json");
  response.set("content-length", std::to_string(wrapped.size()));
  response.remove("content-encoding");
  out.append(wrapped);
  return {BodyStep::Piece::replace, false};
}

}  // namespace aigw::exchange
