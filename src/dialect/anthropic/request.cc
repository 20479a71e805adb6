#include "dialect/anthropic/request.h"

namespace aigw::dialect::anthropic {
namespace {

enum Watch : size_t { kMaxTokens = scan::RequestScan::kFirstOfDialect };

const json::WatchList& watches() {
  static const json::WatchList list({"model", "stream", "max_tokens"});
  return list;
}

}  // namespace

Request::Request() : RequestScan(watches(), "/v1/messages") {}

bool Request::has_max_tokens() const {
  const json::Kind kind = scanner().found(kMaxTokens).kind;
  return kind != json::Kind::absent && kind != json::Kind::null;
}

}  // namespace aigw::dialect::anthropic
