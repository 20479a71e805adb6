#include "drivers/threads/collector.h"

#include <stdexcept>

namespace aigw::tests {

// One export: it is asked for, read, answered.
struct Collector::Call {
  grpc::GenericServerContext context;
  grpc::GenericServerAsyncReaderWriter stream{&context};
  grpc::ByteBuffer message;
  enum class Step : uint8_t { begins, reads, ends } step = Step::begins;
};

Collector::Collector() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterAsyncGenericService(&service_);
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) throw std::runtime_error("no port for the collector");
  thread_ = std::thread([this] { run(); });
}

Collector::~Collector() {
  server_->Shutdown(std::chrono::system_clock::now());
  queue_->Shutdown();
  thread_.join();
}

void Collector::expect() {
  Call* const call = new Call;
  service_.RequestCall(&call->context, &call->stream, queue_.get(), queue_.get(), call);
}

void Collector::run() {
  expect();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    Call* const call = static_cast<Call*>(tag);
    if (!ok || call->step == Call::Step::ends) {
      delete call;
      continue;
    }
    if (call->step == Call::Step::begins) {
      expect();
      call->step = Call::Step::reads;
      call->stream.Read(&call->message, call);
      continue;
    }
    if (call->message.Length() > 0) ++exports_;
    call->step = Call::Step::ends;
    const grpc::Slice nothing;  // both answers may be empty messages
    call->stream.WriteAndFinish(grpc::ByteBuffer(&nothing, 1), {}, grpc::Status::OK, call);
  }
}

}  // namespace aigw::tests
