// The ext_proc server under ThreadSanitizer: `aigw extproc` as it stands, in this process, and an
// Envoy that keeps several streams open at once. While they carry requests, and leave some, the
// configuration and the credential files change, tokens are fetched anew, spans go out over gRPC and metrics
// over HTTP, and the admin address is read and sets the log's level. Then the server is told to go,
// under load, and comes again. Every answer has to be right, every change has to be seen, and there
// must be no race: at the first one ThreadSanitizer ends the program, with 66.
//
//   extproc_threads_test SECONDS [race]
//
// It goes on for so long, and then until enough of all that has happened: a slow machine needs longer.
//
// `race`: the server writes to a log that counts its lines without any care, though it is written
// from any thread. It shows that a race between two streams would be found.
#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

#include "cli/extproc_command.h"
#include "drivers/threads/collector.h"
#include "drivers/threads/extproc_client.h"
#include "drivers/threads/service.h"
#include "drivers/threads/stories.h"
#include "fronts/extproc/server.h"

// The server's log goes to stderr, in a file; reports to stdout.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options() {
  return "halt_on_error=1:second_deadlock_stack=1:log_path=stdout";
}

// What gRPC, its libraries and the generated messages ask of libc, which ThreadSanitizer would hold
// to locks that it does not see: they are not instrumented. Where they call our code, that is held
// to everything, and so is what we ask of libc. Each has to name one library.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_suppressions() {
  return "called_from_lib:libaigw_extproc_proto.so\n"
         "called_from_lib:libabsl_bad_optional_access.so\n"
         "called_from_lib:libabsl_bad_variant_access.so\n"
         "called_from_lib:libabsl_base.so\n"
         "called_from_lib:libabsl_city.so\n"
         "called_from_lib:libabsl_cord.so\n"
         "called_from_lib:libabsl_cord_internal.so\n"
         "called_from_lib:libabsl_cordz_functions.so\n"
         "called_from_lib:libabsl_cordz_handle.so\n"
         "called_from_lib:libabsl_cordz_info.so\n"
         "called_from_lib:libabsl_debugging_internal.so\n"
         "called_from_lib:libabsl_demangle_internal.so\n"
         "called_from_lib:libabsl_exponential_biased.so\n"
         "called_from_lib:libabsl_graphcycles_internal.so\n"
         "called_from_lib:libabsl_hash.so\n"
         "called_from_lib:libabsl_int128.so\n"
         "called_from_lib:libabsl_low_level_hash.so\n"
         "called_from_lib:libabsl_malloc_internal.so\n"
         "called_from_lib:libabsl_random_internal_platform.so\n"
         "called_from_lib:libabsl_random_internal_pool_urbg.so\n"
         "called_from_lib:libabsl_random_internal_randen.so\n"
         "called_from_lib:libabsl_random_internal_randen_hwaes.so\n"
         "called_from_lib:libabsl_random_internal_randen_hwaes_impl.so\n"
         "called_from_lib:libabsl_random_internal_randen_slow.so\n"
         "called_from_lib:libabsl_random_internal_seed_material.so\n"
         "called_from_lib:libabsl_random_seed_gen_exception.so\n"
         "called_from_lib:libabsl_raw_hash_set.so\n"
         "called_from_lib:libabsl_raw_logging_internal.so\n"
         "called_from_lib:libabsl_spinlock_wait.so\n"
         "called_from_lib:libabsl_stacktrace.so\n"
         "called_from_lib:libabsl_status.so\n"
         "called_from_lib:libabsl_statusor.so\n"
         "called_from_lib:libabsl_str_format_internal.so\n"
         "called_from_lib:libabsl_strerror.so\n"
         "called_from_lib:libabsl_strings.so\n"
         "called_from_lib:libabsl_strings_internal.so\n"
         "called_from_lib:libabsl_symbolize.so\n"
         "called_from_lib:libabsl_synchronization.so\n"
         "called_from_lib:libabsl_throw_delegate.so\n"
         "called_from_lib:libabsl_time.so\n"
         "called_from_lib:libabsl_time_zone.so\n"
         "called_from_lib:libaddress_sorting.so\n"
         "called_from_lib:libcares.so\n"
         "called_from_lib:libcrypto.so\n"
         "called_from_lib:libgpr.so\n"
         "called_from_lib:libgrpc++.so\n"
         "called_from_lib:libgrpc.so\n"
         "called_from_lib:libprotobuf.so\n"
         "called_from_lib:libre2.so\n"
         "called_from_lib:libssl.so\n"
         "called_from_lib:libupb.so\n"
         "called_from_lib:libz.so\n";
}

