// The provider of the benchmark: answers every POST with the same chat completion, with the same
// stream of events where the request carries `x-bench-stream`, or below /model/ with the same answer
// in the language of Bedrock Converse. Prints "port N" and serves on
// loopback until it is killed.
//
// Costs as little as it can, since it shares the machine with what is measured: one thread, bodies
// are counted and dropped. `x-bench-received` of the answer says how many body bytes came.
// `x-bench-keep` in a request keeps it whole; GET /kept gives back the last one kept, head and
// body.
//
// A stream sends one event in one write per tick of the clock and stream, as a model that produces
// tokens does; without the pauses events would coalesce on the way, depending on who is scheduled
// when, and the cost of a stream with them. Every event carries the time at which it was written
// (CLOCK_MONOTONIC, ns) as 19 digits, so that the load generator knows the latency of each.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "http1.h"

namespace aigw::bench {
namespace {

constexpr int stream_events = 200;
constexpr long tick_ns = 1'000'000;

constexpr std::string_view unary_answer =
    R"({"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion",)"
    R"("created":1741569952,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"A gateway sits between the programs that ask and the )"
    R"(models that answer.\n\n1. It knows who asks, and keeps the keys of the providers)"
    R"( to itself.)"
    R"(\n2. It counts: \"tokens in, tokens out\", per model and per team.\n3. When a provider)"
    R"( fails or says that there were too many requests, it asks the next one, and the program)"
    R"( does not notice.\n\nWhat it must not do is cost much: every request and every answer )"
    R"(pass through )"
    R"(it, a few of them megabytes long.","refusal":null,"annotations":[]},"logprobs":null,)"
    R"("finish_reason":"stop"}],"usage":{"prompt_tokens":219,"completion_tokens":112,)"
    R"("total_tokens":331,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},)"
    R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
    R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default",)"
    R"("system_fingerprint":"fp_06737a9306"})";

constexpr std::string_view converse_answer =
    R"({"metrics":{"latencyMs":412},"output":{"message":{"content":[{"text":"A gateway sits between )"
    R"(the programs that ask and the models that answer.\n\n1. It knows who asks, and keeps the keys )"
    R"(of the providers to itself.\n2. It counts: \"tokens in, tokens out\", per model and per team.)"
    R"(\n3. When a provider fails or says that there were too many requests, it asks the next one, )"
    R"(and the program does not notice.\n\nWhat it must not do is cost much: every request and every )"
    R"(answer pass through it, a few of them megabytes long."}],"role":"assistant"}},)"
    R"("stopReason":"end_turn","usage":{"inputTokens":219,"outputTokens":112,"totalTokens":331}})";

constexpr std::string_view common_headers =
    "date: Mon, 10 Mar 2025 01:25:52 GMT\r\nopenai-organization: bench\r\n"
    "openai-processing-ms: 412\r\nopenai-version: 2020-10-01\r\n"
    "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\n"
    "x-request-id: req_4f1dd2b7c2b0a6e8a8f7e6d5c4b3a291\r\n";

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

