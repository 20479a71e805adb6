#include "exchange/content_copy.h"

#include <algorithm>

#include "base/limits.h"

namespace aigw::exchange {

void ContentCopy::keep(std::string& in, Bytes piece) {
  piece = piece.substr(0, limits::span_content_max - std::min(limits::span_content_max, in.size()));
  if (!piece.empty() && held_.take(piece.size())) in.append(piece);
}

void ContentCopy::request(Bytes piece) {
  // A gap would be read as what the client has said.
  if (content_.request_is_whole()) keep(content_.request, piece);
  content_.request_size += piece.size();
}

void ContentCopy::begin_answer() {
  content_.answer.clear();
  content_.answer_size = 0;
  content_.answer_type.clear();
  content_.answer_coding.clear();
}

void ContentCopy::answer_headers(http::HeaderMap& response) {
  content_.answer_type = response.get("content-type").value_or("");
  content_.answer_coding = response.get("content-encoding").value_or("");
}

void ContentCopy::answer(Bytes piece, bool decoded) {
  if (decoded) content_.answer_coding.clear();
  if (content_.answer_is_whole()) keep(content_.answer, piece);
  content_.answer_size += piece.size();
}

}  // namespace aigw::exchange
