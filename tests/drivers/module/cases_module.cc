// Runs every case against the real library in the hostile Envoy of tests/fake_envoy: a test a case, named as the file.
// First the story in every weather, which must come out as the case says; then with something going wrong at every
// event, where the client must get an error or a cut answer, and the library must come out of it whole.
//
// With AIGW_BRIEF in the environment each story is told twice and that is all.
//
// cases_module MODULE CASES_DIR NONDETERMINISTIC [GoogleTest's flags]
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <fstream>
#include <algorithm>
#include <iostream>
#include <optional>
#include <random>

#include "drivers/compare.h"
#include "fake_envoy/faults.h"
#include "fake_envoy/stream.h"
#include "json/cursor.h"

namespace aigw::tests {
namespace {

namespace fs = std::filesystem;
using fake::Fault;
using fake::Process;
using fake::Weather;

// So many points of a story are tried at most; of more, a sample.
constexpr size_t kEventsMax = 24;
constexpr size_t kFaultsMax = 24;
// Stories with larger bodies are told twice, and that is all.
constexpr size_t kWeathersMax = 256u << 10;

// A configuration file of its own for each process, since tests run side by side.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) : path_(fs::temp_directory_path() / "aigw-XXXXXX") {
    std::string name = path_.string();
    const int file = mkstemp(name.data());
    if (file < 0) throw std::runtime_error("no temporary file can be made");
    close(file);
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { fs::remove(path_); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  std::string filter_config() const { return "{\"configPath\":\"" + path_.string() + "\"}"; }

 private:
  fs::path path_;
};

bool is_json(const std::string& text) {
  Arena arena(64u << 20);
  json::Parser parser;
  const Bytes bytes = text;
  return parser.parse(Slices(&bytes, 1), arena).has_value();
}

// `count` numbers from 1 to `most`, or all of them.
std::vector<size_t> sample(size_t most, size_t count, std::mt19937& random) {
  std::vector<size_t> all;
  for (size_t i = 1; i <= most; ++i) all.push_back(i);
  if (most <= count) return all;
  std::shuffle(all.begin(), all.end(), random);
  all.resize(count);
  return all;
}

class ModuleCase : public testing::Test {
 public:
  ModuleCase(const fake::Module& module, const World& world, fs::path path)
      : module_(module), world_(world), path_(std::move(path)), random_(world.seed) {}

  void TestBody() override {
    story_ = read_case(path_.string());
    const ConfigFile file(story_.config ? *story_.config : default_config(path_.string()));
    const fake::FilterConfig router(module_, "ai_gateway.router", file.filter_config());
    const fake::FilterConfig upstream(module_, "ai_gateway.upstream", "");
    router_ = &router;
    upstream_ = &upstream;
    Process::get().take_log();

    told({});
    if (HasFailure()) return;
    // What is allocated once has been allocated now: from here on a request leaves nothing behind.
    blocks_ = fake::module_blocks();
    if (std::getenv("AIGW_BRIEF") != nullptr || largest_body() > kWeathersMax) return told(in_pieces(1));
    every_weather();
    if (!HasFailure()) something_happens();
    if (!HasFailure()) faults();
    if (!HasFailure()) told({});
    if (HasFailure()) std::cout << "AIGW_SEED=" << world_.seed << "\n";
  }

 private:
  size_t largest_body() const {
    size_t largest = std::max(story_.client_request.body.size(), story_.client_response.body.size());
    for (const auto& [number, message] : story_.upstream_responses) largest = std::max(largest, message.body.size());
    return largest;
  }

  // The story comes out as it is told.
  void told(const Weather& weather) {
    fake::Stream stream(*router_, *upstream_, story_, weather);
    Outcome outcome = stream.run();
    if (weather.early_answer) outcome.sent.clear();
    Case expected = story_;
    if (weather.early_answer) {
      expected.upstream_requests.clear();
      expected.attempts.reset();
      expected.dropped = outcome.dropped;
      if (expected.upstream_responses.empty()) return;
    }
    compare(expected, outcome, world_);
    check_rules([&] { fake::Stream(*router_, *upstream_, story_, weather).run(); });
    events_ = stream.events();
    answer_events_ = stream.answer_events();
  }

