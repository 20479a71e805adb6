#include "control/sds_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace aigw::control {
namespace {

Result<SdsFile> read(const std::string& text) {
  const std::string path = testing::TempDir() + "aigw-sds-file" + std::to_string(getpid());
  std::ofstream(path) << text;
  Result<SdsFile> file = SdsFile::read(path);
  std::remove(path.c_str());
  return file;
}

TEST(SdsFile, HoldsGenericSecretsHoweverTheyAreGiven) {
  ::setenv("AIGW_SDS_TEST", "of-the-variable", 1);
  const std::string other = testing::TempDir() + "aigw-sds-other" + std::to_string(getpid());
  std::ofstream(other) << "of-the-file";
  const std::string resource = R"({"@type":"type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",)";
  const Result<SdsFile> file = read(
      R"({"version_info":"1","resources":[)" + resource +
      R"("name":"a","generic_secret":{"secret":{"inline_string":"inline"}}},)" + resource +
      R"("name":"b","genericSecret":{"secret":{"inlineString":"as protobuf writes it"}}},)" + resource +
      R"("name":"c","generic_secret":{"secret":{"filename":")" + other + R"("}}},)" + resource +
      R"("name":"d","generic_secret":{"secret":{"environment_variable":"AIGW_SDS_TEST"}}},)" + resource +
      R"("name":"e","generic_secret":{"secret":{"inline_bytes":"c2VjcmV0"}}},)" + resource +
      R"("name":"f","validation_context":{}}]})");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->find("a")->reveal(), "inline");
  EXPECT_EQ(file->find("b")->reveal(), "as protobuf writes it");
  EXPECT_EQ(file->find("c")->reveal(), "of-the-file");
  EXPECT_EQ(file->find("d")->reveal(), "of-the-variable");
  EXPECT_NE(file->find("e").error().message.find("e: only inline_string, filename"), std::string::npos);
  EXPECT_NE(file->find("f").error().message.find("has no generic secret f"), std::string::npos);
  std::remove(other.c_str());
}

TEST(SdsFile, MayBeYaml) {
  const Result<SdsFile> file = read("resources:\n- name: a\n  generic_secret: {secret: {inline_string: k}}\n");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->find("a")->reveal(), "k");
}

TEST(SdsFile, IsRefusedWithoutAWordOfIt) {
  for (const char* text : {"{\"s3cret", "resources: [s3cret: [", "{\"a\":\"s3cret\",\"a\":1}"}) {
    const Result<SdsFile> file = read(text);
    ASSERT_FALSE(file) << text;
    EXPECT_EQ(file.error().message.find("s3cret"), std::string::npos) << file.error().message;
  }
  EXPECT_EQ(SdsFile::read("/nowhere/sds.json").error().kind, FailureKind::unavailable);
  EXPECT_FALSE(read("7")->find("a"));
}

}  // namespace
}  // namespace aigw::control
