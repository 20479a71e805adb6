// A request of a client. Model and streaming are the path's, so the body only has to be JSON.
#pragma once

#include "base/bytes.h"
#include "scan/path_request.h"

namespace aigw::dialect::bedrock_converse {

class Request : public scan::PathRequest {
 public:
  // `model` is unescaped, and outlives the request.
  Request(Bytes model, bool stream) : PathRequest("Converse", model, stream) {}
};

}  // namespace aigw::dialect::bedrock_converse
