// The library under ThreadSanitizer, in an Envoy with several workers. While they carry requests,
// its builds and its configurations are swapped, the configuration, the credential files and a
// secret by SDS change, tokens are fetched anew, spans and metrics are exported, and the metrics, the status
// and the tap are read. Every answer has to be right, every change has to be seen, and there must
// be no race: at the first one ThreadSanitizer ends the program, with 66.
//
//   threads_test MODULE OTHER_MODULE SECONDS [race]
//
// It goes on for so long, and then until enough of all that has happened: a slow machine needs longer.
//
// `race`: all workers say that they are the same one, which Envoy never does, so that their places
// for the current configuration race. It shows that a race in the library would be found.
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "drivers/threads/service.h"
#include "drivers/threads/stories.h"
#include "fake_envoy/stream.h"

extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options() {
  return "halt_on_error=1:second_deadlock_stack=1";
}

namespace aigw::tests {
namespace {

namespace fs = std::filesystem;
using fake::FilterConfig;
using fake::Module;
using fake::Process;

constexpr uint32_t kWorkers = 4;

// With a machine on which little happens.
constexpr std::chrono::minutes kPatience{10};

// The two filters as Envoy holds them: they and their build go with the last who uses them, on
// whichever thread.
struct Generation {
  Generation(const std::string& path, const std::string& config)
      : module(path),
        router(module, "ai_gateway.router", config),
        upstream(module, "ai_gateway.upstream", "") {}
  Module module;
  FilterConfig router, upstream;
};

// Where a worker finds the generation that is current. Each has its own, so that workers do not
// order each other.
struct Place {
  std::mutex mutex;
  std::shared_ptr<const Generation> generation;

  std::shared_ptr<const Generation> get() {
    const std::lock_guard lock(mutex);
    return generation;
  }
  void put(std::shared_ptr<const Generation> next) {
    const std::lock_guard lock(mutex);
    generation.swap(next);
  }
};

class Run {
 public:
  Run(std::vector<std::string> modules, bool race) : modules_(std::move(modules)), race_(race) {
    change(0);
    config_ = R"({"configPath":")" + folder_.at("document") + R"(","adminAddress":"127.0.0.1:0",)" +
              R"("requestLog":"json","requestLogPath":")" + folder_.at("log") + "\"}";
    ::setenv("OTEL_EXPORTER_OTLP_ENDPOINT", service_.url().c_str(), 1);
    ::setenv("OTEL_METRIC_EXPORT_INTERVAL", "300", 1);
    ::setenv("OTEL_BSP_SCHEDULE_DELAY", "100", 1);
  }

  // The exit code.
  int go(int seconds) {
    Process::get().set_workers(kWorkers);
    swap();
    for (const std::string& line : first_log_) {
      const size_t at = line.find("the admin address is 127.0.0.1:");
      if (at != std::string::npos)
        admin_port_ = static_cast<uint16_t>(std::stoi(line.substr(at + 31)));
    }
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < kWorkers; ++i) threads.emplace_back([this, i] { work(i); });
    threads.emplace_back([this] { change_files(); });
    threads.emplace_back([this] { read_admin(); });
    const auto begun = std::chrono::steady_clock::now();
    const auto lasts = [&](std::chrono::seconds time) { return std::chrono::steady_clock::now() - begun < time; };
    while (lasts(std::chrono::seconds(seconds)) || (!race_ && !enough() && lasts(kPatience))) {
      for (int i = 0; i < 15; ++i) {
        sleep_ms(20);
        looks_ += Process::get().run_main_thread();
      }
      swap();
    }
    stopping_ = true;
    for (std::thread& thread : threads) thread.join();
    for (Place& place : places_) place.put(nullptr);
    return report();
  }

 private:
  void swap() {
    auto next = std::make_shared<const Generation>(modules_[swaps_++ % modules_.size()], config_);
    std::vector<std::string> log = Process::get().take_log();
    if (swaps_ == 1) first_log_ = std::move(log);
    for (Place& place : places_) place.put(next);
  }

