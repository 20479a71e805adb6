#include "dialect/gemini/request.h"

#include <string>
#include <utility>

#include "base/limits.h"
#include "json/text.h"

namespace aigw::dialect::gemini {
namespace {

const json::WatchList& watches() {
  static const json::WatchList list({});
  return list;
}

Failure malformed(std::string message) {
  return {FailureKind::malformed_request, "invalid request body: " + std::move(message)};
}

Failure not_json(const Failure& why) {
  return {FailureKind::malformed_request,
          "malformed request: failed to parse JSON for generateContent: " + why.message};
}

}  // namespace

Request::Request(const RequestPath& path) : path_(path), scanner_(watches()) {}

Result<void> Request::feed(Bytes piece) {
  Result<void> fed = scanner_.feed(piece);
  return fed ? fed : not_json(fed.error());
}

Result<void> Request::finish(Arena&) {
  const Result<void> finished = scanner_.finish();
  if (!finished) return not_json(finished.error());
  if (scanner_.root_kind() != json::Kind::object) return malformed("a JSON object is expected");
  const Bytes model = path_.model;
  if (model.empty()) return malformed("the path names no model");
  if (model.size() > limits::model_name_max) {
    return malformed("model is longer than " + std::to_string(limits::model_name_max) + " bytes");
  }
  // The model becomes a header value, where control characters cannot stand.
  for (char c : model) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return malformed("model holds a control character");
    }
  }
  if (!json::is_utf8(model)) return malformed("model is not UTF-8");
  return {};
}

}  // namespace aigw::dialect::gemini
