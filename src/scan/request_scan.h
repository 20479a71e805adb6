// A request of the splice lane, read for what the gateway needs and no further: what is common to dialects that name
// their model and their wish for a stream in the body.
//
// The body is scanned as it arrives and never kept. What a backend needs changed is said as patches on the bytes that
// the client sent, so members that nobody here knows pass bit for bit.
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "json/patch.h"
#include "json/scanner.h"

namespace aigw::scan {

class RequestScan {
 public:
  // Where the first two watches of a dialect's list stand: "model" and "stream".
  enum Watch : size_t { kModel, kStream, kFirstOfDialect };

  // `watches` begins with "model", "stream". `endpoint` is static text, for messages. Both outlive the request.
  RequestScan(const json::WatchList& watches, Bytes endpoint);

  // The next bytes of the body. Fails with malformed_request as soon as they cannot become JSON.
  Result<void> feed(Bytes piece);

  // The body is complete. Fails with malformed_request when a member that decides routing is missing, of a wrong
  // type, too long, or there twice (a provider might read the other one). The model is kept in `arena`.
  Result<void> finish(Arena& arena);

  // Unescaped; valid after finish, as long as the arena.
  Bytes model() const { return model_; }

  bool stream() const { return stream_; }

  // Puts `quoted`, a JSON string with its quotes, in the place of the model. `quoted` must outlive the patches.
  void patch_model(Bytes quoted, json::PatchList& patches) const;

 protected:
  // Fails where the member of that watch is given more than once.
  Result<void> check_once(size_t watch, const char* name) const;
  const json::Scanner& scanner() const { return scanner_; }

 private:
  Failure not_json(const Failure& why) const;
  Result<void> read_model(Arena& arena);
  Result<void> read_stream();

  json::Scanner scanner_;
  Bytes endpoint_;
  Bytes model_;
  bool stream_ = false;
};

}  // namespace aigw::scan
