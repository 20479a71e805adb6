#include "dialect/openai_chat/request.h"

#include <string>

#include "base/limits.h"
#include "json/text.h"

namespace aigw::dialect::openai_chat {
namespace {

enum Watch : size_t { kModel, kStream, kStreamOptions, kIncludeUsage };

const json::WatchList& watches() {
  // Leaked on purpose: a destructor that runs when the library is unloaded would be code nobody may call.
  static const json::WatchList& list = *new json::WatchList(
      {"model", "stream", "stream_options", "stream_options.include_usage"});
  return list;
}

Failure malformed(std::string message) {
  return Failure{FailureKind::malformed_request, "invalid request body: " + std::move(message)};
}

}  // namespace

Request::Request() : scanner_(watches()) {}

Result<void> Request::feed(Bytes piece) {
  Result<void> fed = scanner_.feed(piece);
  if (fed) return fed;
  return Failure{FailureKind::malformed_request,
                 "malformed request: failed to parse JSON for /v1/chat/completions: " + fed.error().message};
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
  Bytes raw = scanner_.text(kModel);
  char unescaped[limits::json_capture_max];
  std::optional<size_t> size = found.truncated ? std::nullopt : json::unescape(raw, unescaped);
  if (!size || *size > limits::model_name_max) {
    return malformed("model is longer than " + std::to_string(limits::model_name_max) + " bytes");
  }
  if (*size == 0) return malformed("model field is required");
  model_ = arena.copy({unescaped, *size});
  // The model becomes a header value, where control characters cannot stand.
  for (char c : model_) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return malformed("model holds a control character");
  }
  if (!json::is_utf8(model_)) return malformed("model is not UTF-8");
  return {};
}

Result<void> Request::finish(Arena& arena) {
  Result<void> finished = scanner_.finish();
  if (!finished) {
    return Failure{FailureKind::malformed_request,
                   "malformed request: failed to parse JSON for /v1/chat/completions: " +
                       finished.error().message};
  }
  if (scanner_.root_kind() != json::Kind::object) return malformed("a JSON object is expected");
  AIGW_TRY(check_member(kModel, "model"));
  AIGW_TRY(check_member(kStream, "stream"));
  AIGW_TRY(check_member(kStreamOptions, "stream_options"));
  AIGW_TRY(check_member(kIncludeUsage, "stream_options.include_usage"));
  AIGW_TRY(read_model(arena));
  switch (scanner_.found(kStream).kind) {
    case json::Kind::absent:
    case json::Kind::null:
    case json::Kind::boolean_false:
      stream_ = false;
      return {};
    case json::Kind::boolean_true:
      stream_ = true;
      return {};
    case json::Kind::number:
    case json::Kind::string:
    case json::Kind::object:
    case json::Kind::array:
      break;
  }
  return malformed("stream must be a boolean");
}

void Request::patch_model(Bytes quoted, json::PatchList& patches) const {
  const json::Found& found = scanner_.found(kModel);
  patches.add(found.begin, found.end, quoted);
}

void Request::patch_include_usage(json::PatchList& patches) const {
  const json::Found& asked = scanner_.found(kIncludeUsage);
  if (asked.kind == json::Kind::boolean_true) return;
  if (asked.kind != json::Kind::absent) {
    patches.add(asked.begin, asked.end, "true");
    return;
  }
  const json::Found& options = scanner_.found(kStreamOptions);
  if (options.kind == json::Kind::object) {
    uint64_t end = options.end - 1;
    patches.add(end, end, options.empty ? "\"include_usage\":true" : ",\"include_usage\":true");
  } else if (options.kind != json::Kind::absent) {
    patches.add(options.begin, options.end, "{\"include_usage\":true}");
  } else {
    // The object has at least its model, so a comma is due.
    uint64_t end = scanner_.root_end() - 1;
    patches.add(end, end, ",\"stream_options\":{\"include_usage\":true}");
  }
}

}  // namespace aigw::dialect::openai_chat