  // `again` runs once more what has just been run. An end that has not been counted before gets its place in the
  // metrics, for good: the second time it has one.
  void check_rules(const std::function<void()>& again) {
    for (const std::string& what : Process::get().take_violations()) ADD_FAILURE() << what;
    if (!blocks_) return;
    if (fake::module_blocks() != *blocks_) {
      blocks_ = fake::module_blocks();
      again();
    }
    EXPECT_EQ(fake::module_blocks() - *blocks_, 0) << "the request leaves memory behind";
    blocks_ = fake::module_blocks();
  }

  void every_weather() {
    for (const bool before_1_40 : {false, true}) {
      Weather plain;
      plain.before_1_40 = before_1_40;
      plain.getters_kill = before_1_40;
      attempt("plain", plain);
      for (const size_t chunk : {1, 7, 100}) {
        Weather weather = plain;
        // A byte at a time is for short stories.
        if (chunk == 1 && story_.client_request.body.size() > 2000) continue;
        weather.request_chunk = weather.answer_chunk = chunk;
        weather.slice = chunk == 100 ? 3 : 16384;
        weather.slice_moved = chunk == 100 ? 1000 : 2;
        weather.watermarks = true;
        weather.overlap = true;
        attempt("in pieces", weather);
        weather.end_apart = true;
        attempt("in pieces, the end apart", weather);
        weather.request_trailers = weather.answer_trailers = true;
        attempt("with trailers", weather);
      }
      Weather early = plain;
      early.early_answer = true;
      early.answer_chunk = 50;
      attempt("the answer comes early", early);
    }
  }

  void attempt(const char* what, const Weather& weather) {
    if (HasFailure()) return;
    SCOPED_TRACE(std::string(what) + (weather.before_1_40 ? ", as 1.38" : ", as 1.40") + ", pieces of " +
                 std::to_string(weather.request_chunk));
    told(weather);
  }

  // A weather with a few events for every kind of hook.
  Weather in_pieces(size_t seed) const {
    Weather weather;
    weather.before_1_40 = seed % 2 == 1;
    weather.getters_kill = seed % 2 == 1;
    weather.overlap = seed % 3 == 1;
    weather.end_apart = seed % 4 > 1;
    weather.request_trailers = seed % 5 == 1;
    weather.answer_trailers = seed % 7 == 1;
    weather.request_chunk = story_.client_request.body.size() / 3 + 1;
    size_t answer = 0;
    for (const auto& [number, message] : story_.upstream_responses) answer = std::max(answer, message.body.size());
    weather.answer_chunk = answer / 4 + 1;
    return weather;
  }

  // Something goes wrong, and the client gets the story all the same, an error, or a cut answer; never a part of one as
  // if it were all.
  void run_into(const Weather& weather) {
    fake::Stream stream(*router_, *upstream_, story_, weather);
    const Outcome outcome = stream.run();
    fake::disarm();
    check_rules([&] {
      if (fault_) fake::arm(*fault_);
      fake::Stream(*router_, *upstream_, story_, weather).run();
      fake::disarm();
    });
    if (stream.left() || outcome.cut) return;
    const std::string& told = story_.client_response.body;
    const std::string body =
        settled(decompress(story_.client_response.coding, outcome.body), told, world_);
    if (outcome.status < 400) {
      // A stream that has begun ends with an error of its language, in an event that is not the story's.
      const auto differs = std::mismatch(body.begin(), body.end(), told.begin(), told.end()).first;
      const size_t common = static_cast<size_t>(differs - body.begin());
      const size_t event = body.rfind("\n\n", common);
      const bool ends_with_error = body.find("error", event == std::string::npos ? 0 : event) != std::string::npos;
      const bool ends_with_exception = body.find(":exception-type") != std::string::npos;  // of AWS's framing
      EXPECT_TRUE(body == told || ends_with_error || ends_with_exception) << body;
      return;
    }
    EXPECT_TRUE(is_json(outcome.body) || body == told) << outcome.body;
  }

