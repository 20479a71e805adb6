#include "dialect/anthropic/request.h"

#include <optional>
#include <string>
#include <utility>

#include "base/limits.h"
#include "json/text.h"

namespace aigw::dialect::anthropic {
namespace {

enum Watch : size_t { kModel, kStream, kMaxTokens };

const json::WatchList& watches() {
  // Leaked on purpose: a destructor that runs when the library is unloaded would be code nobody may
  // call.
  static const json::WatchList& list = *new json::WatchList({"model", "stream", "max_tokens"});
  return list;
}

Failure malformed(std::string message) {
  return {FailureKind::malformed_request, "invalid request body: " + std::move(message)};
}

Failure not_json(const Failure& why) {
  return {FailureKind::malformed_request,
          "malformed request: failed to parse JSON for /v1/messages: " + why.message};
}

}  // namespace

Request::Request() : scanner_(watches()) {}

Result<void> Request::feed(Bytes piece) {
  Result<void> fed = scanner_.feed(piece);
  if (fed) return fed;
  return not_json(fed.error());
}

Result<void> Request::check_member(size_t watch, const char* name) const {
  if (scanner_.found(watch).count <= 1) return {};
  return malformed(std::string("member \"") + name + "\" is given more than once");
}

Result<void> Request::read_model(Arena& arena) {
  const json::Found& found = scanner_.found(kModel);
  if (found.kind == json::Kind::absent || found.kind == json::Kind::null) {
    return malformed("model field is required");
  }
  if (found.kind != json::Kind::string) return malformed("model must be a string");
  char unescaped[limits::json_capture_max];
  const std::optional<size_t> size =
      found.truncated ? std::nullopt : json::unescape(scanner_.text(kModel), unescaped);
  if (!size || *size > limits::model_name_max) {
    return malformed("model is longer than " + std::to_string(limits::model_name_max) + " bytes");
  }
  if (*size == 0) return malformed("model field is required");
  model_ = arena.copy({unescaped, *size});
  // The model becomes a header value, where control characters cannot stand.
  for (char c : model_) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return malformed("model holds a control character");
    }
  }
  return {};
}

Result<void> Request::finish(Arena& arena) {
  const Result<void> finished = scanner_.finish();
  if (!finished) return not_json(finished.error());
  if (scanner_.root_kind() != json::Kind::object) return malformed("a JSON object is expected");
  AIGW_TRY(check_member(kModel, "model"));
  AIGW_TRY(check_member(kStream, "stream"));
  AIGW_TRY(read_model(arena));
  const json::Kind stream = scanner_.found(kStream).kind;
  stream_ = stream == json::Kind::boolean_true;
  if (stream_ || stream == json::Kind::boolean_false || stream == json::Kind::absent ||
      stream == json::Kind::null) {
    return {};
  }
  return malformed("stream must be a boolean");
}

bool Request::has_max_tokens() const {
  const json::Kind kind = scanner_.found(kMaxTokens).kind;
  return kind != json::Kind::absent && kind != json::Kind::null;
}

void Request::patch_model(Bytes quoted, json::PatchList& patches) const {
  const json::Found& found = scanner_.found(kModel);
  patches.add(found.begin, found.end, quoted);
}

}  // namespace aigw::dialect::anthropic
