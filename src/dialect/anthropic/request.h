// A Messages request, read for what the gateway needs and no further: model, stream, max_tokens.
//
// The body is scanned as it arrives and never kept. What a backend needs changed is said as patches
// on the bytes that the client sent, so members that nobody here knows pass bit for bit.
// Source of the members: Anthropic API reference, "Create a Message".
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "json/patch.h"
#include "json/scanner.h"

namespace aigw::dialect::anthropic {

class Request {
 public:
  Request();

  // The next bytes of the body. Fails with malformed_request as soon as they cannot become JSON.
  Result<void> feed(Bytes piece);

  // The body is complete. Fails with malformed_request when a member that decides routing is
  // missing, of a wrong type, too long, or there twice (a provider might read the other one). The
  // model is kept in `arena`.
  Result<void> finish(Arena& arena);

  // Unescaped; valid after finish, as long as the arena.
  Bytes model() const { return model_; }

  bool stream() const { return stream_; }

  // Whether the body has a max_tokens that is not null.
  bool has_max_tokens() const;

  // Puts `quoted`, a JSON string with its quotes, in the place of the model. `quoted` must outlive
  // the patches.
  void patch_model(Bytes quoted, json::PatchList& patches) const;

 private:
  Result<void> check_member(size_t watch, const char* name) const;
  Result<void> read_model(Arena& arena);

  json::Scanner scanner_;
  Bytes model_;
  bool stream_ = false;
};

}  // namespace aigw::dialect::anthropic
