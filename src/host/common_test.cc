#include "host/common.h"

#include <gtest/gtest.h>

namespace aigw::host {
namespace {

std::string escape(Bytes text) {
  std::string out;
  append_path_segment(out, text);
  return out;
}

// Go's url.PathEscape gives the same.
TEST(PathSegmentTest, AsGoEscapes) {
  EXPECT_EQ(escape(""), "");
  EXPECT_EQ(escape("anthropic.claude-sonnet-4-5-20250929-v1:0"),
            "anthropic.claude-sonnet-4-5-20250929-v1:0");
  EXPECT_EQ(escape("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.meta.llama3"),
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile%2Fus.meta.llama3");
  EXPECT_EQ(escape("-_.~$&+:=@"), "-_.~$&+:=@");
  EXPECT_EQ(escape(" !\"#%'()*,/;<>?[\\]^`{|}"),
            "%20%21%22%23%25%27%28%29%2A%2C%2F%3B%3C%3E%3F%5B%5C%5D%5E%60%7B%7C%7D");
  EXPECT_EQ(escape("a%2Fb"), "a%252Fb");
  EXPECT_EQ(escape("h\xc3\xa9"), "h%C3%A9");
  EXPECT_EQ(escape(Bytes("\0\x7f\n", 3)), "%00%7F%0A");
}

TEST(PathSegmentTest, DotsDoNotWalk) {
  EXPECT_EQ(escape("."), "%2E");
  EXPECT_EQ(escape(".."), "%2E%2E");
  EXPECT_EQ(escape("..."), "...");
  EXPECT_EQ(escape("../x"), "..%2Fx");
}

}  // namespace
}  // namespace aigw::host
