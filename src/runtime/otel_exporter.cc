#include "runtime/otel_exporter.h"

#include <time.h>

#include <algorithm>
#include <cstdio>

#include "base/quiet_thread.h"
#include "observe/prometheus.h"
#include "runtime/event_text.h"
#include "runtime/sight.h"

namespace aigw::runtime {
namespace {

using Clock = std::chrono::steady_clock;

// What the last batch gets when the runtime ends: that may be on a thread that serves requests.
constexpr std::chrono::milliseconds kFarewell{300};

uint64_t unix_nanoseconds() {
  timespec now;
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// A span as a line for a console.
std::string console_line(const observe::RequestRecord& request) {
  observe::Labels labels;
  labels.add("trace_id", observe::to_hex(request.trace->trace_id.data(), 16));
  labels.add("span_id", observe::to_hex(request.trace->span_id.data(), 8));
  labels.add("parent_id", observe::to_hex(request.trace->parent_id.data(), 8));
  const observe::Labels event = request_event(request, unix_milliseconds());
  return observe::event_as_json(std::string(labels.bytes()).append(event.bytes())) + '\n';
}

}  // namespace

struct OtelExporter::Node {
  Node* older;
  std::string bytes;
};

OtelExporter::OtelExporter(OtelOptions options, const observe::Block& block, Dropped dropped)
    : options_(std::move(options)),
      block_(block),
      dropped_(std::move(dropped)),
      began_ns_(unix_nanoseconds()),
      client_(net::system_ca_file(), &interrupt_),
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
  thread_.join();
  if (const size_t left = take_all().size(); left > 0) dropped_("traces", left);
}

void OtelExporter::span(const observe::RequestRecord& request) {
  if (waiting_.load(std::memory_order_relaxed) >= options_.queue_max) {
    dropped_("traces", 1);
    return;
  }
  auto* node = new Node{nullptr, options_.traces.to == ExportTo::console
                                     ? console_line(request)
                                     : observe::encode_span(request, options_.semconv, unix_nanoseconds())};
  // Counted before it can be taken, so that the count never falls below zero.
  const size_t waiting = waiting_.fetch_add(1, std::memory_order_relaxed) + 1;
  node->older = newest_.load(std::memory_order_relaxed);
  while (!newest_.compare_exchange_weak(node->older, node, std::memory_order_release)) {
  }
  if (waiting == options_.batch_max) changed_.notify_one();
}

// The oldest first.
std::vector<std::string> OtelExporter::take_all() {
  std::vector<std::string> spans;
  for (Node* node = newest_.exchange(nullptr, std::memory_order_acquire); node != nullptr;) {
    spans.push_back(std::move(node->bytes));
    Node* older = node->older;
    delete node;
    node = older;
  }
  waiting_.fetch_sub(spans.size(), std::memory_order_relaxed);
  std::reverse(spans.begin(), spans.end());
  return spans;
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
  const std::vector<std::string> spans = take_all();
  if (options_.traces.to == ExportTo::console) {
    for (const std::string& line : spans) std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
    return;
  }
  for (size_t at = 0; at < spans.size(); at += options_.batch_max) {
    const size_t size = std::min(options_.batch_max, spans.size() - at);
    const std::span<const std::string> batch(spans.data() + at, size);
    if (!post(options_.traces, observe::encode_traces(options_.resource, batch))) dropped_("traces", size);
  }
}

void OtelExporter::send_metrics() {
  if (options_.metrics.to == ExportTo::console) {
    const std::string text = observe::expose(block_, observe::TextFormat::prometheus);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return;
  }
  std::string body = observe::encode_metrics(options_.resource, block_, began_ns_, unix_nanoseconds());
  if (!body.empty() && !post(options_.metrics, std::move(body))) dropped_("metrics", 1);
}

bool OtelExporter::post(const OtelExport& to, std::string body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = to.url;
  request.headers.emplace_back("content-type", Secret("application/x-protobuf"));
  for (const auto& [name, value] : to.headers) request.headers.emplace_back(name, Secret(value));
  request.body = Secret(body);
  request.timeout = stopping_ ? std::min(to.timeout, kFarewell) : to.timeout;
  const Result<net::HttpResponse> response = client_.send(request);
  return response && response->ok();
}

}  // namespace aigw::runtime
