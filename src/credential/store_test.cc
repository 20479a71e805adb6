#include "credential/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/limits.h"

namespace aigw::credential {
namespace {

namespace fs = std::filesystem;

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string pattern = (fs::temp_directory_path() / "aigw-store-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~StoreTest() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary | std::ios::trunc) << text;
    return path(name);
  }
  static std::string text_of(const Cell& cell) {
    Cell::Buffer buffer;
    return std::string(cell.read_into(buffer));
  }
  // A modification time long enough ago that the store trusts it.
  static void age(const std::string& file, time_t seconds = 1'000'000) {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  }

  fs::path directory_;
  std::vector<std::string> problems_;
  Store store_{[this](const std::string& file, const std::string& problem) {
    problems_.push_back(fs::path(file).filename().string() + ": " + problem);
  }};
};

TEST_F(StoreTest, LiteralsAreTrimmedAndMayBeEmpty) {
  EXPECT_EQ(text_of(**store_.literal(Secret(" sk-1\n"), Form::trimmed)), "sk-1");
  EXPECT_EQ(text_of(**store_.literal(Secret(""), Form::trimmed)), "");
  EXPECT_EQ(store_.literal(Secret("sk\n1"), Form::trimmed).error().message,
            "the credential is not one line of text without control characters");
  EXPECT_EQ(store_.literal(Secret(std::string(16385, 'x')), Form::text).error().message,
            "the credential is larger than 16384 bytes");
}

TEST_F(StoreTest, EnvironmentVariablesMustBeSet) {
  ::setenv("AIGW_STORE_TEST", " sk-2 ", 1);
  EXPECT_EQ(text_of(**store_.env("AIGW_STORE_TEST", Form::trimmed)), "sk-2");
  ::setenv("AIGW_STORE_TEST", " ", 1);
  EXPECT_EQ(store_.env("AIGW_STORE_TEST", Form::trimmed).error().message,
            "the environment variable AIGW_STORE_TEST is empty");
  ::unsetenv("AIGW_STORE_TEST");
  EXPECT_EQ(store_.env("AIGW_STORE_TEST", Form::trimmed).error().message,
            "the environment variable AIGW_STORE_TEST is not set");
}

TEST_F(StoreTest, FilesThatCannotBeUsedAreNamed) {
  const auto message = [&](const std::string& file) {
    return store_.file(file, Form::trimmed).error().message;
  };
  const auto expected = [&](const std::string& name, const std::string& problem) {
    return "the credential file " + path(name) + " cannot be used: " + problem;
  };
  EXPECT_EQ(message(path("none")), expected("none", "No such file or directory"));
  EXPECT_EQ(message(write("empty", " \n")), expected("empty", "empty"));
  const std::string longest(limits::credential_max, 'x');
  EXPECT_EQ(text_of(**store_.file(write("longest", longest), Form::trimmed)), longest);
  EXPECT_EQ(message(write("large", longest + "x")), expected("large", "larger than 16384 bytes"));
  EXPECT_EQ(message(write("lines", "a\nb")),
            expected("lines", "not one line of text without control characters"));
  fs::create_directory(path("dir"));
  EXPECT_EQ(message(path("dir")), expected("dir", "not a regular file"));
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(message(path("fifo")), expected("fifo", "not a regular file"));
  EXPECT_EQ(store_.refresh(), 0u);
  EXPECT_TRUE(problems_.empty());
}

TEST_F(StoreTest, OneCellAPathAsLongAsItIsHeld) {
  const std::string file = write("key", "sk-1");
  auto first = *store_.file(file, Form::trimmed);
  EXPECT_EQ(*store_.file(file, Form::trimmed), first);
  EXPECT_NE(*store_.file(file, Form::text), first);
  write("key", "sk-2");
  first.reset();
  EXPECT_EQ(text_of(**store_.file(file, Form::trimmed)), "sk-2");
}

TEST_F(StoreTest, RefreshFollowsRewritesAndReplacements) {
  const std::string file = write("key", "sk-1\n");
  const auto cell = *store_.file(file, Form::trimmed);
  EXPECT_EQ(store_.refresh(), 0u);
  write("key", "sk-2\n");
  EXPECT_EQ(store_.refresh(), 1u);
  EXPECT_EQ(text_of(*cell), "sk-2");
  fs::rename(write("key.tmp", "sk-3\n"), file);
  EXPECT_EQ(store_.refresh(), 1u);
  EXPECT_EQ(text_of(*cell), "sk-3");
  EXPECT_EQ(store_.refresh(), 0u);
}

TEST_F(StoreTest, RefreshTrustsAnOldFileWithoutReadingIt) {
  const std::string file = write("key", "sk-1");
  age(file);
  const auto cell = *store_.file(file, Form::trimmed);
  write("key", "sk-2");
  age(file);  // same inode, size and time: indistinguishable, so it is left alone
  EXPECT_EQ(store_.refresh(), 0u);
  age(file, 1'000'001);
  EXPECT_EQ(store_.refresh(), 1u);
  EXPECT_EQ(text_of(*cell), "sk-2");
}

TEST_F(StoreTest, RefreshFollowsTheSymlinkSwapOfAMountedSecret) {
  fs::create_directory(path("..v1"));
  fs::create_directory(path("..v2"));
  age(write("..v1/key", "sk-1"));
  age(write("..v2/key", "sk-2"));
  fs::create_symlink("..v1", path("..data"));
  fs::create_symlink("..data/key", path("key"));
  const auto cell = *store_.file(path("key"), Form::trimmed);
  EXPECT_EQ(text_of(*cell), "sk-1");
  fs::create_symlink("..v2", path("..tmp"));
  fs::rename(path("..tmp"), path("..data"));
  EXPECT_EQ(store_.refresh(), 1u);
  EXPECT_EQ(text_of(*cell), "sk-2");
}

TEST_F(StoreTest, AnUnfitFileLeavesTheOldValueAndIsReportedOnce) {
  const std::string file = write("key", "sk-1");
  const auto cell = *store_.file(file, Form::trimmed);
  write("key", "");
  EXPECT_EQ(store_.refresh(), 0u);
  EXPECT_EQ(store_.refresh(), 0u);
  fs::remove(file);
  EXPECT_EQ(store_.refresh(), 0u);
  write("key", "sk\n2");
  EXPECT_EQ(store_.refresh(), 0u);
  EXPECT_EQ(text_of(*cell), "sk-1");
  EXPECT_EQ(problems_, (std::vector<std::string>{
                           "key: empty", "key: No such file or directory",
                           "key: not one line of text without control characters"}));
  write("key", "sk-2");
  EXPECT_EQ(store_.refresh(), 1u);
  write("key", "");
  EXPECT_EQ(store_.refresh(), 0u);
  EXPECT_EQ(problems_.size(), 4u);
}

TEST_F(StoreTest, SecretsThatAreDelivered) {
  EXPECT_EQ(store_.sds("key", Form::trimmed).error().message,
            "the secret key comes by SDS, which the module in Envoy 1.40 or later can read");
  store_.allow_sds();
  const auto cell = *store_.sds("key", Form::trimmed);
  EXPECT_EQ(cell->origin(), Origin::fetched);
  EXPECT_EQ(*store_.sds("key", Form::trimmed), cell);
  const auto other = *store_.sds("other", Form::text);
  EXPECT_EQ(store_.seal_sds(), (std::vector<std::string>{"key", "other"}));
  EXPECT_EQ(*store_.sds("key", Form::trimmed), cell);
  EXPECT_FALSE(store_.sds("late", Form::trimmed));
  EXPECT_EQ(text_of(*cell), "");
  store_.deliver_sds("key", "sk-1\n");
  EXPECT_EQ(text_of(*cell), "sk-1");
  store_.deliver_sds("key", " \n");
  store_.deliver_sds("key", "two\nlines");
  EXPECT_EQ(text_of(*cell), "sk-1");
  EXPECT_EQ(text_of(*other), "");
}

TEST_F(StoreTest, ForgetsFilesThatNobodyHolds) {
  const std::string file = write("key", "sk-1");
  store_.file(file, Form::trimmed)->reset();
  fs::remove(file);
  EXPECT_EQ(store_.refresh(), 0u);
  EXPECT_TRUE(problems_.empty());
}

}  // namespace
}  // namespace aigw::credential
