// A test for each class of bug that a filter in Envoy can have, by name, in the Envoy that provokes it. Each names the
// guard that it would miss. The cases run in all of these weathers, too (drivers/module/cases_module.cc); here each
// stands alone, on one request.
//
// hostile_test MODULE CASES_DIR NONDETERMINISTIC [GoogleTest's flags]
#include <gtest/gtest.h>

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>

#include "drivers/compare.h"
#include "fake_envoy/faults.h"
#include "fake_envoy/locks.h"
#include "fake_envoy/stream.h"
#include "fronts/module/handoff.h"

namespace aigw::fake {
namespace {

using tests::Case;
using tests::Outcome;

std::string module_path;
tests::World world;

const std::string kHeldUpstream = "model_override_first";       // the splice lane, with a patch
const std::string kTranslated = "chat_to_bedrock.text";         // the hub lane
const std::string kStreamed = "stream_usage";
const std::string kRetried = "retry_other_path_key_model";

class Hostile : public testing::Test {
 public:
  void SetUp() override {
    module_.emplace(module_path);
    Process::get().take_log();
  }

  void TearDown() override {
    fake::disarm();
    router_.reset();
    upstream_.reset();
    module_.reset();
    for (const std::string& what : Process::get().take_violations()) ADD_FAILURE() << what;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      EXPECT_EQ(line.find("libaigateway"), std::string::npos) << "the library stays mapped";
    }
    std::remove(config_.c_str());
  }

  // The case and its configuration; `more` are further members of the filter's.
  void open(std::string name, const std::string& more = "") {
    std::replace(name.begin(), name.end(), '.', '/');
    const std::string path = (world.cases / (name + ".case")).string();
    story_ = tests::read_case(path);
    config_ = testing::TempDir() + "aigw-hostile-" + std::to_string(getpid());
    std::ofstream(config_) << (story_.config ? *story_.config : tests::default_config(path));
    upstream_.reset();
    router_.reset();
    router_.emplace(*module_, "ai_gateway.router", "{\"configPath\":\"" + config_ + "\"" + more + "}");
    upstream_.emplace(*module_, "ai_gateway.upstream", "");
  }

  Outcome run(const Weather& weather) {
    Stream stream(*router_, *upstream_, story_, weather);
    Outcome outcome = stream.run();
    events_ = stream.events();
    request_peak_ = stream.request_peak();
    return outcome;
  }

  void expect_told(const Weather& weather) { compare(story_, run(weather), world); }

  static Weather old_envoy() {
    Weather weather;
    weather.before_1_40 = true;
    return weather;
  }

