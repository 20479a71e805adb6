#include "runtime/source.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/limits.h"
#include "crypto/hex.h"
#include "crypto/sha256.h"

namespace aigw::runtime {
namespace {

std::string sum_of(const std::string& text) {
  return crypto::hex(crypto::as_bytes(crypto::sha256(Bytes(text))));
}

class SourceTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "aigw-source-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    std::filesystem::create_directory(directory_ / "parts");
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }
  void write_index(const std::string& checksum, const std::string& parts) const {
    write("index.yaml",
          "version: dev\nuuid: u\nchecksum: " + checksum + "\nparts: " + parts + "\n");
  }

  std::filesystem::path directory_;
};

constexpr const char* kTwoParts =
    "[{name: a, path: parts/000, sizeBytes: 6}, {name: b, path: parts/001, sizeBytes: 3}]";

TEST_F(SourceTest, ABundleIsItsPartsOneAfterTheOther) {
  write("parts/000", "uuid: ");
  write("parts/001", "one");
  std::string sum = sum_of("uuid: one");
  for (char& c : sum) c = static_cast<char>(toupper(c));
  write_index(sum, kTwoParts);
  Source source("", directory_);
  Result<config::Loaded> read = source.read();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->ok());
  EXPECT_EQ(read->document.filter.uuid, "one");
}

TEST_F(SourceTest, PiecesThatDoNotFitMayFitLater) {
  write("parts/000", "uuid: ");
  write_index(sum_of("uuid: one"), kTwoParts);
  Source source("", directory_);
  Result<config::Loaded> read = source.read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, FailureKind::unavailable);
  const std::string before = source.version();
  write("parts/001", "other");
  EXPECT_NE(source.version(), before);
  read = source.read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, FailureKind::unavailable);
  EXPECT_NE(read.error().message.find("checksum"), std::string::npos);
  write("parts/001", "one");
  EXPECT_TRUE(source.read());
}

TEST_F(SourceTest, ABundleHasSoManyPartsAndNoMore) {
  write("parts/000", "uuid: one");
  write("parts/001", "\n");
  const auto list_of = [](size_t parts) {
    std::string list = "[{name: a, path: parts/000}";
    for (size_t i = 1; i < parts; ++i) list += ",{name: b" + std::to_string(i) + ", path: parts/001}";
    return list + "]";
  };
  const std::string line_ends(limits::config_bundle_parts_max - 1, '\n');
  write_index(sum_of("uuid: one" + line_ends), list_of(limits::config_bundle_parts_max));
  Result<config::Loaded> read = Source("", directory_).read();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->document.filter.uuid, "one");
  write_index(sum_of("uuid: one" + line_ends + "\n"), list_of(limits::config_bundle_parts_max + 1));
  read = Source("", directory_).read();
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("parts: more than 64"), std::string::npos) << read.error().message;
}

TEST_F(SourceTest, AnIndexThatIsNoneIsRefused) {
  write("parts/000", "uuid: one");
  const std::string parts = "[{name: a, path: parts/000}]";
  const std::string sum = sum_of("uuid: one");
  std::string many = "[";
  for (size_t i = 0; i <= limits::config_bundle_parts_max; ++i) many += "{path: parts/000},";
  const std::pair<std::string, std::string> wrong[] = {{"''", parts},
                                                       {sum, "[]"},
                                                       {sum, "[{path: /etc/passwd}]"},
                                                       {sum, "[{path: a/../../b}]"},
                                                       {sum, many + "]"}};
  for (const auto& [checksum, list] : wrong) {
    write_index(checksum, list);
    Result<config::Loaded> read = Source("", directory_).read();
    ASSERT_FALSE(read) << checksum << list.substr(0, 40);
    EXPECT_EQ(read.error().kind, FailureKind::internal) << read.error().message;
  }
  std::filesystem::remove(directory_ / "index.yaml");
  EXPECT_EQ(Source("", directory_).read().error().kind, FailureKind::internal);
}

TEST(Versions, ThatAreUnderstood) {
  for (Bytes good : {"", "dev", "v1.0.0", "v1.1.12"})
    EXPECT_TRUE(understands_version(good)) << good;
  for (Bytes bad :
       {"v1.1", "v1.1.", "v1.1.0-rc1", "v1.2.0", "v0.7.0", "v2.0.0", "abc (v1.1.0, +3)", "DEV"}) {
    EXPECT_FALSE(understands_version(bad)) << bad;
  }
}

}  // namespace
}  // namespace aigw::runtime
