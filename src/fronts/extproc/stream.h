// What a stream does with what it reads, for the reactor that gRPC calls (server.cc).
#pragma once

#include <memory>

#include "fronts/extproc/session.h"

namespace aigw::extproc {

// For one thread at a time, each of which sees what the one before it has done: gRPC promises that
// of a reactor's calls.
class Stream {
 public:
  // What gRPC is asked for; nothing of the stream may be touched from then on until it calls again.
  enum class Next : uint8_t {
    read,              // into `request`
    write,             // `response`
    write_and_finish,  // `response`, then `status`
    finish,            // `status`
  };

  explicit Stream(Gateway& gateway);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // To be called when gRPC says that it calls none any more.
  static void all_have_ended(Gateway& gateway);

  // `request` has been read; not `ok`: Envoy has said all, or is gone.
  Next on_read(bool ok);
  // `response` has been written; not `ok`: it could not be.
  Next on_written(bool ok);

  pb::ProcessingRequest request;
  pb::ProcessingResponse response;
  grpc::Status status;

 private:
  void answer();

  Gateway& gateway_;
  std::unique_ptr<Session> session_;
};

}  // namespace aigw::extproc
