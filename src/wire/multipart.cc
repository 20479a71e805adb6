#include "wire/multipart.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/limits.h"

namespace aigw::wire {
namespace {

Failure malformed(std::string message, Limit limit = Limit::none) {
  return {FailureKind::malformed_request, std::move(message), limit};
}

}  // namespace

bool MultipartScanner::is_boundary(Bytes text) {
  return !text.empty() && text.size() <= limits::form_boundary_max &&
         text.find_first_of(Bytes("\r\n\0", 3)) == Bytes::npos;
}

MultipartScanner::MultipartScanner(Bytes boundary) : delimiter_("\r\n--") {
  AIGW_CHECK(is_boundary(boundary));
  delimiter_ += boundary;
}

Result<void> MultipartScanner::feed(Bytes piece, MultipartSink& sink) {
  while (!piece.empty()) {
    switch (state_) {
      case State::preamble:
      case State::data:
        search(piece, sink);
        break;
      case State::after_delimiter:
        AIGW_TRY(end_delimiter(piece, sink));
        break;
      case State::headers:
        AIGW_TRY(read_headers(piece, sink));
        break;
      case State::epilogue:
        return {};
    }
  }
  return {};
}

Result<void> MultipartScanner::finish() const {
  if (state_ == State::epilogue) return {};
  return malformed("the form ends before its last boundary");
}

void MultipartScanner::give(Bytes data, MultipartSink& sink) {
  if (in_part_ && !data.empty()) sink.on_data(data);
}

void MultipartScanner::search(Bytes& piece, MultipartSink& sink) {
  size_t at = 0;
  while (at < piece.size()) {
    if (matched_ == 0) {
      const size_t cr = std::min(piece.find('\r', at), piece.size());
      give(piece.substr(at, cr - at), sink);
      at = cr;
      if (at == piece.size()) break;
    }
    if (piece[at] != delimiter_[matched_]) {
      // The bytes that did match are those of the delimiter's start.
      give(Bytes(delimiter_).substr(0, matched_), sink);
      matched_ = 0;  // what stands here may be the CR of the next try
      continue;
    }
    ++at;
    if (++matched_ == delimiter_.size()) {
      state_ = State::after_delimiter;
      break;
    }
  }
  offset_ += at;
  piece.remove_prefix(at);
  if (state_ != State::after_delimiter) return;
  delimiter_at_ = offset_ - std::min<uint64_t>(offset_, delimiter_.size());
  gathered_.clear();
}

Result<void> MultipartScanner::end_delimiter(Bytes& piece, MultipartSink& sink) {
  const char c = piece.front();
  const Bytes tail = gathered_;
  const bool closes = tail == "-" && c == '-';
  const bool line_ends = !tail.empty() && tail.back() == '\r' && c == '\n';
  const bool padding = tail.find('\r') == Bytes::npos && (c == ' ' || c == '\t');
  const bool may_be = (c == '-' && tail.empty()) ||
                      (c == '\r' && tail.find_first_of("\r-") == Bytes::npos) ||
                      (padding && tail.find('-') == Bytes::npos && tail.size() < limits::form_boundary_padding_max);
  if (!closes && !line_ends && !may_be) {
    // A longer line that begins like a delimiter is data, and this byte is looked at again.
    give(delimiter_, sink);
    give(tail, sink);
    state_ = in_part_ ? State::data : State::preamble;
    matched_ = 0;
    return {};
  }
  gathered_ += c;
  ++offset_;
  piece.remove_prefix(1);
  if (may_be && !closes && !line_ends) return {};
  if (in_part_) sink.on_part_end(delimiter_at_);
  in_part_ = false;
  gathered_.clear();
  state_ = closes ? State::epilogue : State::headers;
  return {};
}

Result<void> MultipartScanner::read_headers(Bytes& piece, MultipartSink& sink) {
  // A block without lines is the CRLF alone; any other ends with an empty line.
  while (!piece.empty()) {
    const size_t size = std::min(piece.find('\n'), piece.size() - 1) + 1;
    gathered_.append(piece.substr(0, size));
    offset_ += size;
    piece.remove_prefix(size);
    if (gathered_.size() > limits::form_part_headers_max) {
      return malformed("the headers of a part of the form are longer than " +
                       std::to_string(limits::form_part_headers_max) + " bytes",
                       Limit::form_part_headers);
    }
    const Bytes block = gathered_;
    if (block != "\r\n" && !block.ends_with("\r\n\r\n")) continue;
    if (++parts_ > limits::form_parts_max) {
      return malformed("the form has more than " + std::to_string(limits::form_parts_max) +
                       " parts", Limit::form_parts);
    }
    in_part_ = true;
    state_ = State::data;
    matched_ = 0;
    Result<void> taken = sink.on_part(block.substr(0, block.size() - 2), offset_);
    gathered_.clear();
    return taken;
  }
  return {};
}

}  // namespace aigw::wire