namespace aigw::tests {
namespace {

constexpr size_t kWorkers = 6;
constexpr int kLives = 3;

// With a machine on which little happens.
constexpr std::chrono::minutes kPatience{10};

// One that nobody else gets as long as this lives: a socket is bound to it that lets others be bound and listen.
class Port {
 public:
  Port() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port for the admin address");
    }
    number_ = ntohs(address.sin_port);
  }
  ~Port() { ::close(fd_); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  uint16_t number() const { return number_; }

 private:
  const int fd_;
  uint16_t number_ = 0;
};

class Run {
 public:
  Run() {
    write_files(folder_, service_.url(), 0);
    ::setenv("OTEL_EXPORTER_OTLP_ENDPOINT", service_.url().c_str(), 1);
    ::setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector_.url().c_str(), 1);
    ::setenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc", 1);
    ::setenv("OTEL_METRIC_EXPORT_INTERVAL", "300", 1);
    ::setenv("OTEL_BSP_SCHEDULE_DELAY", "100", 1);
    if (std::freopen(folder_.at("stderr").c_str(), "w", stderr) == nullptr)
      throw std::runtime_error("no log");
  }

  // The exit code.
  int go(int seconds) {
    begin();
    threads_.emplace_back([this] { read_admin(); });
    for (int life = 0; life < kLives; ++life) {
      ++life_;
      std::thread server([this, life] { serve(life % 2 == 0 ? "debug" : "error"); });
      while (!http_ask(admin_port_.number(), "GET", "/health").starts_with("HTTP/1.1 200")) sleep_ms(20);
      if (!wait_for_workers()) fail("not every worker got through to the server");
      ++era_;
      sleep_ms(seconds * 1000 / kLives);
      const bool is_last = life + 1 == kLives;
      const auto end = std::chrono::steady_clock::now() + kPatience;
      while (is_last && !enough() && std::chrono::steady_clock::now() < end) sleep_ms(100);
      ++era_;
      if (is_last) stopping_ = true;
      ::kill(::getpid(), SIGTERM);
      server.join();
    }
    end();
    return report();
  }

  int race(int seconds) {
    uint64_t lines = 0;
    runtime::Process process;
    process.log = [](runtime::LogLevel, Bytes) {};
    auto runtime = runtime::Runtime::open("{\"configPath\":\"" + folder_.at("document") + "\"}",
                                          std::move(process));
    if (!runtime) throw std::runtime_error(runtime.error().message);
    extproc::Gateway gateway(*runtime, [&lines](runtime::LogLevel, Bytes) { ++lines; }, true);
    extproc::ServerOptions options;
    options.address = address();
    auto server = extproc::Server::start(gateway, options);
    if (!server) throw std::runtime_error(server.error().message);
    ++era_;
    begin();
    sleep_ms(seconds * 1000);
    stopping_ = true;
    end();
    std::cout << lines << " lines or so, and no race was found\n";
    return 0;
  }

 private:
  std::string address() const { return "unix://" + folder_.at("socket"); }

  // Ends with the signal.
  void serve(const char* log_level) {
    const int code = cli::run_extproc(
        {"-configPath", folder_.at("document"), "-extProcAddr", address(), "-logLevel", log_level,
         "-logBodies", "-adminAddress", "127.0.0.1:" + std::to_string(admin_port_.number()), "-requestLog",
         "json", "-requestLogPath", folder_.at("log")});
    if (code != 0) fail("the server ended with " + std::to_string(code));
  }

  // Until each has carried something to this server: a channel tries again in its own time.
  bool wait_for_workers() {
    constexpr int kPatienceMs = 300'000, kStepMs = 20;
    const auto is_through = [this](const std::atomic<uint32_t>& reached) { return reached == life_; };
    for (int waited = 0; waited < kPatienceMs; waited += kStepMs) {
      if (std::all_of(reached_.begin(), reached_.end(), is_through)) return true;
      sleep_ms(kStepMs);
    }
    return false;
  }

  void begin() {
    for (size_t i = 0; i < kWorkers; ++i) threads_.emplace_back([this, i] { work(i); });
    threads_.emplace_back([this] { change_files(); });
  }
  void end() {
    for (std::thread& thread : threads_) thread.join();
  }

