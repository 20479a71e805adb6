#include "fronts/extproc/server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>

#include "fronts/extproc/services.h"
#include "fronts/extproc/stream.h"

namespace aigw::extproc {
namespace {

using Deadline = std::chrono::system_clock::time_point;

Deadline in(unsigned milliseconds) {
  return std::chrono::system_clock::now() + std::chrono::milliseconds(milliseconds);
}

// Streams that are open: those from before the drain, and the rest.
class Counters {
 public:
  // Which of the two a stream that begins belongs to.
  size_t enter() {
    // Counted before it looks, so that a drain which begins in between waits for it.
    ++open_[0];
    if (!draining_) return 0;
    ++open_[1];
    --open_[0];
    return 1;
  }
  void leave(size_t epoch) { --open_[epoch]; }
  void begin_drain() { draining_ = true; }
  bool draining() const { return draining_; }
  bool drained() const { return draining_ && open_[0] == 0; }
  size_t open() const { return open_[0] + open_[1]; }

 private:
  std::atomic<bool> draining_{false};
  std::atomic<size_t> open_[2] = {};
};

// gRPC calls one of these at a time; OnDone is the last. The next may run before the call that asks
// for it returns.
class Reactor final
    : public grpc::ServerBidiReactor<pb::ProcessingRequest, pb::ProcessingResponse> {
 public:
  Reactor(Gateway& gateway, Counters& counters)
      : counters_(counters), epoch_(counters.enter()), stream_(gateway) {
    go_on(Stream::Next::read);
  }
  ~Reactor() override { counters_.leave(epoch_); }

  void OnReadDone(bool ok) override { go_on(stream_.on_read(ok)); }
  void OnWriteDone(bool ok) override { go_on(stream_.on_written(ok)); }
  void OnDone() override { delete this; }

 private:
  void go_on(Stream::Next next) {
    switch (next) {
      case Stream::Next::read:
        return StartRead(&stream_.request);
      case Stream::Next::write:
        return StartWrite(&stream_.response);
      case Stream::Next::write_and_finish:
        return StartWriteAndFinish(&stream_.response, grpc::WriteOptions(), stream_.status);
      case Stream::Next::finish:
        return Finish(stream_.status);
    }
  }

  Counters& counters_;
  const size_t epoch_;
  Stream stream_;
};

class Processor final : public pb::ExternalProcessor::CallbackService {
 public:
  Processor(Gateway& gateway, Counters& counters) : gateway_(gateway), counters_(counters) {}
  grpc::ServerBidiReactor<pb::ProcessingRequest, pb::ProcessingResponse>* Process(
      grpc::CallbackServerContext*) override {
    return new Reactor(gateway_, counters_);
  }

 private:
  Gateway& gateway_;
  Counters& counters_;
};

class Health final : public health::Health::CallbackService {
 public:
  explicit Health(const Counters& counters) : counters_(counters) {}

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const health::HealthCheckRequest*,
                                  health::HealthCheckResponse* response) override {
    response->set_status(status());
    return done(context);
  }
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context,
                                 const health::HealthListRequest*,
                                 health::HealthListResponse* response) override {
    (*response->mutable_statuses())["extproc"].set_status(status());
    return done(context);
  }

 private:
  health::HealthCheckResponse::ServingStatus status() const {
    return counters_.draining() ? health::HealthCheckResponse::NOT_SERVING
                                : health::HealthCheckResponse::SERVING;
  }
  static grpc::ServerUnaryReactor* done(grpc::CallbackServerContext* context) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const Counters& counters_;
};

constexpr Bytes kUnix = "unix://";

// Where gRPC has to listen for an address in Go's form.
std::string listen_address(const std::string& address) {
  return address.starts_with(':') ? "[::]" + address : address;
}

// Where a client of this machine finds it.
std::string dial_address(const std::string& address) {
  return address.starts_with(':') ? "localhost" + address : address;
}

}  // namespace

struct Server::Parts {
  Parts(Gateway& of, const ServerOptions& options)
      : address(options.address), gateway(of), processor(of, counters), health(counters) {}

  std::string address;
  Gateway& gateway;
  Counters counters;
  Processor processor;
  Health health;
  std::unique_ptr<grpc::Server> server;
};

Result<std::unique_ptr<Server>> Server::start(Gateway& gateway, const ServerOptions& options) {
  auto parts = std::make_unique<Parts>(gateway, options);
  std::string socket_file;
  if (options.address.starts_with(kUnix)) {
    socket_file = options.address.substr(kUnix.size());
    struct stat status;
    if (::lstat(socket_file.c_str(), &status) == 0 && S_ISSOCK(status.st_mode))
      ::unlink(socket_file.c_str());
  }
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT,
                             0);  // a second server on this port is a mistake
  builder.SetMaxReceiveMessageSize(options.receive_max);
  builder.AddListeningPort(listen_address(options.address), grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&parts->processor);
  builder.RegisterService(&parts->health);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || port == 0) {
    return Failure{FailureKind::unavailable, "cannot listen on " + options.address};
  }
  // Envoy runs as another user of the same group, in another container.
  if (!socket_file.empty() && ::chmod(socket_file.c_str(), 0775) != 0) {
    return Failure{FailureKind::unavailable, "cannot set the mode of " + socket_file};
  }
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { stop(0); }

void Server::begin_drain() { parts_->counters.begin_drain(); }

bool Server::drained() const { return parts_->counters.drained(); }

void Server::stop(unsigned milliseconds) {
  parts_->server->Shutdown(in(milliseconds));
  parts_->server->Wait();
  Stream::all_have_ended(parts_->gateway);
}

size_t Server::streams_open() const { return parts_->counters.open(); }

bool Server::answers_health_check(unsigned milliseconds) const {
  auto channel =
      grpc::CreateChannel(dial_address(parts_->address), grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  context.set_deadline(in(milliseconds));
  health::HealthCheckResponse response;
  const grpc::Status status = health::Health::NewStub(channel)->Check(&context, {}, &response);
  return status.ok() && response.status() == health::HealthCheckResponse::SERVING;
}

}  // namespace aigw::extproc
