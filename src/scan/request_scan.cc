#include "scan/request_scan.h"

#include <optional>
#include <string>
#include <utility>

#include "base/limits.h"
#include "json/text.h"
#include "scan/model_name.h"

namespace aigw::scan {
namespace {

Failure malformed(std::string message, Limit limit = Limit::none) {
  return {FailureKind::malformed_request, "invalid request body: " + std::move(message), limit};
}

}  // namespace

RequestScan::RequestScan(const json::WatchList& watches, Bytes endpoint)
    : scanner_(watches), endpoint_(endpoint) {}

Failure RequestScan::not_json(const Failure& why) const {
  std::string message = "malformed request: failed to parse JSON for ";
  message += endpoint_;
  message += ": ";
  message += why.message;
  return {FailureKind::malformed_request, std::move(message), why.limit};
}

Result<void> RequestScan::feed(Bytes piece) {
  Result<void> fed = scanner_.feed(piece);
  if (fed) return fed;
  return not_json(fed.error());
}

Result<void> RequestScan::check_once(size_t watch, const char* name) const {
  if (scanner_.found(watch).count <= 1) return {};
  return malformed(std::string("member \"") + name + "\" is given more than once");
}

Result<void> RequestScan::finish(Arena& arena) {
  const Result<void> finished = scanner_.finish();
  if (!finished) return not_json(finished.error());
  if (scanner_.root_kind() != json::Kind::object) return malformed("a JSON object is expected");
  AIGW_TRY(check_once(kModel, "model"));
  AIGW_TRY(check_once(kStream, "stream"));
  AIGW_TRY(read_model(arena));
  return read_stream();
}

Result<void> RequestScan::read_model(Arena& arena) {
  const json::Found& found = scanner_.found(kModel);
  if (found.kind == json::Kind::absent || found.kind == json::Kind::null) {
    return malformed("model field is required");
  }
  if (found.kind != json::Kind::string) return malformed("model must be a string");
  char unescaped[limits::json_capture_max];
  const std::optional<size_t> size =
      found.truncated ? std::nullopt : json::unescape(scanner_.text(kModel), unescaped);
  if (!size || *size > limits::model_name_max) {
    return malformed("model is longer than " + std::to_string(limits::model_name_max) + " bytes", Limit::model_name);
  }
  AIGW_TRY(check_model_name({unescaped, *size}));
  model_ = arena.copy({unescaped, *size});
  return {};
}

Result<void> RequestScan::read_stream() {
  const json::Kind kind = scanner_.found(kStream).kind;
  stream_ = kind == json::Kind::boolean_true;
  const bool fit = stream_ || kind == json::Kind::boolean_false || kind == json::Kind::absent ||
                   kind == json::Kind::null;
  return fit ? Result<void>() : malformed("stream must be a boolean");
}

void RequestScan::patch_model(Bytes quoted, json::PatchList& patches) const {
  const json::Found& found = scanner_.found(kModel);
  patches.add(found.begin, found.end, quoted);
}

}  // namespace aigw::scan
