// Runs every case of a folder against the core in process: a test a case, named as the file. Each
// case is carried with its bodies whole, then with the request and the answers cut in every way,
// and must come out the same.
//
// cases_core CASES_DIR NONDETERMINISTIC [GoogleTest's flags]
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <set>
#include <sstream>

#include "config/compile.h"
#include "config/load.h"
#include "credential/store.h"
#include "drivers/core/carrier.h"
#include "host/aws/sigv4.h"

namespace aigw::tests {
namespace {

namespace fs = std::filesystem;

// Bodies up to this size are cut in every way, larger ones in a sample of ways.
constexpr size_t kScanWholeMax = 2048;
constexpr size_t kSamples = 300;

// A key whose signatures are verified.
struct AwsKey {
  host::aws::Credentials credentials;
  std::string region;
};

struct World {
  fs::path cases;
  std::set<std::string> ignored_metadata;
  std::vector<AwsKey> keys;
  uint32_t seed = 1;
};

bool is_among(const Headers& headers, const std::string& name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return header.first == name; });
}

std::string dump(const Headers& headers) {
  std::string out;
  for (const auto& [name, value] : headers) out += "  " + name + ": " + value + "\n";
  return out;
}

void compare_head(const Message& expected, const Headers& got, const std::string& what) {
  for (const HeadLine& line : expected.head) {
    const std::pair<std::string, std::string> header(line.name, line.value);
    if (line.absent) {
      EXPECT_FALSE(is_among(got, line.name)) << what << ": " << line.name << " must not be there\n"
                                             << dump(got);
    } else {
      const bool there = line.any ? is_among(got, line.name)
                                  : std::find(got.begin(), got.end(), header) != got.end();
      EXPECT_TRUE(there) << what << ": expected " << line.name << ": " << line.value << "\n"
                         << dump(got);
    }
  }
}

void compare_length(const Headers& headers, const std::string& body, const std::string& what) {
  for (const auto& [name, value] : headers) {
    if (name != "content-length") continue;
    EXPECT_EQ(value, std::to_string(body.size())) << what;
  }
}

std::string value_of(const Headers& headers, const std::string& name) {
  for (const auto& header : headers) {
    if (header.first == name) return header.second;
  }
  return {};
}

// Signs what was sent once more, as AWS does it, and compares.
void verify_signature(const Sent& sent, const World& world, const std::string& what) {
  const std::string authorization = value_of(sent.headers, "authorization");
  const std::string begin = "AWS4-HMAC-SHA256 Credential=";
  if (!authorization.starts_with(begin)) return;
  for (const AwsKey& key : world.keys) {
    if (!authorization.starts_with(begin + key.credentials.access_key_id + "/")) continue;
    const std::string method = value_of(sent.headers, ":method");
    const std::string host = value_of(sent.headers, ":authority");
    const std::string path = value_of(sent.headers, ":path");
    host::aws::Credentials credentials = key.credentials;
    credentials.session_token = value_of(sent.headers, "x-amz-security-token");
    host::aws::SigningKey signing_key;
    const host::aws::Signature expected = host::aws::sign(
        credentials, key.region, {method, host, path, crypto::sha256(sent.body), {}},
        static_cast<int64_t>(clock()), signing_key);
    EXPECT_EQ(authorization, expected.authorization) << what;
    EXPECT_EQ(value_of(sent.headers, "x-amz-date"), expected.date) << what;
    return;
  }
  ADD_FAILURE() << what << ": signed by a key that nondeterministic.txt does not name";
}

void compare_sent(const Case& story, const Sent& sent, size_t number) {
  const std::string what = "attempt " + std::to_string(number);
  const auto found = story.upstream_requests.find(number);
  const Headers client = client_headers(story);
  for (const auto& [name, value] : sent.headers) {
    const bool known =
        is_among(client, name) ||
        std::find(std::begin(kCarrierHeaders), std::end(kCarrierHeaders), name) !=
            std::end(kCarrierHeaders) ||
        (found != story.upstream_requests.end() && found->second.find(name) != nullptr);
    EXPECT_TRUE(known || found == story.upstream_requests.end())
        << what << ": nobody named the header " << name << ": " << value;
    EXPECT_FALSE(name.starts_with("x-ai-eg-")) << what << ": " << name << " reached the provider";
  }
  EXPECT_TRUE(is_among(sent.headers, "content-length") || story.method == "GET") << what;
  compare_length(sent.headers, sent.body, what);
  if (found == story.upstream_requests.end()) return;
  const Message& expected = found->second;
  Message line;
  line.head = {{":method", expected.method}, {":path", expected.path}};
  compare_head(line, sent.headers, what);
  compare_head(expected, sent.headers, what);
  EXPECT_EQ(sent.body, expected.body) << what;
}

