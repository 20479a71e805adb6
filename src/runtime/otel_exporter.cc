#include "runtime/otel_exporter.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>

#include "base/limits.h"
#include "base/quiet_thread.h"
#include "base/system_clock.h"
#include "capture/capture.h"
#include "observe/feed.h"
#include "observe/prometheus.h"
#include "observe/span_text.h"
#include "runtime/event_text.h"
#include "wire/gzip.h"

namespace aigw::runtime {
namespace {

using Clock = std::chrono::steady_clock;

// What the last batch gets when the runtime ends: that may be on a thread that serves requests.
constexpr std::chrono::milliseconds kFarewell{300};

// What a line for a console says of a span besides its attributes: a JSON object.
std::string console_line(const observe::RequestRecord& request) {
  observe::Labels labels;
  labels.add("trace_id", observe::to_hex(request.trace->trace_id.data(), 16));
  labels.add("span_id", observe::to_hex(request.trace->span_id.data(), 8));
  labels.add("parent_id", observe::to_hex(request.trace->parent_id.data(), 8));
  const observe::Labels event = request_event(request, system_unix_milliseconds());
  return observe::event_as_json(std::string(labels.bytes()).append(event.bytes()));
}

}  // namespace

struct OtelExporter::Node {
  Node* older = nullptr;
  observe::EncodedSpan span;
  std::optional<observe::Content> content;  // that it does not have yet
  std::string line;  // for a console: console_line()

  size_t size() const { return span.bytes.size() + line.size() + (content ? content->size() : 0); }
};

OtelExporter::OtelExporter(OtelOptions options, const observe::Block& block, Dropped dropped,
                           std::unique_ptr<OtlpChannel> grpc)
    : options_(std::move(options)),
      block_(block),
      dropped_(std::move(dropped)),
      began_ns_(system_unix_nanoseconds()),
      client_(net::system_ca_file(), &interrupt_),
      grpc_(std::move(grpc)),
      sent_(options_.temporality, block),
      thread_(quiet_thread([this] { run(); })) {}

OtelExporter::~OtelExporter() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, kFarewell, [this] { return ended_; });
  }
  // A collector that has not answered by now is not waited for.
  interrupt_.raise();
  if (grpc_ != nullptr) grpc_->interrupt();
  thread_.join();
  if (const size_t left = take_all().size(); left > 0) dropped_("traces", left);
}

void OtelExporter::span(const observe::RequestRecord& request) {
  if (waiting_.load(std::memory_order_relaxed) >= options_.queue_max) return dropped_("traces", 1);
  auto node = std::make_unique<Node>();
  node->span = observe::encode_span(request, options_.spans, system_unix_nanoseconds());
  if (request.content != nullptr) node->content = std::move(*request.content);
  if (options_.traces.to == ExportTo::console) node->line = console_line(request);
  const size_t size = node->size();
  if (waiting_bytes_.fetch_add(size, std::memory_order_relaxed) + size > limits::spans_waiting_max) {
    waiting_bytes_.fetch_sub(size, std::memory_order_relaxed);
    return dropped_("traces", 1);
  }
  // Counted before it can be taken, so that the count never falls below zero.
  const size_t waiting = waiting_.fetch_add(1, std::memory_order_relaxed) + 1;
  Node* const added = node.release();
  added->older = newest_.load(std::memory_order_relaxed);
  while (!newest_.compare_exchange_weak(added->older, added, std::memory_order_release)) {
  }
  // Without the lock the thread may miss it, just before it sleeps: the next full batch wakes it, too.
  if (waiting % options_.batch_max == 0) changed_.notify_one();
}