  void work(uint32_t index) {
    Process::get().become_worker(race_ ? 0 : index);
    const std::vector<Story> stories = all_stories(true);
    std::mt19937 random(index);
    std::shared_ptr<const Generation> before;
    while (!stopping_) {
      const std::shared_ptr<const Generation> now = places_[index].get();
      const Story& story = stories[random() % stories.size()];
      fake::Weather weather;
      weather.before_1_40 = random() % 2 == 0;
      weather.request_chunk = random() % 2 == 0 ? 0 : 16;
      weather.answer_chunk = random() % 2 == 0 ? 0 : 40;
      weather.slice_moved = 64;
      weather.overlap = random() % 4 == 0;
      // The two filters are swapped at different moments.
      const Generation& upstream = before != nullptr && random() % 4 == 0 ? *before : *now;
      fake::Stream stream(now->router, upstream.upstream, story.told, weather);
      check(story, stream.run(), seen_[index]);
      if (before != now) before = now;
    }
  }

  void change(int number) {
    Process::get().set_secret("provider", key(number));
    write_files(folder_, service_.url(), number, kDelivered);
  }

  void change_files() {
    for (int number = 1; !stopping_; ++number) {
      change(number);
      sleep_ms(120);
    }
  }

  void read_admin() {
    const std::string targets[] = {"/metrics", "/status.json", "/tap?after=0", "/"};
    for (size_t i = 0; !stopping_; ++i) {
      const std::string answer = http_ask(admin_port_, "GET", targets[i % std::size(targets)]);
      if (answer.starts_with("HTTP/1.1 200")) {
        ++pages_;
        if (i % 4 == 2 && answer.find("\"outcome\"") != std::string::npos) ++taps_;
      } else {
        fail(targets[i % std::size(targets)] + ": " + answer.substr(0, 100));
      }
      sleep_ms(20);
    }
  }

  uintmax_t logged() const { return fs::exists(folder_.at("log")) ? fs::file_size(folder_.at("log")) : 0; }

  // What has not happened was not tested. At any time.
  bool enough() const {
    const Sum sum = sum_of(seen_);
    return sum.requests > 100 && sum.tokens > 10 && swaps_ > 3 && sum.models == 3 && sum.keys > 3 &&
           sum.delivered > 3 && looks_ > 10 && pages_.load(std::memory_order_relaxed) > 10 &&
           taps_.load(std::memory_order_relaxed) > 0 && service_.answered() > 10 && logged() > 0;
  }

  int report() {
    const Sum sum = sum_of(seen_);
    for (const std::string& what : Process::get().take_violations()) fail(what);
    std::cout << sum.requests << " requests, " << sum.tokens << " with a token and " << sum.early << " before it, "
              << swaps_ << " swaps, " << sum.keys << " keys, " << sum.delivered << " by SDS in " << looks_
              << " looks, " << pages_ << " pages, " << taps_ << " taps with events, " << service_.answered()
              << " tokens and exports, " << logged() << " bytes of log, " << failures() << " wrong\n";
    if (!enough()) std::cerr << "too little happened\n";
    return failures() == 0 && enough() ? 0 : 1;
  }

  const std::vector<std::string> modules_;
  const bool race_;
  const Folder folder_;
  Service service_;
  std::string config_;
  std::vector<std::string> first_log_;
  uint16_t admin_port_ = 0;
  std::array<Place, kWorkers> places_;
  std::array<Seen, kWorkers> seen_;
  std::atomic<bool> stopping_{false};
  size_t swaps_ = 0, looks_ = 0;
  std::atomic<uint64_t> pages_{0}, taps_{0};
};

}  // namespace
}  // namespace aigw::tests

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::cerr << "usage: threads_test MODULE OTHER_MODULE SECONDS [race]\n";
    return 2;
  }
  aigw::tests::Run run({argv[1], argv[2]}, argc == 5);
  return run.go(std::atoi(argv[3]));
}