  void something_happens() {
    Weather usual = in_pieces(0);
    told(usual);
    const size_t events = events_, answer_events = answer_events_;
    for (const size_t at : sample(events, kEventsMax, random_)) {
      SCOPED_TRACE("at event " + std::to_string(at));
      for (size_t i = 0; i < 2; ++i) {
        Weather weather = in_pieces(at * 2 + i);
        weather.client_leaves_at = at;
        run_into(weather);
        weather.client_leaves_at = 0;
        weather.envoy_replies_at = at;
        run_into(weather);
      }
      if (HasFailure()) return;
    }
    for (const size_t at : sample(answer_events, kEventsMax, random_)) {
      SCOPED_TRACE("the provider breaks off at " + std::to_string(at));
      Weather weather = in_pieces(at);
      weather.provider_resets_at = at;
      run_into(weather);
      weather.before_1_40 = !weather.before_1_40;
      run_into(weather);
    }
  }

  // True when the story has run into the fault.
  bool run_with(Fault fault, const Weather& weather) {
    fault_ = fault;
    fake::arm(fault);
    run_into(weather);
    fault_.reset();
    return fake::fault_happened();
  }

  void faults() {
    for (const Fault::Kind kind : {Fault::Kind::allocation, Fault::Kind::out_of_memory, Fault::Kind::callback}) {
      // How many places there are: the first number that nothing happens at.
      size_t most = 1;
      for (; run_with({kind, most}, in_pieces(most)) && most < 100'000; most *= 2) {
        if (HasFailure()) return fail(kind, most);
      }
      for (const size_t at : sample(most, kFaultsMax, random_)) {
        run_with({kind, at}, in_pieces(at));
        if (HasFailure()) return fail(kind, at);
      }
    }
  }

  void fail(Fault::Kind kind, size_t at) {
    const char* names[] = {"none", "an allocation fails", "memory runs out", "a callback throws"};
    ADD_FAILURE() << names[static_cast<size_t>(kind)] << ", number " << at;
  }

  const fake::Module& module_;
  const World& world_;
  fs::path path_;
  std::mt19937 random_;
  Case story_;
  const fake::FilterConfig* router_ = nullptr;
  const fake::FilterConfig* upstream_ = nullptr;
  std::optional<int64_t> blocks_;
  std::optional<Fault> fault_;  // that the story runs into, if any
  size_t events_ = 0;
  size_t answer_events_ = 0;
};

int run_all(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 4) {
    std::cerr << "usage: cases_module MODULE CASES_DIR NONDETERMINISTIC\n";
    return 2;
  }
  World world;
  world.cases = argv[2];
  read_nondeterministic(argv[3], world);
  fake::set_time(clock());
  world.seed = std::random_device{}();
  if (const char* seed = std::getenv("AIGW_SEED")) {
    world.seed = static_cast<uint32_t>(std::strtoul(seed, nullptr, 10));
  }
  const fake::Module module(argv[1]);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(world.cases)) {
    if (entry.path().extension() != ".case") continue;
    const fs::path path = entry.path();
    testing::RegisterTest("cases", name_of(path, world.cases).c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [&module, &world, path] { return new ModuleCase(module, world, path); });
  }
  const int result = RUN_ALL_TESTS();
  if (testing::UnitTest::GetInstance()->test_to_run_count() == 0) {
    std::cerr << "no case to run\n";
    return 2;
  }
  return result;
}

}  // namespace
}  // namespace aigw::tests

int main(int argc, char** argv) { return aigw::tests::run_all(argc, argv); }
