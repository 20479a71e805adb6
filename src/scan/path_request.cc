#include "scan/path_request.h"

#include <string>
#include <utility>

#include "scan/model_name.h"

namespace aigw::scan {
namespace {

const json::WatchList& watches() {
  static const json::WatchList list({});
  return list;
}

Failure malformed(std::string message) {
  return {FailureKind::malformed_request, "invalid request body: " + std::move(message)};
}

}  // namespace

PathRequest::PathRequest(Bytes name, Bytes model, bool stream)
    : name_(name), model_(model), stream_(stream), scanner_(watches()) {}

Failure PathRequest::not_json(const Failure& why) const {
  std::string message = "malformed request: failed to parse JSON for ";
  message += name_;
  message += ": ";
  message += why.message;
  return {FailureKind::malformed_request, std::move(message), why.limit};
}

Result<void> PathRequest::feed(Bytes piece) {
  Result<void> fed = scanner_.feed(piece);
  return fed ? fed : not_json(fed.error());
}

Result<void> PathRequest::finish(Arena&) {
  const Result<void> finished = scanner_.finish();
  if (!finished) return not_json(finished.error());
  if (scanner_.root_kind() != json::Kind::object) return malformed("a JSON object is expected");
  if (model_.empty()) return malformed("the path names no model");
  return check_model_name(model_);
}

}  // namespace aigw::scan
