#include "drivers/case_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "drivers/frame.h"

namespace aigw::tests {
namespace {

// Line 1 is the prose; tests/e2e/test_case_format.py holds the same story.
constexpr const char* kGood = R"(Prose, that may: hold anything.
model: not a header yet

endpoint: POST /v1/chat/completions
backends: a, b

-- client.request --
x-one: 1
x-two: *
!content-type

{"model":"m"}

-- upstream.request 2 escaped --
POST /x
!x-one

a\r\n
\x62\\\(3 [{\)
-- upstream.response 2 reset --
-- client.response gzip --
:status: 200

data: x


-- effects --
attempts: 2
metadata: key = "text"
metadata: count = 3
dropped: seed
limited: json_depth
outcome: cut
)";

class CaseFile : public testing::Test {
 protected:
  CaseFile() : folder_(testing::TempDir() + "aigw-cases" + std::to_string(getpid())), path_(folder_ + "/story.case") {
    std::filesystem::create_directories(folder_);
  }
  ~CaseFile() override { std::filesystem::remove_all(folder_); }

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

  std::string folder_, path_;
};

TEST_F(CaseFile, AWholeCase) {
  const Case story = read(kGood);
  EXPECT_EQ(story.name, "story");
  EXPECT_EQ(story.method + " " + story.path, "POST /v1/chat/completions");
  EXPECT_EQ(story.backends, (std::vector<std::string>{"a", "b"}));
  ASSERT_NE(story.client_request.find("content-type"), nullptr);
  EXPECT_TRUE(story.client_request.find("content-type")->absent);
  EXPECT_EQ(story.client_request.find("x-one")->value, "1");
  EXPECT_TRUE(story.client_request.find("x-two")->any);
  EXPECT_FALSE(story.client_request.find("x-one")->any);
  EXPECT_EQ(story.client_request.body, "{\"model\":\"m\"}\n");
  EXPECT_EQ(story.upstream_requests.at(2).body, "a\r\nb\\[{[{[{");
  EXPECT_TRUE(story.upstream_responses.at(2).reset);
  EXPECT_EQ(story.client_response.body, "data: x\n\n");
  EXPECT_EQ(*story.metadata,
            (std::map<std::string, std::string>{{"count", "3"}, {"key", "\"text\""}}));
  EXPECT_EQ(story.dropped, std::set<std::string>{"seed"});
  EXPECT_EQ(story.limited, std::set<std::string>{"json_depth"});
  EXPECT_EQ(story.outcome, "cut");
}

TEST_F(CaseFile, ErrorsNameTheLine) {
  EXPECT_EQ(error_of("backends: a, b", "backend: a"), "story.case:5: unknown header backend");
  EXPECT_EQ(error_of("-- effects --", "-- effect --"), "story.case:27: unknown section effect");
  EXPECT_EQ(error_of("response gzip --", "response zip --"), "story.case:21: unknown variant zip");
  EXPECT_EQ(error_of(":status: 200\n", "x: 200\n"), "story.case:21: a response needs `:status: N`");
  EXPECT_EQ(error_of("x-one: 1\n", "x-one: 1\nrubbish\n"),
            "story.case:9: expected a head line or an empty one");
  EXPECT_EQ(error_of("attempts: 2", "attempt: 2"), "story.case:28: unknown effect attempt");
  EXPECT_EQ(error_of("a\\r\\n", "\\q"), "story.case:18: unknown escape");
  EXPECT_EQ(error_of("endpoint: POST", "endpoint POST"),
            "story.case:7: no endpoint before the first section");
}

// A message is its headers and its payload; tests/e2e/test_case_format.py decodes the same lines by
// botocore.
TEST_F(CaseFile, EventStreams) {
  std::string text = kGood;
  const std::string section = "-- upstream.response 2 reset --\n";
  text.insert(text.find(section) + section.size(),
              "-- upstream.response eventstream --\n"
              ":status: 200\n\nmessageStop {\"a\":1}\n\nbroken exception x {}\nhalf error 1 b\n");
  const std::string body = read(text).upstream_responses.at(1).body;
  std::string expected;
  append_frame(expected, "messageStop {\"a\":1}");
  EXPECT_EQ(expected.size(), 16u + 12 + 14 + 14 + 19 + 14 + 8 + 7);
  EXPECT_TRUE(body.starts_with(expected));
  std::string exception;
  append_frame(exception, "exception x {}");
  const std::string broken = body.substr(expected.size(), exception.size());
  EXPECT_EQ(broken.substr(0, broken.size() - 1), exception.substr(0, exception.size() - 1));
  EXPECT_NE(broken, exception);
  std::string error;
  append_frame(error, "error 1 b");
  EXPECT_EQ(body.substr(expected.size() + exception.size()), error.substr(0, error.size() / 2));
}

TEST_F(CaseFile, LinesThatAreNoMessage) {
  std::string out;
  for (const char* line :
       {"", "messageStop", "broken", "broken messageStop", "exception x", "error 1"}) {
    EXPECT_FALSE(append_frame(out, line)) << line;
  }
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace aigw::tests