// The oldest first.
std::vector<std::unique_ptr<OtelExporter::Node>> OtelExporter::take_all() {
  std::vector<std::unique_ptr<Node>> nodes;
  for (Node* node = newest_.exchange(nullptr, std::memory_order_acquire); node != nullptr;) {
    Node* const older = node->older;
    nodes.emplace_back(node);
    node = older;
  }
  waiting_.fetch_sub(nodes.size(), std::memory_order_relaxed);
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

// The span with its content. What a worker would have had to do for it is done here.
std::string OtelExporter::complete(Node& node) {
  const size_t held = node.size();
  if (node.content) {
    try {
      capture::append_content(*node.content, options_.spans, node.span);
    } catch (const std::exception&) {  // what a client says must not end the thread
      dropped_("span_content", 1);
    }
    node.content.reset();
  }
  waiting_bytes_.fetch_sub(held, std::memory_order_relaxed);
  return std::move(node.span.bytes);
}

void OtelExporter::run() {
  Clock::time_point metrics_due = Clock::now() + options_.metrics_interval;
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      const auto due = std::min<Clock::time_point>(Clock::now() + options_.schedule_delay, metrics_due);
      changed_.wait_until(lock, due, [this] {
        return stopping_ || waiting_.load(std::memory_order_relaxed) >= options_.batch_max;
      });
    }
    const bool last = stopping_;
    send_spans();
    if (options_.metrics.to != ExportTo::nowhere && (last || Clock::now() >= metrics_due)) {
      send_metrics();
    }
    if (Clock::now() >= metrics_due) metrics_due = Clock::now() + options_.metrics_interval;
    if (!last) continue;
    std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
    return;
  }
}

void OtelExporter::send_spans() {
  std::vector<std::string> batch;
  size_t bytes = 0;
  for (const std::unique_ptr<Node>& node : take_all()) {
    std::string span = complete(*node);
    if (options_.traces.to == ExportTo::console) {
      std::string line = std::move(node->line);
      line.back() = ',';  // the object goes on
      line += "\"attributes\":" + observe::span_attributes_as_json(span) + "}\n";
      std::fwrite(line.data(), 1, line.size(), stdout);
      std::fflush(stdout);
      continue;
    }
    if (!batch.empty() && (batch.size() == options_.batch_max || bytes + span.size() > limits::span_batch_max)) {
      send_batch(batch);
      bytes = 0;
    }
    bytes += span.size();
    batch.push_back(std::move(span));
  }
  if (!batch.empty()) send_batch(batch);
}

void OtelExporter::send_batch(std::vector<std::string>& batch) {
  const bool taken =
      post(OtlpChannel::Signal::traces, options_.traces, observe::encode_traces(options_.resource, batch));
  if (!taken) dropped_("traces", batch.size());
  batch.clear();
}

void OtelExporter::send_metrics() {
  if (options_.metrics.to == ExportTo::console) {
    const std::string text = observe::expose(block_, observe::TextFormat::prometheus);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return;
  }
  const std::string body = sent_.encode(options_.resource, block_, began_ns_, system_unix_nanoseconds());
  if (body.empty()) return;
  if (post(OtlpChannel::Signal::metrics, options_.metrics, body)) {
    sent_.taken();
  } else {
    dropped_("metrics", 1);
  }
}

// What fails by our own fault is not sent either, and must not end the thread.
bool OtelExporter::post(OtlpChannel::Signal signal, const OtelExport& to, const std::string& body) try {
  const std::chrono::milliseconds timeout = stopping_ ? std::min(to.timeout, kFarewell) : to.timeout;
  if (to.grpc) return grpc_ != nullptr && grpc_->send(signal, to, body, timeout);
  net::HttpRequest request;
  request.method = "POST";
  request.url = to.url;
  request.tls = to.tls;
  request.headers.emplace_back("content-type", Secret("application/x-protobuf"));
  for (const auto& [name, value] : to.headers) request.headers.emplace_back(name, Secret(value));
  std::string packed;
  if (to.gzip) {
    request.headers.emplace_back("content-encoding", Secret("gzip"));
    packed = wire::gzip(body);
  }
  request.plain_body = to.gzip ? Bytes(packed) : Bytes(body);
  request.timeout = timeout;
  const Result<net::HttpResponse> response = client_.send(request);
  return response && response->ok();
} catch (const std::exception&) {
  return false;
}

}  // namespace aigw::runtime
