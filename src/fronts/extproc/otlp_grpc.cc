#include "fronts/extproc/otlp_grpc.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

namespace aigw::extproc {
namespace {

constexpr const char* kTraces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr const char* kMetrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

std::string contents(const std::string& path) {
  std::ostringstream text;
  if (!path.empty()) text << std::ifstream(path).rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ChannelCredentials> credentials_of(const runtime::OtelExport& to) {
  if (!to.url.starts_with("https://")) return grpc::InsecureChannelCredentials();
  const std::string& key = to.tls.key.empty() ? to.tls.certificate : to.tls.key;
  return grpc::SslCredentials(
      {.pem_root_certs = contents(to.tls.authorities), .pem_private_key = contents(key),
       .pem_cert_chain = contents(to.tls.certificate)});
}

// Of a URL: its host and port.
std::string target_of(const std::string& url) {
  const size_t begin = url.find("://") + 3;
  return url.substr(begin, url.find('/', begin) - begin);
}

class Channel final : public runtime::OtlpChannel {
 public:
  bool send(Signal signal, const runtime::OtelExport& to, const std::string& body,
            std::chrono::milliseconds timeout) override {
    grpc::ClientContext context;
    if (!begin(&context)) return false;
    if (to.gzip) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    for (auto [name, value] : to.headers) {
      for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
      context.AddMetadata(name, value);
    }
    const grpc::Slice slice(body);
    grpc::ByteBuffer request(&slice, 1), response;
    grpc::Status status(grpc::StatusCode::UNKNOWN, "");
    const auto call =
        stub_for(to).PrepareUnaryCall(&context, signal == Signal::traces ? kTraces : kMetrics, request, &queue_);
    call->StartCall();
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool finished = false;
    queue_.Next(&tag, &finished);
    begin(nullptr);
    return finished && status.ok();
  }

  void interrupt() override {
    std::lock_guard<std::mutex> lock(mutex_);
    interrupted_ = true;
    if (current_ != nullptr) current_->TryCancel();
  }

 private:
  // Makes it the call that is interrupted; null: there is none. False where none may begin.
  bool begin(grpc::ClientContext* context) {
    std::lock_guard<std::mutex> lock(mutex_);
    current_ = context;
    return !interrupted_;
  }

  grpc::GenericStub& stub_for(const runtime::OtelExport& to) {
    std::unique_ptr<grpc::GenericStub>& stub = stubs_[to.url];
    if (stub == nullptr) {
      stub = std::make_unique<grpc::GenericStub>(grpc::CreateChannel(target_of(to.url), credentials_of(to)));
    }
    return *stub;
  }

  std::mutex mutex_;  // guards the next two
  grpc::ClientContext* current_ = nullptr;
  bool interrupted_ = false;
  std::map<std::string, std::unique_ptr<grpc::GenericStub>> stubs_;  // by URL
  grpc::CompletionQueue queue_;
};

}  // namespace

std::unique_ptr<runtime::OtlpChannel> open_otlp_grpc() { return std::make_unique<Channel>(); }

}  // namespace aigw::extproc
