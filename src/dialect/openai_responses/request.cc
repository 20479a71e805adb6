#include "dialect/openai_responses/request.h"

namespace aigw::dialect::openai_responses {
namespace {

const json::WatchList& watches() {
  static const json::WatchList list({"model", "stream"});
  return list;
}

}  // namespace

Request::Request() : RequestScan(watches(), "/v1/responses") {}

}  // namespace aigw::dialect::openai_responses
