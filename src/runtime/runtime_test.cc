#include "runtime/runtime.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

namespace aigw::runtime {
namespace {

class RuntimeTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "aigw-runtime-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  // Replaces the file at once, as a Kubernetes mount and a careful person do.
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name + ".new")) << text;
    std::filesystem::rename(path(name + ".new"), path(name));
  }

  Process process() {
    Process process;
    process.log = [this](LogLevel, Bytes message) {
      std::lock_guard<std::mutex> lock(mutex_);
      log_ += message;
      log_ += '\n';
    };
    process.workers = 2;
    return process;
  }

  std::shared_ptr<Runtime> open() {
    auto runtime = Runtime::open("configPath: " + path("gateway.yaml"), process());
    EXPECT_TRUE(runtime) << runtime.error().message;
    return runtime ? *runtime : nullptr;
  }

  template <class Condition>
  static bool eventually(Condition&& condition) {
    for (int i = 0; i < 3000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  std::string log() {
    std::lock_guard<std::mutex> lock(mutex_);
    return log_;
  }

  std::filesystem::path directory_;
  std::mutex mutex_;
  std::string log_;
};

TEST_F(RuntimeTest, AChangedFileIsTakenAndABadOneIsNot) {
  write("gateway.yaml", "uuid: one");
  std::shared_ptr<Runtime> runtime = open();
  ASSERT_NE(runtime, nullptr);
  EXPECT_EQ(runtime->config_for_worker(0)->uuid(), "one");
  std::shared_ptr<const config::Config> kept = runtime->config_for_worker(0);

  write("gateway.yaml", "uuid: [broken");
  EXPECT_TRUE(eventually([&] { return log().find("is not taken") != std::string::npos; }));
  EXPECT_EQ(runtime->config_for_worker(0)->uuid(), "one");

  write("gateway.yaml", "uuid: two");
  EXPECT_TRUE(eventually([&] { return runtime->config_for_worker(0)->uuid() == "two"; }));
  EXPECT_EQ(runtime->config_for_worker(1)->uuid(), "two");
  EXPECT_EQ(runtime->current()->uuid(), "two");
  EXPECT_EQ(kept->uuid(), "one");
}

TEST_F(RuntimeTest, ARotatedKeyReachesABackendOfAnOlderConfiguration) {
  write("key", "first\n");
  write("gateway.yaml",
        "backends: [{name: a, schema: {name: OpenAI}, auth: {apiKey: {keyFile: " + path("key") + "}}}]");
  std::shared_ptr<Runtime> runtime = open();
  ASSERT_NE(runtime, nullptr);
  std::shared_ptr<const config::Config> config = runtime->config_for_worker(0);
  credential::Cell::Buffer buffer;
  const credential::Cell& cell = *config->find_backend("a")->credential;
  EXPECT_EQ(cell.read_into(buffer), "first");
  write("key", "second\n");
  EXPECT_TRUE(eventually([&] { return cell.read_into(buffer) == "second"; }));
  EXPECT_EQ(log().find("second"), std::string::npos);
}

TEST_F(RuntimeTest, AChangedPriceFileIsTakenAndABadOneIsNot) {
  const auto price = [](const std::shared_ptr<Runtime>& runtime) -> uint64_t {
    const std::shared_ptr<const config::Config> config = runtime->current();
    const policy::price::Entry* entry = config->prices()->find("m", "", 0);
    return entry == nullptr ? 0 : policy::price::Table::cost(*entry, {.input = 1});
  };
  for (const bool is_inline : {false, true}) {
    write("prices.yaml", "models: [{model: m, input: 1}]");
    const std::string document = "prices: {file: " + path("prices.yaml") + "}";
    write("gateway.yaml", document);
    const auto opened = Runtime::open(
        is_inline ? "config: {" + document + "}" : "configPath: " + path("gateway.yaml"), process());
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(price(*opened), 1u);
    write("prices.yaml", "models: [{model: m, input: 2}]");
    EXPECT_TRUE(eventually([&] { return price(*opened) == 2; }));
    write("prices.yaml", "models: [{model: m, input: x}]");
    EXPECT_TRUE(eventually([&] { return log().find("prices.yaml:1:28: error") != std::string::npos; }));
    EXPECT_EQ(price(*opened), 2u);
    write("prices.yaml", "models: [{model: m, input: 3}]");
    EXPECT_TRUE(eventually([&] { return price(*opened) == 3; }));
    const std::lock_guard<std::mutex> lock(mutex_);
    log_.clear();
  }
}

TEST_F(RuntimeTest, AMissingFileIsAClearFailure) {
  auto runtime = Runtime::open("configPath: " + path("absent.yaml"), process());
  ASSERT_FALSE(runtime);
  EXPECT_NE(runtime.error().message.find("absent.yaml"), std::string::npos);
}

TEST_F(RuntimeTest, ValidatingStartsNoWatcher) {
  write("gateway.yaml", "uuid: one");
  Process quiet = process();
  quiet.watch = false;
  auto runtime = Runtime::open("configPath: " + path("gateway.yaml"), quiet);
  ASSERT_TRUE(runtime);
  write("gateway.yaml", "uuid: two");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ((*runtime)->current()->uuid(), "one");
}

}  // namespace
}  // namespace aigw::runtime
