// A request of the splice lane. Model and streaming are the path's, so the body only has to be JSON.
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "dialect/gemini/encode_answer.h"
#include "json/patch.h"
#include "json/scanner.h"

namespace aigw::dialect::gemini {

// What the path and its query say. The views outlive the request.
struct RequestPath {
  Bytes model;  // unescaped
  bool stream = false;
  Framing framing = Framing::array;  // of a stream
};

class Request {
 public:
  explicit Request(const RequestPath& path);

  // The next bytes of the body. Fails with malformed_request as soon as they cannot become JSON.
  Result<void> feed(Bytes piece);

  // The body is complete. Fails with malformed_request where it is no object, or where the model's
  // name is none: empty, longer than limits::model_name_max, not UTF-8, or with control characters.
  Result<void> finish(Arena& arena);

  Bytes model() const { return path_.model; }
  bool stream() const { return path_.stream; }
  Framing framing() const { return path_.framing; }

  // The model is not in the body.
  void patch_model(Bytes, json::PatchList&) const {}

 private:
  RequestPath path_;
  json::Scanner scanner_;
};

}  // namespace aigw::dialect::gemini