  std::optional<Module> module_;
  std::optional<FilterConfig> router_, upstream_;
  Case story_;
  std::string config_;
  size_t events_ = 0;
  size_t request_peak_ = 0;
};

// Guard: `guarded` and `guarded_or_closed` (guard.h). What leaves a hook ends the process.
TEST_F(Hostile, ExceptionsStayInside) {
  open(kTranslated);
  expect_told({});
  for (const Fault::Kind kind : {Fault::Kind::allocation, Fault::Kind::callback}) {
    bool happened = true;
    for (uint64_t at = 1; happened; ++at) {
      arm({kind, at});
      const Outcome outcome = run(at % 2 == 0 ? old_envoy() : Weather{});
      disarm();
      happened = fault_happened();
      if (outcome.status == 200 && !outcome.cut) {
        EXPECT_EQ(outcome.body, story_.client_response.body) << at;
      } else {
        EXPECT_TRUE(outcome.cut || outcome.status >= 500) << at << ": " << outcome.status;
      }
    }
  }
  expect_told({});
}

// Guard: failed_body() is a constant, and the null filter has its own answer (exports.cc, refuse_unmade).
TEST_F(Hostile, MemoryThatIsUsedUpStillGivesAnAnswer) {
  open("messages_to_bedrock_text");
  expect_told({});
  bool happened = true;
  bool path_read = false;
  for (uint64_t at = 1; happened; ++at) {
    arm({Fault::Kind::out_of_memory, at});
    const Outcome outcome = run({});
    disarm();
    happened = fault_happened();
    if (outcome.status == 200) {
      EXPECT_EQ(outcome.body, story_.client_response.body) << at;
    } else {
      EXPECT_GE(outcome.status, 500) << at;
      // The first allocations come before the path has been read; from then on every answer is in the dialect.
      const bool dialect = outcome.body.find("\"request_id\"") != std::string::npos;
      EXPECT_TRUE(dialect || !path_read) << at << ": " << outcome.body;
      path_read = path_read || dialect;
    }
  }
  EXPECT_TRUE(path_read);
  expect_told({});
}

// Guard: what was read of metadata and the filter state is copied at once (attempt_table.cc, upstream_filter.cc).
TEST_F(Hostile, ViewsEndWithTheNextGetter) {
  open(kRetried);
  Weather weather;
  weather.getters_kill = true;
  expect_told(weather);
}

// Guard: BodyCursor holds a count, not a view, and what the exchange keeps of a body is a copy or an offset.
TEST_F(Hostile, BuffersMoveBetweenHooks) {
  for (const std::string& name : {kHeldUpstream, kTranslated, kStreamed}) {
    open(name);
    Weather weather;
    weather.request_chunk = weather.answer_chunk = 5;
    weather.slice_moved = 1;
    expect_told(weather);
    weather.slice = 1;
    expect_told(weather);
  }
}

// Guard: answer() moves the reply out of the filter first, and touches nothing after the call (attempt_table.cc,
// router_filter.cc).
TEST_F(Hostile, AReplyDestroysItsSenderInsideTheCall) {
  for (const std::string name : {"model_missing", "model_twice", "path_unknown", "method_wrong", "models"}) {
    open(name);
    expect_told(old_envoy());
  }
  // In an attempt: what only the hub looks into.
  open("chat_to_bedrock.cannot_image_url");
  expect_told(old_envoy());
}

// Guard: an upstream filter's hooks end with its reply; the router filter's come inside that call.
TEST_F(Hostile, ALocalReplyComesBackIntoTheModule) {
  open(kTranslated);
  story_.backends = {"nobody"};
  for (const bool before_1_40 : {false, true}) {
    Weather weather;
    weather.before_1_40 = before_1_40;
    const Outcome outcome = run(weather);
    EXPECT_EQ(outcome.status, 500);
    EXPECT_NE(outcome.body.find("unknown backend: nobody"), std::string::npos) << outcome.body;
    EXPECT_EQ(outcome.sent.size(), 0u);
  }
}

// Guard: the router filter keeps what it knows of the request (routed_) apart from what it knows of the answer, and an
// attempt that holds an answer lets the rest of its request pass.
TEST_F(Hostile, TheAnswerComesBeforeTheRequestEnds) {
  open(kHeldUpstream);
  Weather weather;
  weather.request_chunk = 5;
  expect_told(weather);
  const size_t events = events_;
  for (size_t at = 1; at <= events; ++at) {
    weather.envoy_replies_at = at;
    weather.before_1_40 = at % 2 == 0;
    const Outcome outcome = run(weather);
    if (outcome.cut) continue;  // the answer was on its way; one that is held for ever is a violation
    EXPECT_EQ(outcome.status, 504) << at;
    EXPECT_TRUE(outcome.body.starts_with("{\"type\":\"error\"")) << outcome.body;
  }
  weather.envoy_replies_at = 0;
  weather.early_answer = true;
  weather.request_chunk = 0;
  for (const std::string& name : {kHeldUpstream, kStreamed}) {
    open(name);
    expect_told(weather);
    weather.before_1_40 = !weather.before_1_40;
  }
}

// Guard: costs and header edits are settled in stream_complete, not in a hook of the answer.
TEST_F(Hostile, HooksAreLostAfterALocalReply) {
  open(kStreamed);
  Weather weather;
  weather.answer_chunk = 40;
  Case whole = story_;
  expect_told(weather);
  const size_t events = events_;
  weather.envoy_replies_at = events - 1;  // the headers are with the client
  const Outcome outcome = run(weather);
  EXPECT_TRUE(outcome.cut);
  EXPECT_TRUE(outcome.metadata.contains("backend_name"));
  for (const auto& [name, value] : outcome.request_at_end) EXPECT_NE(value, "Bearer sk-primary") << name;
}

// Guard: nothing of Envoy's is called in a destructor of a filter or an attempt; both find() and this test see it.
TEST_F(Hostile, FiltersAreDestroyedInEveryState) {
  for (const std::string& name : {kHeldUpstream, kTranslated, kStreamed, kRetried}) {
    open(name);
    for (const bool before_1_40 : {false, true}) {
      Weather weather;
      weather.request_chunk = 30;
      weather.answer_chunk = 30;
      weather.before_1_40 = before_1_40;
      weather.overlap = before_1_40;
      expect_told(weather);
      const size_t events = events_;
      const auto leave_everywhere = [&](const std::function<void(size_t at)>& then) {
        for (size_t at = 1; at <= events; ++at) {
          weather.client_leaves_at = at;
          run(weather);
          then(at);
        }
      };
      // A kind of end that has not been counted before gets its series in the metrics, for good.
      leave_everywhere([](size_t) {});
      const int64_t blocks = module_blocks();
      leave_everywhere([&](size_t at) { EXPECT_EQ(module_blocks(), blocks) << "left at " << at; });
    }
  }
}

// Guard: SharedExchange is counted, one for the router filter and one for each attempt.
TEST_F(Hostile, TwoAttemptsAreAliveAtOnce) {
  open(kRetried);
  Weather weather;
  weather.overlap = true;
  expect_told(weather);
  weather.before_1_40 = true;
  expect_told(weather);
  // A client that leaves takes the router filter before both.
  for (const bool before_1_40 : {false, true}) {
    weather.before_1_40 = before_1_40;
    weather.client_leaves_at = events_ - 1;
    EXPECT_EQ(run(weather).sent.size(), 2u);
  }
}

// Guard: trailers end a body where no call of the body hook has; Attempt::on_request_body knows the size.
TEST_F(Hostile, TrailersEndTheBody) {
  for (const std::string& name : {kHeldUpstream, kTranslated, kStreamed, kRetried}) {
    open(name);
    Weather weather;
    weather.request_trailers = weather.answer_trailers = weather.watermarks = true;
    weather.request_chunk = weather.answer_chunk = 20;
    expect_told(weather);
  }
}

// Guard: Attempt::translated_.
TEST_F(Hostile, TheEndComesByItself) {
  for (const std::string& name : {kHeldUpstream, kTranslated, kStreamed, kRetried}) {
    open(name);
    Weather weather;
    weather.end_apart = true;
    expect_told(weather);
  }
}

// Guard: UpstreamFilter::refuse, where the filter state has no handoff.
TEST_F(Hostile, AnAttemptWithoutAnExchangeIsRefused) {
  open(kHeldUpstream);
  for (const bool before_1_40 : {false, true}) {
    Weather weather;
    weather.before_1_40 = before_1_40;
    Stream stream(*router_, *upstream_, story_, weather);
    const uint64_t before = Process::get().counter("ai_gateway_no_exchange");
    const Outcome outcome = stream.run_without_router();
    EXPECT_EQ(outcome.status, 500);
    EXPECT_TRUE(outcome.sent.empty());
    EXPECT_EQ(Process::get().counter("ai_gateway_no_exchange"), before + 1);
  }
}

// Guard: UpstreamFilter::request_headers compares length, magic, layout and the size of the table.
TEST_F(Hostile, AnUnknownHandoffIsRefused) {
  open("messages_to_bedrock_text");
  const auto spoil = [](size_t at, char byte) {
    return [=](std::string& bytes) { bytes[at] = byte; };
  };
  static AigwAttemptTable small;
  small.size = module::kAttemptTableMin - 8;
  const std::vector<std::function<void(std::string&)>> ways = {
      spoil(0, 'x'),                                                        // the magic
      spoil(offsetof(AigwHandoff, layout), 2),                      // a newer layout
      spoil(offsetof(AigwHandoff, layout), 0),                      // an older one
      [](std::string& bytes) { bytes.pop_back(); },
      [](std::string& bytes) { bytes += '\0'; },
      [](std::string& bytes) {
        const AigwAttemptTable* table = &small;
        std::memcpy(bytes.data() + offsetof(AigwHandoff, table), &table, sizeof(table));
      },
  };
  for (size_t i = 0; i < ways.size(); ++i) {
    Weather weather;
    weather.before_1_40 = i % 2 == 0;
    weather.spoil_filter_state = ways[i];
    const uint64_t before = Process::get().counter("ai_gateway_unknown_layout");
    const Outcome outcome = run(weather);
    EXPECT_EQ(outcome.status, 503) << i;
    EXPECT_NE(outcome.body.find("\"request_id\""), std::string::npos) << "not the client's dialect: " << outcome.body;
    EXPECT_EQ(Process::get().counter("ai_gateway_unknown_layout"), before + 1);
  }
}

// What the process holds, where the builds keep the count.
uint64_t& buffered_bytes() {
  return *static_cast<uint64_t*>(Process::get().shared_data("ai_gateway.buffered.1"));
}

// Guard: Exchange::held_ and Attempt::answer_held_ take from the budget, and give back.
TEST_F(Hostile, TooMuchIsHeld) {
  open("messages_to_bedrock_text");
  const size_t body = story_.client_request.body.size();
  open("messages_to_bedrock_text", ",\"maxBufferedBytes\":" + std::to_string(body + 1000));
  Weather weather;
  weather.request_chunk = 10;
  for (int i = 0; i < 2; ++i) {
    buffered_bytes() = 1000;  // of others
    expect_told(weather);
    EXPECT_EQ(buffered_bytes(), 1000u);
    buffered_bytes() = 1001;
    const Outcome outcome = run(weather);
    EXPECT_EQ(outcome.status, 503);
    EXPECT_TRUE(outcome.sent.empty());
    EXPECT_NE(outcome.body.find("\"type\":\"service_unavailable_error\""), std::string::npos) << outcome.body;
    EXPECT_NE(outcome.body.find("\"request_id\""), std::string::npos) << "not the client's dialect: " << outcome.body;
    EXPECT_EQ(buffered_bytes(), 1001u);
    weather.before_1_40 = true;
  }
  buffered_bytes() = 0;
}

TEST_F(Hostile, AnAnswerThatWaitsCounts) {
  open(kTranslated);
  Weather weather;
  weather.answer_chunk = 10;
  const size_t request = story_.client_request.body.size();
  const size_t waits = (story_.upstream_responses[1].body.size() - 1) / 10 * 10;  // all but the last piece
  for (const size_t less : {0, 1}) {
    open(kTranslated, ",\"maxBufferedBytes\":" + std::to_string(request + waits - less));
    if (less == 0) {
      expect_told(weather);
    } else {
      EXPECT_EQ(run(weather).status, 503);
    }
    EXPECT_EQ(buffered_bytes(), 0u);
  }
}

// Guard: the body is scanned and not kept (RequestScan), and where it is patched, what was read is drained before more
// is written (ModuleAttempt::request_body).
TEST_F(Hostile, ALargeBodyIsNeitherKeptNorDoubled) {
  constexpr size_t kSlice = 16384;
  open(kRetried);
  const auto body_of = [](const std::string& model, size_t size) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":\"" + std::string(size, 'x') + "\"}],\"model\":\"" + model +
           "\"}";
  };
  int64_t small_peak = 0;
  for (const size_t size : {256u << 10, 4u << 20, 49u << 20}) {
    for (const size_t chunk : {size_t{0}, size_t{64} << 10}) {
      if (chunk != 0 && size > 4u << 20) continue;  // the fake moves all of it after each piece
      story_.client_request.body = body_of("chat", size);
      Weather weather;
      weather.request_chunk = chunk;
      weather.slice_moved = kSlice;
      run(weather);
      take_module_bytes_peak();
      const Outcome outcome = run(weather);
      const int64_t peak = take_module_bytes_peak();
      EXPECT_EQ(outcome.status, 200);
      ASSERT_EQ(outcome.sent.size(), 2u);
      EXPECT_TRUE(outcome.sent[0].body == body_of("first-model-with-a-long-name", size));
      EXPECT_TRUE(outcome.sent[1].body == body_of("second", size));
      // Nothing grows with the body but the list of its slices, of which the module keeps a copy.
      const size_t slices = story_.client_request.body.size() / kSlice + 1;
      const size_t list = slices * (sizeof(envoy_dynamic_module_type_envoy_buffer) + sizeof(std::string_view));
      if (size == 256u << 10) small_peak = std::max(small_peak, peak);
      std::cout << size << " bytes in pieces of " << chunk << ": " << peak << " bytes of the module's\n";
      EXPECT_LE(peak, small_peak + static_cast<int64_t>(list)) << size << " in pieces of " << chunk;
      EXPECT_LE(request_peak_, story_.client_request.body.size() + 17 * kSlice) << size << " in pieces of " << chunk;
    }
  }
}

