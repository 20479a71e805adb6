#include "dialect/openai_chat/request.h"

namespace aigw::dialect::openai_chat {
namespace {

enum Watch : size_t { kStreamOptions = scan::RequestScan::kFirstOfDialect, kIncludeUsage };

const json::WatchList& watches() {
  static const json::WatchList list(
      {"model", "stream", "stream_options", "stream_options.include_usage"});
  return list;
}

}  // namespace

Request::Request() : RequestScan(watches(), "/v1/chat/completions") {}

Result<void> Request::finish(Arena& arena) {
  AIGW_TRY(RequestScan::finish(arena));
  AIGW_TRY(check_once(kStreamOptions, "stream_options"));
  return check_once(kIncludeUsage, "stream_options.include_usage");
}

void Request::patch_include_usage(json::PatchList& patches) const {
  const json::Found& asked = scanner().found(kIncludeUsage);
  if (asked.kind == json::Kind::boolean_true) return;
  if (asked.kind != json::Kind::absent) {
    patches.add(asked.begin, asked.end, "true");
    return;
  }
  const json::Found& options = scanner().found(kStreamOptions);
  if (options.kind == json::Kind::object) {
    const uint64_t end = options.end - 1;
    patches.add(end, end, options.empty ? "\"include_usage\":true" : ",\"include_usage\":true");
  } else if (options.kind != json::Kind::absent) {
    patches.add(options.begin, options.end, "{\"include_usage\":true}");
  } else {
    // The object has at least its model, so a comma is due.
    const uint64_t end = scanner().root_end() - 1;
    patches.add(end, end, ",\"stream_options\":{\"include_usage\":true}");
  }
}

}  // namespace aigw::dialect::openai_chat