// Event `index` as one HTTP chunk; the last one with the end of the stream.
std::string stream_chunk(int index) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  char stamp[32];
  std::snprintf(stamp, sizeof(stamp), "%010lld%09ld", static_cast<long long>(now.tv_sec),
                now.tv_nsec);
  std::string event =
      R"(data: {"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion.chunk",)"
      R"("created":1741569952,"model":"gpt-4o-mini-2024-07-18","system_fingerprint":"fp_)";
  event += stamp;
  if (index < stream_events - 1) {
    event += R"(","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]})";
    event += "\n\n";
  } else {
    event += R"(","choices":[],"usage":{"prompt_tokens":219,"completion_tokens":199,)"
             R"("total_tokens":418}})"
             "\n\ndata: [DONE]\n\n";
  }
  char size[16];
  std::snprintf(size, sizeof(size), "%zx\r\n", event.size());
  return size + event + (index < stream_events - 1 ? "\r\n" : "\r\n0\r\n\r\n");
}

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection() { close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Reads and writes what can be; false when the connection is over.
  bool serve(std::string& kept) {
    static char buffer[256 * 1024];
    for (;;) {
      const ssize_t got = recv(fd_, buffer, sizeof(buffer), 0);
      if (got == 0) return false;
      if (got < 0) return errno == EAGAIN ? flush() : errno == EINTR;
      if (!take({buffer, static_cast<size_t>(got)}, kept)) return false;
    }
  }

  bool streaming() const { return next_event_ < stream_events; }

  // The next event of a stream, unless the one before it is not out yet.
  bool tick() {
    if (out_.empty()) out_ = stream_chunk(next_event_++);
    return flush();
  }

 private:
  bool take(std::string_view bytes, std::string& kept) {
    while (!bytes.empty()) {
      if (body_left_ == 0) {
        head_.append(bytes);
        const size_t size = head_size(head_);
        if (size == 0) return true;
        bytes = bytes.substr(bytes.size() - (head_.size() - size));
        head_.resize(size);
        if (!begin_request()) return false;
      }
      const std::string_view piece = bytes.substr(0, static_cast<size_t>(body_left_));
      if (keep_) kept_.append(piece);
      body_left_ -= piece.size();
      bytes.remove_prefix(piece.size());
      if (body_left_ == 0) end_request(kept);
    }
    return true;
  }

  bool begin_request() {
    const auto length = find_header(head_, "content-length");
    body_size_ = length ? parse_number(*length).value_or(0) : 0;
    body_left_ = body_size_;
    keep_ = find_header(head_, "x-bench-keep").has_value();
    if (keep_) kept_ = head_;
    return !find_header(head_, "transfer-encoding");  // none of the variants may lose the length
  }

  void end_request(std::string& kept) {
    if (keep_) kept.swap(kept_);
    if (head_.starts_with("GET /kept ")) {
      answer("application/octet-stream", kept);
    } else if (find_header(head_, "x-bench-stream")) {
      out_ = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n";
      out_ += common_headers;
      out_ += "x-bench-received: " + std::to_string(body_size_) +
              "\r\ntransfer-encoding: chunked\r\n\r\n";
      next_event_ = 0;
    } else {
      answer("application/json",
             head_.starts_with("POST /model/") ? converse_answer : unary_answer);
    }
    head_.clear();
  }

  void answer(std::string_view type, std::string_view body) {
    out_ = "HTTP/1.1 200 OK\r\ncontent-type: ";
    out_ += type;
    out_ += "\r\n";
    out_ += common_headers;
    out_ += "x-bench-received: " + std::to_string(body_size_) +
            "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n";
    out_ += body;
  }

  bool flush() {
    while (!out_.empty()) {
      const ssize_t put = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (put < 0) return errno == EAGAIN || errno == EINTR;
      out_.erase(0, static_cast<size_t>(put));
    }
    return true;
  }

  const int fd_;
  std::string head_;
  uint64_t body_size_ = 0;
  uint64_t body_left_ = 0;
  bool keep_ = false;
  std::string kept_;
  std::string out_;
  int next_event_ = stream_events;
};

class Server {
 public:
  int run() {
    listen_on_loopback();
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    watch(listener_, EPOLLIN);
    watch(timer_, EPOLLIN);
    epoll_event events[64];
    for (;;) {
      const int count = epoll_wait(epoll_, events, 64, -1);
      if (count < 0 && errno != EINTR) fail("epoll_wait");
      for (int i = 0; i < count; ++i) dispatch(events[i].data.fd);
      set_ticking();
    }
  }

 private:
  void listen_on_loopback() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0) fail("bind");
    if (listen(listener_, 512) != 0) fail("listen");
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("port %u\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  void watch(int fd, uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  }

  void dispatch(int fd) {
    if (fd == listener_) return accept_all();
    if (fd == timer_) return tick();
    Connection* connection = connections_[static_cast<size_t>(fd)].get();
    if (connection != nullptr && !connection->serve(kept_)) {
      connections_[static_cast<size_t>(fd)].reset();
    }
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      if (connections_.size() <= static_cast<size_t>(fd)) {
        connections_.resize(static_cast<size_t>(fd) + 1);
      }
      connections_[static_cast<size_t>(fd)] = std::make_unique<Connection>(fd);
      watch(fd, EPOLLIN | EPOLLOUT | EPOLLET);
    }
  }

  void tick() {
    uint64_t expirations;
    if (read(timer_, &expirations, sizeof(expirations)) < 0) return;
    for (auto& connection : connections_) {
      if (connection && connection->streaming() && !connection->tick()) connection.reset();
    }
  }

  void set_ticking() {
    bool wanted = false;
    for (const auto& connection : connections_) wanted |= connection && connection->streaming();
    if (wanted == ticking_) return;
    ticking_ = wanted;
    itimerspec interval{};
    interval.it_interval.tv_nsec = interval.it_value.tv_nsec = wanted ? tick_ns : 0;
    timerfd_settime(timer_, 0, &interval, nullptr);
  }

  const int epoll_ = epoll_create1(0);
  int listener_ = -1;
  int timer_ = -1;
  bool ticking_ = false;
  std::vector<std::unique_ptr<Connection>> connections_;  // by file descriptor
  std::string kept_;
};

}  // namespace
}  // namespace aigw::bench

int main() { return aigw::bench::Server().run(); }
