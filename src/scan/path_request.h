// A request whose model and streaming are the path's: the body only has to be JSON.
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "json/patch.h"
#include "json/scanner.h"

namespace aigw::scan {

class PathRequest {
 public:
  // `name` is what the endpoint is called in messages, a constant. `model` is unescaped, and outlives the request.
  PathRequest(Bytes name, Bytes model, bool stream);

  // The next bytes of the body. Fails with malformed_request as soon as they cannot become JSON.
  Result<void> feed(Bytes piece);

  // The body is complete. Fails with malformed_request where it is no object, or where the model's name is none: empty,
  // longer than limits::model_name_max, not UTF-8, or with control characters.
  Result<void> finish(Arena& arena);

  Bytes model() const { return model_; }
  bool stream() const { return stream_; }

  // The model is not in the body.
  void patch_model(Bytes, json::PatchList&) const {}

 private:
  Failure not_json(const Failure& why) const;

  Bytes name_;
  Bytes model_;
  bool stream_;
  json::Scanner scanner_;
};

}  // namespace aigw::scan
