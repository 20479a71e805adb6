#include "drivers/case_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace aigw::tests {
namespace {

// Line 1 is the prose; tests/e2e/test_case_format.py holds the same story.
constexpr const char* kGood = R"(Prose, that may: hold anything.
model: not a header yet

endpoint: POST /v1/chat/completions
backends: a, b

-- client.request --
x-one: 1
!content-type

{"model":"m"}

-- upstream.request 2 escaped --
POST /x
!x-one

a\r\n
\x62\\
-- upstream.response 2 reset --
-- client.response gzip --
:status: 200

data: x


-- effects --
attempts: 2
metadata: key = "text"
metadata: count = 3
)";

class CaseFile : public testing::Test {
 protected:
  CaseFile() : path_(testing::TempDir() + "story.case") {}
  ~CaseFile() override { std::filesystem::remove(path_); }

  Case read(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_case(path_);
  }

  std::string error_of(std::string old, const std::string& replacement) {
    std::string text = kGood;
    text.replace(text.find(old), old.size(), replacement);
    try {
      read(text);
    } catch (const CaseError& error) {
      const std::string what = error.what();
      return what.substr(what.find("story.case"));
    }
    return "no error";
  }

  std::string path_;
};

TEST_F(CaseFile, AWholeCase) {
  const Case story = read(kGood);
  EXPECT_EQ(story.name, "story");
  EXPECT_EQ(story.method + " " + story.path, "POST /v1/chat/completions");
  EXPECT_EQ(story.backends, (std::vector<std::string>{"a", "b"}));
  ASSERT_NE(story.client_request.find("content-type"), nullptr);
  EXPECT_TRUE(story.client_request.find("content-type")->absent);
  EXPECT_EQ(story.client_request.find("x-one")->value, "1");
  EXPECT_EQ(story.client_request.body, "{\"model\":\"m\"}\n");
  EXPECT_EQ(story.upstream_requests.at(2).body, "a\r\nb\\");
  EXPECT_TRUE(story.upstream_responses.at(2).reset);
  EXPECT_EQ(story.client_response.body, "data: x\n\n");
  EXPECT_EQ(*story.metadata,
            (std::map<std::string, std::string>{{"count", "3"}, {"key", "\"text\""}}));
}

TEST_F(CaseFile, ErrorsNameTheLine) {
  EXPECT_EQ(error_of("backends: a, b", "backend: a"), "story.case:5: unknown header backend");
  EXPECT_EQ(error_of("-- effects --", "-- effect --"), "story.case:26: unknown section effect");
  EXPECT_EQ(error_of("response gzip --", "response zip --"), "story.case:20: unknown variant zip");
  EXPECT_EQ(error_of(":status: 200\n", "x: 200\n"), "story.case:20: a response needs `:status: N`");
  EXPECT_EQ(error_of("x-one: 1\n", "x-one: 1\nrubbish\n"),
            "story.case:9: expected a head line or an empty one");
  EXPECT_EQ(error_of("attempts: 2", "attempt: 2"), "story.case:27: unknown effect attempt");
  EXPECT_EQ(error_of("a\\r\\n", "\\q"), "story.case:17: unknown escape");
  EXPECT_EQ(error_of("endpoint: POST", "endpoint POST"),
            "story.case:7: no endpoint before the first section");
}

}  // namespace
}  // namespace aigw::tests
