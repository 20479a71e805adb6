// The library under ThreadSanitizer, in an Envoy with several workers. While they carry requests,
// its builds and its configurations are swapped, the configuration and the credential files change,
// tokens expire, spans and metrics are exported, and the metrics, the status and the tap are read.
// Every answer has to be right, every change has to be seen, and there must be no race: at the
// first one ThreadSanitizer ends the program, with 66.
//
//   threads_test MODULE OTHER_MODULE SECONDS [race]
//
// `race`: all workers say that they are the same one, which Envoy never does, so that their places
// for the current configuration race. It shows that a race in the library would be found.
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "drivers/compare.h"
#include "drivers/threads/service.h"
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
constexpr size_t kKeySize = 40;

std::atomic<uint64_t> wrong{0};

void fail(const std::string& what) {
  if (wrong.fetch_add(1) < 20) std::cerr << what + "\n";
}

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

// -----------------------------------------------------------------------------------------------------
// the files

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "aigw-threads-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no temporary folder can be made");
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string at(const std::string& name) const { return (path_ / name).string(); }
  // As Kubernetes and editors do it: the file is there at any time, old or new.
  void replace(const std::string& name, const std::string& text) const {
    std::ofstream(at(name + ".new")) << text;
    fs::rename(at(name + ".new"), at(name));
  }

 private:
  fs::path path_;
};

// Of one letter each, so that one that is made of two shows.
std::string key(int number) { return std::string(kKeySize, static_cast<char>('a' + number % 26)); }

void write_files(const Folder& folder, const std::string& service, int number) {
  folder.replace("key", key(number) + "\n");
  folder.replace("aws", "[default]\naws_access_key_id = AKID" + std::to_string(number) +
                            "\naws_secret_access_key = " + key(number) + "\n");
  folder.replace("document", R"(
globalLLMRequestCosts: [{metadataKey: total, type: TotalToken}]
backends:
- name: plain
  modelNameOverride: model-)" + std::to_string(number % 2) +
                                 R"(
  schema: {name: OpenAI}
  auth: {apiKey: {keyFile: )" + folder.at("key") +
                                 R"(}}
- name: other
  schema: {name: OpenAI, prefix: other}
  auth: {apiKey: {keyFile: )" + folder.at("key") +
                                 R"(}}
- name: bedrock
  schema: {name: AWSBedrock}
  auth: {aws: {region: us-east-1, credentialFile: )" +
                                 folder.at("aws") + R"(}}
- name: azure
  schema: {name: AzureOpenAI, version: v1}
  auth: {azure: {tenantID: t, clientID: c, clientSecret: s, authorityHost: ")" +
                                 service + R"("}}
)");
}

// -------------------------------------------------------------------------------------------------
// what is asked

struct Story {
  Case told;
  std::string path;        // that the last provider is asked at; "" for a request that none is
  std::string key_begins;  // the beginning of its authorization
  bool rotates = false;    // what follows is the key of some time
};

Message json_answer(const std::string& body, int status = 200) {
  Message answer;
  answer.status = status;
  answer.head = {{"content-type", "application/json"}};
  answer.body = body;
  return answer;
}

Story story(const std::string& path, const std::string& request,
            const std::vector<std::string>& backends, const std::vector<Message>& answers) {
  Story one;
  one.told.method = "POST";
  one.told.path = path;
  one.told.client_request.body = request;
  one.told.backends = backends;
  for (size_t i = 0; i < answers.size(); ++i) one.told.upstream_responses[i + 1] = answers[i];
  one.told.client_response = answers.empty() ? Message{} : answers.back();
  return one;
}

std::vector<Story> all_stories() {
  const std::string usage = R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})";
  const std::string chat = R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})";
  const Message answered = json_answer(
      R"({"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop","message":)"
      R"({"role":"assistant","content":"Hello"}}],)" +
      usage + "}");
  Message events;
  events.status = 200;
  events.head = {{"content-type", "text/event-stream"}};
  events.body =
      "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: "
      "{\"choices\":[]," +
      usage + "}\n\ndata: [DONE]\n\n";
  const std::string streamed =
      R"({"stream":true,"stream_options":{"include_usage":true},"messages":[],"model":"m"})";

  std::vector<Story> all;
  all.push_back(story("/v1/chat/completions", chat, {"plain"}, {answered}));
  all.back().path = "/v1/chat/completions";
  all.push_back(story("/v1/chat/completions", streamed, {"plain"}, {events}));
  all.back().path = "/v1/chat/completions";
  all.push_back(
      story("/v1/chat/completions", chat, {"plain", "other"}, {json_answer("{}", 503), answered}));
  all.back().path = "/other/chat/completions";
  for (Story& one : all) {
    one.key_begins = "Bearer ";
    one.rotates = true;
  }
  all.push_back(story("/v1/chat/completions", chat, {"azure"}, {answered}));
  all.back().path = "/openai/deployments/m/chat/completions?api-version=v1";
  all.back().key_begins = "Bearer token-";
  all.push_back(story(
      "/anthropic/v1/messages",
      R"({"model":"m","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]})", {"bedrock"},
      {json_answer(R"({"output":{"message":{"role":"assistant","content":[{"text":"Hello"}]}},)"
                   R"("stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":2,)"
                   R"("totalTokens":3}})")}));
  all.back().path = "/model/m/converse";
  all.back().key_begins = "AWS4-HMAC-SHA256 Credential=AKID";
  all.back().told.client_response.body.clear();  // translated: see check()
  all.push_back(story("/v1/chat/completions", R"({"messages":[]})", {"plain"}, {}));
  all.back().told.client_response.status = 400;
  return all;
}

