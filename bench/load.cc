// The load generator of the benchmark: a fixed number of requests over a fixed number of keep-alive
// connections, each of which asks again as soon as it has its answer. Every byte of every answer is
// compared, so that what was fast was also right. Prints one line of JSON; exits 1 after an error.
//
//   bench_load PORT REQUEST ANSWER RECEIVED REQUESTS CONNECTIONS
//
// REQUEST is a file with the whole request, head and body, as it is sent. ANSWER is a file with the
// body that must come back, whatever its framing; each run of '~' in it stands for the digits of a
// time (CLOCK_MONOTONIC, ns) at which the upstream wrote that place, and each '#' for any digit.
// RECEIVED is the number of body bytes that the upstream must have got. Latency is that of whole
// requests, or, where there are times in the answer, from each of those times to its arrival.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "http1.h"

namespace aigw::bench {
namespace {

uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

struct Plan {
  uint16_t port = 0;
  std::string request;
  std::string answer;
  std::string received;
  uint64_t requests = 0;
  uint64_t connections = 0;
  bool timed_events = false;
};

// What all connections share.
struct Tally {
  uint64_t begun = 0;
  uint64_t finished = 0;
  std::vector<uint64_t> latencies_ns;
  std::string error;  // the first
};

class Connection {
 public:
  Connection(const Plan& plan, Tally& tally) : plan_(plan), tally_(tally) {
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(plan.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      refuse("cannot connect");
    }
  }
  ~Connection() { close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }

  // Begins the next request, if there is one left to do.
  void begin() {
    if (tally_.begun == plan_.requests) return;
    ++tally_.begun;
    active_ = true;
    sent_ = compared_ = body_left_ = 0;
    stamp_ = 0;
    in_body_ = chunked_ = false;
    chunks_ = ChunkDecoder();
    head_.clear();
    began_ns_ = now_ns();
    send_more();
  }

  // Does what the socket allows.
  void serve() {
    static char buffer[256 * 1024];
    if (active_) send_more();
    while (tally_.error.empty()) {
      const ssize_t got = recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) return;
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return refuse("the connection was closed");
      if (!active_) return refuse("bytes after the answer");
      arrived_ns_ = now_ns();
      take({buffer, static_cast<size_t>(got)});
    }
  }

 private:
  void refuse(const std::string& what) {
    if (tally_.error.empty()) tally_.error = what;
  }

  void send_more() {
    while (sent_ < plan_.request.size()) {
      const ssize_t put = send(fd_, plan_.request.data() + sent_, plan_.request.size() - sent_,
                               MSG_NOSIGNAL | MSG_DONTWAIT);
      if (put < 0) {
        if (errno != EAGAIN && errno != EINTR) refuse("the request could not be sent");
        return;
      }
      sent_ += static_cast<size_t>(put);
    }
  }

  void take(std::string_view bytes) {
    if (!in_body_) {
      head_.append(bytes);
      const size_t size = head_size(head_);
      if (size == 0) return;
      bytes = bytes.substr(bytes.size() - (head_.size() - size));
      head_.resize(size);
      if (!check_head()) return;
      in_body_ = true;
    }
    if (chunked_) {
      const size_t used = chunks_.feed(bytes, [&](std::string_view piece) { compare(piece); });
      if (chunks_.state() == ChunkDecoder::State::bad) return refuse("a broken chunk");
      if (chunks_.state() != ChunkDecoder::State::done) return;
      if (used != bytes.size()) return refuse("bytes after the last chunk");
    } else {
      if (bytes.size() > body_left_) return refuse("more than the content-length says");
      compare(bytes);
      body_left_ -= bytes.size();
      if (body_left_ > 0) return;
    }
    finish();
  }

  bool check_head() {
    const std::string_view head = head_;
    if (!head.starts_with("HTTP/1.1 200 ")) {
      refuse("status: " + std::string(head.substr(0, head.find('\r'))));
      return false;
    }
    if (find_header(head, "x-bench-received") != plan_.received) {
      refuse("the upstream received " +
             std::string(find_header(head, "x-bench-received").value_or("?")) +
             " bytes instead of " + plan_.received);
      return false;
    }
    chunked_ = find_header(head, "transfer-encoding") == "chunked";
    const auto length = find_header(head, "content-length");
    if (!chunked_ && !length) {
      refuse("an answer without a length");
      return false;
    }
    if (length) body_left_ = parse_number(*length).value_or(0);
    return true;
  }