// Guard: what requests share are atomics, and a worker has its own reference to the configuration
// (Runtime::config_for_worker). The lock that the first request takes after a change shows that they are counted.
TEST_F(Hostile, NoRequestTakesALock) {
  ::setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", 1);
  for (const std::string& name : {kHeldUpstream, kTranslated, kStreamed, kRetried, std::string("model_missing")}) {
    open(name, ",\"requestLog\":\"json\",\"requestLogPath\":\"/dev/null\"");
    Weather weather;
    weather.answer_chunk = 40;
    take_module_locks();
    run(weather);
    EXPECT_GT(take_module_locks(), 0u) << name;
    for (int i = 0; i < 3; ++i) {
      weather.before_1_40 = i == 1;
      run(weather);
      EXPECT_EQ(take_module_locks(), 0u) << name;
    }
  }
  ::unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
}

// Guard: newer callbacks are weak. The library is opened by a program that lacks all of them as hostile_test_1_38;
// every other test here is that test.
TEST_F(Hostile, TheLibraryOpensInThisRelease) {
  void* self = dlopen(nullptr, RTLD_LAZY);
  const bool newest = dlsym(self, "envoy_dynamic_module_callback_http_filter_config_increment_counter") != nullptr;
  std::cout << (newest ? "with" : "without") << " the callbacks of 1.39 and 1.40\n";
  dlclose(self);
  open(kHeldUpstream);
  expect_told(old_envoy());
}

// Guard: give_back_emergency_memory, WatchList without memory of its own; no unique symbols, no destructors that run
// late. What is left of a build that is gone shows in the program's leak report, and in the maps.
TEST_F(Hostile, ALibraryLeavesNothingBehind) {
  for (int i = 0; i < 3; ++i) {
    for (const std::string& name : {kHeldUpstream, kTranslated, kStreamed}) {
      open(name);
      expect_told({});
    }
    router_.reset();
    upstream_.reset();
    module_.reset();
    module_.emplace(module_path);
  }
}

int run_all(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 4) {
    std::cerr << "usage: hostile_test MODULE CASES_DIR NONDETERMINISTIC\n";
    return 2;
  }
  module_path = argv[1];
  world.cases = argv[2];
  tests::read_nondeterministic(argv[3], world);
  set_time(tests::clock());
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace aigw::fake

int main(int argc, char** argv) { return aigw::fake::run_all(argc, argv); }