// What of the changes a worker has seen.
struct Seen {
  uint64_t requests = 0;
  std::atomic<uint32_t> models{0};  // one bit each
  std::atomic<uint32_t> keys{0};
};

void check_sent(const Story& story, const Sent& sent, Seen& seen) {
  const std::string authorization = value_of(sent.headers, "authorization");
  if (value_of(sent.headers, ":path") != story.path)
    fail("sent to " + value_of(sent.headers, ":path"));
  if (!authorization.starts_with(story.key_begins))
    return fail(story.told.backends.back() + " got no credential");
  if (!story.rotates) return;
  const std::string rest = authorization.substr(story.key_begins.size());
  if (rest.size() != kKeySize || rest.find_first_not_of(rest[0]) != std::string::npos)
    return fail("a torn key: " + rest);
  seen.keys.fetch_or(1u << (rest[0] - 'a'), std::memory_order_relaxed);
  if (story.told.backends.back() != "plain") return;
  const bool first = sent.body.find("\"model-0\"") != std::string::npos;
  if (!first && sent.body.find("\"model-1\"") == std::string::npos)
    fail("another model: " + sent.body);
  seen.models.fetch_or(first ? 1 : 2, std::memory_order_relaxed);
}

void check(const Story& story, const Outcome& outcome, Seen& seen) {
  ++seen.requests;
  const Message& told = story.told.client_response;
  const std::string what = story.told.path + " to " + story.told.backends.back() + ": ";
  if (outcome.cut || outcome.status != told.status) {
    return fail(what + std::to_string(outcome.status) + (outcome.cut ? " cut " : " ") +
                outcome.body);
  }
  if (!told.body.empty() && outcome.body != told.body) fail(what + outcome.body);
  if (told.body.empty() && told.status == 200 &&
      outcome.body.find("\"text\":\"Hello\"") == std::string::npos) {
    fail(what + outcome.body);
  }
  if (outcome.sent.size() != (story.path.empty() ? 0 : story.told.backends.size())) {
    return fail(what + std::to_string(outcome.sent.size()) + " attempts");
  }
  if (!outcome.sent.empty()) check_sent(story, outcome.sent.back(), seen);
}

// ---------------------------------------------------------------------------------------------------
// the threads

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
    write_files(folder_, service_.url(), 0);
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
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < until) {
      sleep_ms(150);
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
    const std::vector<Story> stories = all_stories();
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

  void change_files() {
    for (int number = 1; !stopping_; ++number) {
      write_files(folder_, service_.url(), number);
      sleep_ms(120);
    }
  }

  void read_admin() {
    const std::string targets[] = {"/metrics", "/status.json", "/tap?after=0", "/"};
    for (size_t i = 0; !stopping_; ++i) {
      const std::string answer = http_get(admin_port_, targets[i % std::size(targets)]);
      if (answer.starts_with("HTTP/1.1 200")) {
        ++pages_;
        if (i % 4 == 2 && answer.find("\"outcome\"") != std::string::npos) ++taps_;
      } else {
        fail(targets[i % std::size(targets)] + ": " + answer.substr(0, 100));
      }
      sleep_ms(20);
    }
  }

  int report() {
    uint64_t requests = 0;
    uint32_t models = 0, keys = 0;
    for (const Seen& seen : seen_) {
      requests += seen.requests;
      models |= seen.models.load();
      keys |= seen.keys.load();
    }
    for (const std::string& what : Process::get().take_violations()) fail(what);
    const auto log = fs::exists(folder_.at("log")) ? fs::file_size(folder_.at("log")) : 0;
    std::cout << requests << " requests, " << swaps_ << " swaps, " << __builtin_popcount(keys)
              << " keys, " << pages_ << " pages, " << taps_ << " taps with events, "
              << service_.answered() << " tokens and exports, " << log << " bytes of log, " << wrong
              << " wrong\n";
    // What has not happened was not tested.
    const bool enough = requests > 100 && swaps_ > 3 && models == 3 &&
                        __builtin_popcount(keys) > 3 && pages_ > 10 && taps_ > 0 &&
                        service_.answered() > 10 && log > 0;
    if (!enough) std::cerr << "too little happened\n";
    return wrong == 0 && enough ? 0 : 1;
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
  size_t swaps_ = 0;
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