  void compare(std::string_view piece) {
    const std::string_view wanted = plan_.answer;
    if (piece.size() > wanted.size() - compared_) return refuse("the answer is too long");
    while (!piece.empty()) {
      if (wanted[compared_] == '~') {
        take_stamp_digit(piece[0]);
        piece.remove_prefix(1);
        continue;
      }
      if (wanted[compared_] == '#') {
        if (piece[0] < '0' || piece[0] > '9') return refuse("a number without digits");
        ++compared_;
        piece.remove_prefix(1);
        continue;
      }
      const size_t next = std::min(wanted.find_first_of("~#", compared_), wanted.size());
      const size_t same = std::min(piece.size(), next - compared_);
      if (std::memcmp(piece.data(), wanted.data() + compared_, same) != 0) {
        return refuse("the answer is another one");
      }
      compared_ += same;
      piece.remove_prefix(same);
    }
  }

  void take_stamp_digit(char c) {
    if (c < '0' || c > '9') return refuse("a time without digits");
    stamp_ = stamp_ * 10 + static_cast<uint64_t>(c - '0');
    ++compared_;
    if (compared_ < plan_.answer.size() && plan_.answer[compared_] == '~') return;
    tally_.latencies_ns.push_back(arrived_ns_ - std::min(arrived_ns_, stamp_));
    stamp_ = 0;
  }

  void finish() {
    if (compared_ != plan_.answer.size()) return refuse("the answer is too short");
    if (sent_ != plan_.request.size()) return refuse("an answer before the request was sent");
    if (!plan_.timed_events) tally_.latencies_ns.push_back(arrived_ns_ - began_ns_);
    ++tally_.finished;
    active_ = false;
    begin();
  }

  const Plan& plan_;
  Tally& tally_;
  int fd_ = -1;
  bool active_ = false;
  bool in_body_ = false;
  bool chunked_ = false;
  size_t sent_ = 0;
  size_t compared_ = 0;  // bytes of the answer
  uint64_t body_left_ = 0;
  uint64_t stamp_ = 0;
  uint64_t began_ns_ = 0;
  uint64_t arrived_ns_ = 0;
  ChunkDecoder chunks_;
  std::string head_;
};

double percentile_us(std::vector<uint64_t>& values, double share) {
  if (values.empty()) return 0;
  const size_t at =
      std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(at), values.end());
  return static_cast<double>(values[at]) / 1000.0;
}

int run(const Plan& plan) {
  Tally tally;
  tally.latencies_ns.reserve(plan.requests);
  const int epoll = epoll_create1(0);
  std::vector<std::unique_ptr<Connection>> connections;
  for (uint64_t i = 0; i < plan.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(plan, tally));
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = connections.back().get();
    epoll_ctl(epoll, EPOLL_CTL_ADD, connections.back()->fd(), &event);
  }
  const uint64_t began = now_ns();
  for (auto& connection : connections) connection->begin();
  while (tally.error.empty() && tally.finished < plan.requests) {
    epoll_event events[64];
    const int count = epoll_wait(epoll, events, 64, 30'000);
    if (count == 0) tally.error = "nothing happened for 30 seconds";
    for (int i = 0; i < count; ++i) static_cast<Connection*>(events[i].data.ptr)->serve();
  }
  const double seconds = static_cast<double>(now_ns() - began) / 1e9;
  std::printf(
      "{\"requests\": %llu, \"errors\": %d, \"error\": \"%s\", \"seconds\": %.6f, "
      "\"p50_us\": %.1f, \"p99_us\": %.1f}\n",
      static_cast<unsigned long long>(tally.finished), tally.error.empty() ? 0 : 1,
      tally.error.c_str(), seconds, percentile_us(tally.latencies_ns, 0.50),
      percentile_us(tally.latencies_ns, 0.99));
  close(epoll);
  return tally.error.empty() ? 0 : 1;
}

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace
}  // namespace aigw::bench

int main(int argc, char** argv) {
  using namespace aigw::bench;
  if (argc != 7) {
    std::fprintf(stderr, "usage: bench_load PORT REQUEST ANSWER RECEIVED REQUESTS CONNECTIONS\n");
    return 2;
  }
  Plan plan;
  plan.port = static_cast<uint16_t>(parse_number(argv[1]).value_or(0));
  plan.request = read_file(argv[2]);
  plan.answer = read_file(argv[3]);
  plan.received = argv[4];
  plan.requests = parse_number(argv[5]).value_or(0);
  plan.connections = parse_number(argv[6]).value_or(0);
  plan.timed_events = plan.answer.find('~') != std::string::npos;
  if (plan.port == 0 || plan.request.empty() || plan.answer.empty() || plan.requests == 0 ||
      plan.connections == 0) {
    std::fprintf(stderr, "bench_load: an argument is wrong, or a file is empty\n");
    return 2;
  }
  return run(plan);
}
