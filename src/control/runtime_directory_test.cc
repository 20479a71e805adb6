#include "control/runtime_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace aigw::control {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

mode_t mode(const std::string& path) {
  struct stat about{};
  return stat(path.c_str(), &about) == 0 ? about.st_mode & 0777 : 0;
}

std::string content(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class RuntimeDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "aigw-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    base_ = name;
  }
  void TearDown() override { fs::remove_all(base_); }
  std::string base_;
};

TEST_F(RuntimeDirectoryTest, IsPrivateAndRemovedAtTheEnd) {
  const std::string path = base_ + "/run";
  {
    const Result<RuntimeDirectory> directory = RuntimeDirectory::make(path);
    ASSERT_TRUE(directory);
    EXPECT_EQ(mode(path), 0700u);
    ASSERT_TRUE(directory->write("key-0", "secret"));
    EXPECT_EQ(mode(path + "/key-0"), 0600u);
    EXPECT_EQ(content(path + "/key-0"), "secret");
    EXPECT_FALSE(directory->write("key-0", "again"));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(RuntimeDirectoryTest, TakesWhatADeadRunHasLeftAndNothingElse) {
  const std::string path = base_ + "/run";
  fs::create_directory(path);
  std::ofstream(path + "/key-3") << "old";
  for (const char* name : {kConfigFile, kExtprocSocket, "bootstrap.json"}) std::ofstream(path + "/" + name) << "old";
  {
    const Result<RuntimeDirectory> directory = RuntimeDirectory::make(path);
    ASSERT_TRUE(directory);
    EXPECT_FALSE(fs::exists(path + "/key-3"));
    EXPECT_EQ(mode(path), 0700u);
  }
  fs::create_directory(path);
  std::ofstream(path + "/thesis.tex") << "precious";
  EXPECT_FALSE(RuntimeDirectory::make(path));
  EXPECT_TRUE(fs::exists(path + "/thesis.tex"));
  fs::create_directory_symlink(path, base_ + "/link");
  EXPECT_FALSE(RuntimeDirectory::make(base_ + "/link"));
}

TEST_F(RuntimeDirectoryTest, HoldsTheKeysThatAreNotInFilesAlready) {
  config::Document document;
  const config::SecretSpec secrets[] = {config::SecretSpec::of_literal("sk-a"),
                                        config::SecretSpec::of_file("/elsewhere"),
                                        config::SecretSpec::of_env("AIGW_TEST_KEY")};
  for (const config::SecretSpec& secret : secrets) {
    config::BackendSpec& backend = document.backends.emplace_back();
    backend.name = std::to_string(document.backends.size());
    backend.auth.emplace().secret = secret;
  }
  const Result<RuntimeDirectory> directory = RuntimeDirectory::make(base_ + "/run");
  ASSERT_TRUE(directory);
  unsetenv("AIGW_TEST_KEY");
  EXPECT_THAT(write_keys(document, *directory).error().message,
              HasSubstr("backend 3: the environment variable AIGW_TEST_KEY"));
  fs::remove(base_ + "/run/key-0");
  setenv("AIGW_TEST_KEY", "sk-c", 1);
  ASSERT_TRUE(write_keys(document, *directory));
  EXPECT_EQ(content(base_ + "/run/" + key_file_name(document, document.backends[0])), "sk-a");
  EXPECT_FALSE(fs::exists(base_ + "/run/" + key_file_name(document, document.backends[1])));
  EXPECT_EQ(content(base_ + "/run/" + key_file_name(document, document.backends[2])), "sk-c");
}

}  // namespace
}  // namespace aigw::control
