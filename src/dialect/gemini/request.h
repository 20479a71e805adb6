// A request of the splice lane. Model and streaming are the path's, so the body only has to be JSON.
#pragma once

#include "base/bytes.h"
#include "dialect/gemini/encode_answer.h"
#include "scan/path_request.h"

namespace aigw::dialect::gemini {

// What the path and its query say. The views outlive the request.
struct RequestPath {
  Bytes model;  // unescaped
  bool stream = false;
  Framing framing = Framing::array;  // of a stream
};

class Request : public scan::PathRequest {
 public:
  explicit Request(const RequestPath& path)
      : PathRequest("generateContent", path.model, path.stream), framing_(path.framing) {}

  Framing framing() const { return framing_; }

 private:
  Framing framing_;
};

}  // namespace aigw::dialect::gemini
