#include "exchange/access_line.h"

#include <gtest/gtest.h>

#include <limits>

#include "http/testing/vector_header_map.h"

namespace aigw::exchange {
namespace {

using observe::AccessMember;
using observe::AccessMembers;

AccessMembers members() {
  AccessMembers all;
  const std::pair<Bytes, Bytes> wanted[] = {{"tokens", "metadata:llm_total_token"},
                                            {"m\"", "metadata:model"},
                                            {"agent", "header:user-agent"},
                                            {"path", "path"}};
  for (const auto& [name, source] : wanted) {
    EXPECT_TRUE(observe::parse_access_member(name, source, all.emplace_back())) << source;
  }
  return all;
}

TEST(AccessLine, HasEachMemberOnce) {
  const AccessMembers all = members();
  NoMetadata nowhere;
  http::VectorHeaderMap request(
      {{":path", "/v1/\"x\"?key=secret"}, {"user-agent", "a\\\"\x01\xff"}});
  AccessLine line(all, nowhere);
  line.number("other", 1);
  line.number("llm_total_token", 331);
  line.text("model", "gpt\n");
  EXPECT_EQ(line.take(request),
            ",\"tokens\":331,\"m\\\"\":\"gpt\\n\""
            ",\"agent\":\"a\\\\\\\"\\u0001\xef\xbf\xbd\",\"path\":\"/v1/\\\"x\\\"\"");
}

TEST(AccessLine, SaysNullOfWhatIsAbsent) {
  const AccessMembers all = members();
  NoMetadata nowhere;
  http::VectorHeaderMap request;
  EXPECT_EQ(AccessLine(all, nowhere).take(request),
            ",\"tokens\":null,\"m\\\"\":null,\"agent\":null,\"path\":null");
}

TEST(AccessLine, KeepsNumbersAsTheyAre) {
  const AccessMembers all = members();
  NoMetadata nowhere;
  http::VectorHeaderMap request;
  const auto written = [&](double value) {
    AccessLine line(all, nowhere);
    line.number("llm_total_token", value);
    const std::string text = line.take(request);
    return text.substr(0, text.find(",\"m"));
  };
  EXPECT_EQ(written(0), ",\"tokens\":0");
  EXPECT_EQ(written(9007199254740992.0), ",\"tokens\":9007199254740992");
  EXPECT_EQ(written(0.25), ",\"tokens\":0.25");
  EXPECT_EQ(written(-2), ",\"tokens\":-2");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "");
}

TEST(AccessLine, SaysNothingOfWhatIsWrittenTwice) {
  const AccessMembers all = members();
  NoMetadata nowhere;
  http::VectorHeaderMap request;
  AccessLine line(all, nowhere);
  line.text("model", "a");
  line.text("model", "b");
  EXPECT_EQ(line.take(request), "");
}

TEST(AccessLine, KnowsThreeSources) {
  AccessMember one;
  for (const char* wrong : {"", "header:", "metadata", "path:x", "cookie:a"}) {
    EXPECT_FALSE(observe::parse_access_member("x", wrong, one)) << wrong;
  }
}

}  // namespace
}  // namespace aigw::exchange