  void work(size_t index) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
    const auto stub = envoy::service::ext_proc::v3::ExternalProcessor::NewStub(
        grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments));
    const std::vector<Story> stories = all_stories();
    std::mt19937 random(static_cast<uint32_t>(index));
    while (!stopping_) {
      const Story& story = stories[random() % stories.size()];
      const uint32_t era = era_.load(), life = life_.load();
      Outcome outcome;
      std::string problem;
      switch (carry_to_server(*stub, story.told, random, true, outcome, problem)) {
        case Carried::whole:
          check(story, outcome, seen_[index]);
          reached_[index] = life;
          break;
        case Carried::left:
          ++left_;
          break;
        case Carried::broken:
          if (era % 2 != 0 && era_.load() == era) fail(problem);
          sleep_ms(20);
          break;
      }
    }
  }

  void change_files() {
    for (int number = 1; !stopping_; ++number) {
      write_files(folder_, service_.url(), number);
      sleep_ms(120);
    }
  }

  void read_admin() {
    const std::pair<const char*, const char*> requests[] = {{"GET", "/metrics"},
                                                            {"GET", "/status.json"},
                                                            {"GET", "/tap?after=0"},
                                                            {"GET", "/health"},
                                                            {"POST", "/log-level?level=debug"},
                                                            {"POST", "/log-level?level=warn"}};
    for (size_t i = 0; !stopping_; ++i) {
      const auto& [method, target] = requests[i % std::size(requests)];
      const uint32_t era = era_.load();
      const std::string answer = http_ask(admin_port_.number(), method, target);
      const bool is_health = target == std::string_view("/health");
      // The server asks itself and waits for a second, which may be too short for a busy machine.
      const bool is_late = is_health && answer.starts_with("HTTP/1.1 5");
      if (answer.starts_with("HTTP/1.1 200")) {
        ++pages_;
        if (is_health) ++healthy_;
      } else if (!is_late && era % 2 != 0 && era_.load() == era) {
        fail(std::string(target) + ": " + answer.substr(0, 100));
      }
      sleep_ms(20);
    }
  }

  long long logged() const {
    std::ifstream log(folder_.at("log"), std::ios::ate);
    return log ? static_cast<long long>(log.tellg()) : 0;
  }

  // What has not happened was not tested. At any time.
  bool enough() const {
    const Sum sum = sum_of(seen_);
    return sum.requests > 100 && sum.tokens > 10 && left_.load(std::memory_order_relaxed) > 10 && sum.models == 3 &&
           sum.keys > 3 && pages_.load(std::memory_order_relaxed) > 10 &&
           healthy_.load(std::memory_order_relaxed) > 0 && service_.answered() > 10 && collector_.exports() > 10 &&
           logged() > 0;
  }

  int report() {
    const Sum sum = sum_of(seen_);
    std::cout << sum.requests << " requests and " << left_ << " left, " << sum.tokens << " with a token and "
              << sum.early << " before it, " << sum.keys << " keys, " << pages_ << " pages, " << healthy_
              << " times healthy, " << service_.answered() << " tokens and exports over HTTP, "
              << collector_.exports() << " over gRPC, " << logged() << " bytes of log, " << failures() << " wrong\n";
    if (enough() && failures() == 0) return 0;
    if (!enough()) std::cout << "too little happened\n";
    std::ostringstream said;
    said << std::ifstream(folder_.at("stderr")).rdbuf();
    const std::string text = said.str();
    std::cout << text.substr(text.size() - std::min<size_t>(text.size(), 4000));
    return 1;
  }

  const Folder folder_;
  Service service_;
  Collector collector_;
  const Port admin_port_;
  std::array<Seen, kWorkers> seen_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint32_t> era_{0};  // odd while a server is there and stays
  std::atomic<uint32_t> life_{0};  // of the server, from 1
  std::array<std::atomic<uint32_t>, kWorkers> reached_{};  // by worker, the last of them that it got through to
  std::atomic<uint64_t> pages_{0}, healthy_{0}, left_{0};
};

}  // namespace
}  // namespace aigw::tests

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: extproc_threads_test SECONDS [race]\n";
    return 2;
  }
  // The server waits for it, on a thread of its own.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  aigw::tests::Run run;
  return argc == 3 ? run.race(std::atoi(argv[1])) : run.go(std::atoi(argv[1]));
}
