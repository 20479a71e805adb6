#include "endpoint/form_request.h"

#include <optional>
#include <utility>

#include "base/limits.h"
#include "http/media_type.h"
#include "json/text.h"
#include "scan/model_name.h"

namespace aigw::endpoint {
namespace {

Failure malformed(std::string message) {
  return {FailureKind::malformed_request, "invalid request body: " + std::move(message)};
}

// The value of a part's header, compared without case; a view into `headers`.
std::optional<Bytes> header(Bytes headers, Bytes name) {
  while (!headers.empty()) {
    const size_t end = headers.find("\r\n");
    const Bytes line = headers.substr(0, end);
    const size_t colon = line.find(':');
    if (colon != Bytes::npos &&
        http::equals_ignoring_case(http::trimmed(line.substr(0, colon)), name)) {
      return http::trimmed(line.substr(colon + 1));
    }
    if (end == Bytes::npos) break;
    headers.remove_prefix(end + 2);
  }
  return std::nullopt;
}

}  // namespace

Result<void> FormRequest::feed(Bytes piece) {
  Result<void> fed = scanner_.feed(piece, *this);
  if (fed) return fed;
  return Failure{FailureKind::malformed_request,
                 "malformed request: failed to parse the form for " + std::string(name_of(kind_)) +
                     ": " + fed.error().message,
                 fed.error().limit};
}

FormRequest::Kept* FormRequest::kept() {
  if (field_ == Field::model) return &model_field_;
  return field_ == Field::stream ? &stream_field_ : nullptr;
}

Result<void> FormRequest::on_part(Bytes headers, uint64_t begin) {
  field_ = Field::other;
  const Bytes disposition = header(headers, "content-disposition").value_or("");
  const std::optional<std::string> name = http::parameter(disposition, "name");
  if (!name) return Failure{FailureKind::malformed_request, "a part has no name"};
  if (*name == "model") {
    field_ = Field::model;
  } else if (*name == "stream") {
    field_ = Field::stream;
  } else if (*name == "file") {
    has_file_ = true;
  }
  if (Kept* field = kept()) {
    ++field->count;
    field->begin = begin;
    field->text.clear();
  }
  return {};
}

void FormRequest::on_data(Bytes piece) {
  if (Kept* field = kept()) {
    field->text.append(piece.substr(0, limits::model_name_max + 1 - field->text.size()));
  }
}

void FormRequest::on_part_end(uint64_t end) {
  if (Kept* field = kept()) field->end = end;
  field_ = Field::other;
}

Result<void> FormRequest::finish(Arena& arena) {
  if (Result<void> finished = scanner_.finish(); !finished) {
    return Failure{FailureKind::malformed_request, "malformed request: failed to parse the form for " +
                                                       std::string(name_of(kind_)) + ": " +
                                                       finished.error().message,
                   finished.error().limit};
  }
  if (model_field_.count == 0) return malformed("model field is required");
  for (const Kept* field : {&model_field_, &stream_field_}) {
    if (field->count > 1) return malformed("a field is given more than once");
  }
  if (Result<void> fit = scan::check_model_name(model_field_.text); !fit) return fit;
  if (!has_file_ && kind_ != EndpointKind::image_edits) return malformed("file is required");
  model_ = arena.copy(model_field_.text);
  // A translation never streams.
  stream_ = kind_ != EndpointKind::translations &&
            http::equals_ignoring_case(http::trimmed(stream_field_.text), "true");
  return {};
}

void FormRequest::patch_model(Bytes text, json::PatchList& patches) const {
  patches.add(model_field_.begin, model_field_.end, text);
}

}  // namespace aigw::endpoint