// After the end, an access log sees the client's own headers and Envoy's, and nothing of a
// provider's.
void compare_request_at_end(const Case& story, const Headers& got) {
  const Headers client = client_headers(story);
  for (const auto& [name, value] : got) {
    const bool carriers = std::find(std::begin(kCarrierHeaders), std::end(kCarrierHeaders), name) !=
                          std::end(kCarrierHeaders);
    if (carriers || name.starts_with("x-ai-eg-")) continue;
    const std::pair<std::string, std::string> header(name, value);
    EXPECT_NE(std::find(client.begin(), client.end(), header), client.end())
        << "left behind after the end: " << name << ": " << value;
  }
  for (const auto& [name, value] : client) {
    const std::pair<std::string, std::string> header(name, value);
    if (name.starts_with("x-ai-eg-") || name == "x-envoy-original-path" ||
        name == "x-gateway-destination-endpoint") {
      EXPECT_EQ(std::find(got.begin(), got.end(), header), got.end())
          << "the client's own " << name << " was believed";
    } else {
      EXPECT_NE(std::find(got.begin(), got.end(), header), got.end())
          << "lost after the end: " << name << ": " << value << "\n"
          << dump(got);
    }
  }
}

std::string join(const std::set<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

void compare_effects(const Case& story, const Outcome& outcome, const World& world) {
  EXPECT_EQ(outcome.sent.size(), story.attempts.value_or(outcome.sent.size()));
  EXPECT_EQ(outcome.model, story.model.value_or(outcome.model));
  EXPECT_EQ(join(outcome.dropped), join(story.dropped)) << "what translations dropped";
  if (story.metadata) {
    std::map<std::string, std::string> got = outcome.metadata;
    for (const std::string& key : world.ignored_metadata) got.erase(key);
    EXPECT_EQ(got, *story.metadata);
  }
}

void compare(const Case& story, const Outcome& outcome, const World& world) {
  if (story.upstream_responses.empty() && story.upstream_requests.empty()) {
    EXPECT_EQ(outcome.sent.size(), 0u) << "nothing may reach a provider";
  }
  for (size_t i = 0; i < outcome.sent.size(); ++i) {
    compare_sent(story, outcome.sent[i], i + 1);
    verify_signature(outcome.sent[i], world, "attempt " + std::to_string(i + 1));
  }
  const Message& expected = story.client_response;
  EXPECT_EQ(outcome.status, expected.status);
  compare_head(expected, outcome.headers, "client.response");
  compare_length(outcome.headers, outcome.body, "client.response");
  EXPECT_EQ(expected.gzip ? decompress(outcome.body) : outcome.body, expected.body);
  EXPECT_EQ(outcome.cut, expected.cut);
  compare_effects(story, outcome, world);
  compare_request_at_end(story, outcome.request_at_end);
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
      compare(story, carry(story, config_, endpoints_, request, response), world_);
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

void read_nondeterministic(const std::string& path, World& world) {
  std::istringstream in(read_text_file(path));
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string kind;
    std::string first;
    fields >> kind >> first;
    if (kind == "metadata") {
      world.ignored_metadata.insert(first);
    } else if (kind == "time") {
      uint64_t seconds = 0;
      fields >> seconds;
      set_clock(seconds);
    } else if (kind == "key") {
      AwsKey key;
      key.credentials.access_key_id = first;
      fields >> key.credentials.secret_access_key >> key.region;
      world.keys.push_back(key);
    }
  }
}

// The path below the folder of the cases, with points between its parts and without the ending.
std::string name_of(const fs::path& path, const fs::path& cases) {
  std::string name = fs::relative(path, cases).replace_extension().generic_string();
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

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
