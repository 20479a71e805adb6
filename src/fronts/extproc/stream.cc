#include "fronts/extproc/stream.h"

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace aigw::extproc {
namespace {

// What gRPC promises, said to ThreadSanitizer, which does not see the locks that make it so: gRPC
// is not instrumented. What was done before release() of a thing is over after an acquire() of it.
// A release orders no two releases.
void acquire([[maybe_unused]] void* thing) {
#if defined(__SANITIZE_THREAD__)
  __tsan_acquire(thing);
#endif
}
void release([[maybe_unused]] void* thing) {
#if defined(__SANITIZE_THREAD__)
  __tsan_release(thing);
#endif
}

// As long as one lives, gRPC has this thread and no other in the stream. Streams are not ordered
// against each other.
class Turn {
 public:
  explicit Turn(Stream* stream) : stream_(stream) { acquire(stream_); }
  ~Turn() { release(stream_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Stream* const stream_;
};

}  // namespace

Stream::Stream(Gateway& gateway) : gateway_(gateway) { const Turn turn(this); }

Stream::~Stream() {
  const Turn turn(this);
  session_.reset();
  release(&gateway_);
}

void Stream::all_have_ended(Gateway& gateway) { acquire(&gateway); }

Stream::Next Stream::on_read(bool ok) {
  const Turn turn(this);
  if (!ok) return Next::finish;
  answer();
  pb::ProcessingRequest().Swap(&request);  // a stream that waits holds no memory for what was said
  if (status.ok()) return Next::write;
  const bool says_something = response.response_case() != pb::ProcessingResponse::RESPONSE_NOT_SET;
  return says_something ? Next::write_and_finish : Next::finish;
}

Stream::Next Stream::on_written(bool ok) {
  const Turn turn(this);
  if (!ok) {
    status = grpc::Status::CANCELLED;
    return Next::finish;
  }
  pb::ProcessingResponse().Swap(&response);
  return Next::read;
}

void Stream::answer() {
  try {
    if (session_ == nullptr) session_ = Session::open(gateway_, request);
    status = session_->on_message(request, response);
  } catch (const std::exception& error) {
    gateway_.sight().count(observe::Family::guarded, observe::Labels().add("hook", "stream"));
    pb::ProcessingResponse().Swap(&response);
    status = {grpc::StatusCode::INTERNAL, error.what()};
  }
}

}  // namespace aigw::extproc
