// Runs every case of a folder against the core in process: a test a case, named as the file. Each
// case is carried with its bodies whole, then with the request and the answers cut in every way,
// and must come out the same.
//
// cases_core CASES_DIR NONDETERMINISTIC [GoogleTest's flags]
//
// With AIGW_PRINT_OUTCOME set it judges nothing: each case is carried once, and what came of it is printed as a line of
// JSON, in which a character stands for a byte. tests/drivers/record.py writes it into the case.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "config/compile.h"
#include "config/load.h"
#include "credential/store.h"
#include "drivers/compare.h"
#include "drivers/core/carrier.h"

namespace aigw::tests {
namespace {

namespace fs = std::filesystem;

// Bodies up to this size are cut in every way, larger ones in a sample of ways.
constexpr size_t kScanWholeMax = 2048;
constexpr size_t kSamples = 300;

// What is counted of a request fits what happened to it.
void compare_told(const Case& story, const Outcome& outcome) {
  const Told& told = outcome.told;
  EXPECT_EQ(told.began, 1);
  EXPECT_EQ(told.ended, 1);
  EXPECT_EQ(told.attempt_outcomes.size(), told.attempts);
  EXPECT_GE(told.attempts, outcome.sent.size());
  EXPECT_EQ(told.limited, story.limited) << "which limits were counted";
  const std::string last = told.attempt_outcomes.empty() ? "" : told.attempt_outcomes.back();
  const bool left = std::any_of(story.upstream_responses.begin(), story.upstream_responses.end(),
                                [](const auto& answer) { return answer.second.open; });
  if (outcome.cut || left) {
    EXPECT_EQ(told.outcome, story.outcome.value_or("cut"));
    EXPECT_EQ(last, told.outcome);
    return;
  }
  EXPECT_EQ(told.status, outcome.status) << told.outcome;
  if (story.outcome) {
    EXPECT_EQ(told.outcome, *story.outcome);
    EXPECT_EQ(last, told.outcome);
  } else if (told.outcome == "answered" || told.outcome == "error") {
    EXPECT_EQ(told.outcome == "answered", outcome.status < 300);
    EXPECT_TRUE(told.attempts == 0 || last == told.outcome) << last << " and " << told.outcome;
  }
  EXPECT_TRUE(story.outcome || outcome.status >= 300 || told.outcome == "answered") << told.outcome;
  for (const auto& [key, value] : told.costs) {
    EXPECT_EQ(outcome.metadata.at(key), std::to_string(value));
  }
}

// `bytes` with each as the character of that number.
std::string as_characters(const std::string& bytes) {
  std::string text;
  for (unsigned char byte : bytes) {
    if (byte >= 0x80) text += static_cast<char>(0xc0 | byte >> 6);
    text += static_cast<char>(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
  }
  return text;
}

void print_outcome(const Outcome& outcome) {
  nlohmann::json sent = nlohmann::json::array();
  for (const Sent& one : outcome.sent) {
    sent.push_back({{"method", value_of(one.headers, ":method")},
                    {"path", value_of(one.headers, ":path")},
                    {"body", as_characters(one.body)}});
  }
  const nlohmann::json line = {{"sent", sent},
                               {"status", outcome.status},
                               {"type", value_of(outcome.headers, "content-type")},
                               {"aws_type", value_of(outcome.headers, "x-amzn-errortype")},
                               {"body", as_characters(outcome.body)},
                               {"dropped", outcome.dropped}};
  std::cout << "outcome " << line.dump() << "\n";
}

// Every way to cut a body of `size` bytes, or a sample of them.
std::vector<Chunking> chunkings(size_t size, uint32_t seed) {
  std::vector<Chunking> all;
  if (size <= kScanWholeMax) {
    for (size_t i = 1; i < size; ++i) all.push_back({Chunking::Mode::split, i});
    for (size_t i = 1; i < size; ++i) all.push_back({Chunking::Mode::fixed, i});
  } else {
    std::mt19937 random(seed);
    std::uniform_int_distribution<size_t> anywhere(1, size - 1);
    for (size_t i = 0; i < kSamples; ++i) all.push_back({Chunking::Mode::split, anywhere(random)});
    for (size_t i = 1; i < size; i *= 2) all.push_back({Chunking::Mode::fixed, i});
  }
  for (size_t i : {1, 2, 3, 7, 16, 61}) all.push_back({Chunking::Mode::slices, i});
  return all;
}

class CaseTest : public testing::Test {
 public:
  CaseTest(const World& world, fs::path path) : world_(world), path_(std::move(path)) {}

  void TestBody() override {
    Case story;
    try {
      story = read_case(path_.string());
    } catch (const CaseError& error) {
      FAIL() << error.what();
    }
    const std::string text = story.config ? *story.config : default_config(path_.string());
    const config::Loaded loaded = config::load_text(text, path_.string(), {});
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
      ADD_FAILURE() << config::to_string(diagnostic);
    }
    if (!loaded.ok()) return;
    credential::Store store;
    auto config = config::compile(loaded.document.filter, store);
    ASSERT_TRUE(config.has_value()) << config.error().message;
    config_ = *config;
    endpoints_ = std::make_shared<const endpoint::Table>(endpoint::Prefixes{});

    if (std::getenv("AIGW_PRINT_OUTCOME") != nullptr) {
      print_outcome(carry(story, config_, endpoints_, {}, {}));
      return;
    }
    run(story, {}, {});
    if (HasFailure() || !story.scan_all) return;
    size_t answer_size = 0;
    for (const auto& [number, answer] : story.upstream_responses) {
      answer_size = std::max(answer_size, answer.body.size());
    }
    const size_t request_size = story.client_request.body.size();
    if (std::max(request_size, answer_size) > kScanWholeMax) {
      std::cout << story.name << ": cut at random, seed " << world_.seed << "\n";
    }
    for (const Chunking& chunking : chunkings(request_size, world_.seed)) {
      if (!run(story, chunking, {})) return;
    }
    for (const Chunking& chunking : chunkings(answer_size, world_.seed)) {
      if (!run(story, {}, chunking)) return;
    }
  }

 private:
  bool run(const Case& story, Chunking request, Chunking response) {
    SCOPED_TRACE("request " + to_string(request) + ", answers " + to_string(response));
    try {
      const Outcome outcome = carry(story, config_, endpoints_, request, response);
      compare(story, outcome, world_);
      compare_told(story, outcome);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    return !HasFailure();
  }

  const World& world_;
  fs::path path_;
  std::shared_ptr<const config::Config> config_;
  std::shared_ptr<const endpoint::Table> endpoints_;
};

int run_all(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 3) {
    std::cerr << "usage: cases_core CASES_DIR NONDETERMINISTIC\n";
    return 2;
  }
  World world;
  world.cases = argv[1];
  read_nondeterministic(argv[2], world);
  world.seed = std::random_device{}();
  if (const char* seed = std::getenv("AIGW_SEED")) {
    world.seed = static_cast<uint32_t>(std::strtoul(seed, nullptr, 10));
  }
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(world.cases)) {
    if (entry.path().extension() != ".case") continue;
    const std::string name = name_of(entry.path(), world.cases);
    const fs::path path = entry.path();
    testing::RegisterTest("cases", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [&world, path] { return new CaseTest(world, path); });
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
