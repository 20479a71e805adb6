#include "dialect/openai_responses/request.h"

namespace aigw::dialect::openai_responses {
namespace {

const json::WatchList& watches() {
  // Leaked on purpose: a destructor that runs when the library is unloaded would be code nobody may call.
  static const json::WatchList& list = *new json::WatchList({"model", "stream"});
  return list;
}

}  // namespace

Request::Request() : RequestScan(watches(), "/v1/responses") {}

}  // namespace aigw::dialect::openai_responses
