#include "exchange/access_line.h"

#include <gtest/gtest.h>

#include <limits>

#include "http/testing/vector_header_map.h"

namespace aigw::exchange {
namespace {

using observe::AccessMembers;

AccessMembers members() {
  AccessMembers all;
  const std::pair<Bytes, Bytes> wanted[] = {{"tokens", "metadata:llm_total_token"},
                                            {"m\"", "metadata:model"},
                                            {"agent", "header:user-agent"},
                                            {"path", "path"}};
  for (const auto& [name, source] : wanted) {
    EXPECT_TRUE(all.add(name, source)) << source;
  }
  return all;
}

TEST(AccessLine, HasEachMemberOnce) {
  const AccessMembers all = members();
  http::VectorHeaderMap request(
      {{":path", "/v1/\"x\"?key=secret"}, {"user-agent", "a\\\"\x01\xff"}});
  AccessLine line(all);
  line.number("other", 1);
  line.number("llm_total_token", 331);
  line.text("model", "gpt\n");
  EXPECT_EQ(line.take(request),
            ",\"tokens\":331,\"m\\\"\":\"gpt\\n\""
            ",\"agent\":\"a\\\\\\\"\\u0001\xef\xbf\xbd\",\"path\":\"/v1/\\\"x\\\"\"");
}

TEST(AccessLine, SaysNullOfWhatIsAbsent) {
  const AccessMembers all = members();
  http::VectorHeaderMap request;
  EXPECT_EQ(AccessLine(all).take(request),
            ",\"tokens\":null,\"m\\\"\":null,\"agent\":null,\"path\":null");
}

TEST(AccessLine, KeepsNumbersAsTheyAre) {
  const AccessMembers all = members();
  http::VectorHeaderMap request;
  const auto written = [&](double value) {
    AccessLine line(all);
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
  http::VectorHeaderMap request;
  AccessLine line(all);
  line.text("model", "a");
  line.text("model", "b");
  EXPECT_EQ(line.take(request), "");
}

TEST(AccessLine, HasWhatTheClientSentRatherThanWhatBecameOfIt) {
  const AccessMembers all = members();
  http::VectorHeaderMap request({{":path", "/v1/chat/completions"}});
  AccessLine line(all);
  line.on_request(request, 0);
  request.set(":path", "/elsewhere");
  request.set("user-agent", "late");
  line.number("llm_total_token", 7);
  EXPECT_EQ(line.take(request),
            ",\"path\":\"/v1/chat/completions\",\"tokens\":7,\"m\\\"\":null,\"agent\":\"late\"");
}

TEST(AccessLine, SaysWhenTheRequestBegan) {
  AccessMembers all;
  EXPECT_TRUE(all.add("began", "time"));
  http::VectorHeaderMap request;
  AccessLine line(all);
  line.on_request(request, 1'709'210'096'007);
  EXPECT_EQ(line.take(request), ",\"began\":\"2024-02-29T12:34:56.007Z\"");
}

TEST(AccessLine, HandsOnWhatItTakes) {
  struct Seen final : MetadataSink {
    void number(Bytes key, double value) override { all += std::string(key) + '=' + std::to_string(value) + ' '; }
    void text(Bytes key, Bytes value) override { all += std::string(key) + '=' + std::string(value) + ' '; }
    std::string all;
  } seen;
  const AccessMembers all = members();
  http::VectorHeaderMap request;
  AccessLine line(all);
  AccessLineSink sink(line, seen);
  sink.number("llm_total_token", 7);
  sink.text(AccessLine::kLast, "b");
  sink.text("route", "r");
  EXPECT_EQ(seen.all, "llm_total_token=7.000000 route=r ");
  sink.release();
  EXPECT_EQ(seen.all, "llm_total_token=7.000000 route=r backend_name=b ");
  EXPECT_EQ(line.take(request), ",\"tokens\":7,\"m\\\"\":null,\"agent\":null,\"path\":null");
}

TEST(AccessLine, TakesAsManyMembersAsTheLimitAndFindsEach) {
  AccessMembers all;
  const auto key = [](size_t i) { return "key_" + std::to_string(i); };
  for (size_t i = 0; i < limits::access_members_max; ++i) EXPECT_TRUE(all.add("x", "metadata:" + key(i)));
  EXPECT_FALSE(all.add("x", "path"));
  for (size_t i = 0; i < limits::access_members_max; ++i) EXPECT_EQ(all.from_metadata(key(i)), i);
  EXPECT_EQ(all.from_metadata(""), std::nullopt);
  EXPECT_EQ(all.from_metadata("key_64"), std::nullopt);
}

TEST(AccessLine, KnowsItsSources) {
  AccessMembers all;
  for (const char* wrong : {"", "header:", "metadata", "path:x", "time:x", "cookie:a"}) {
    EXPECT_FALSE(all.add("x", wrong)) << wrong;
  }
  EXPECT_TRUE(all.empty());
}

}  // namespace
}  // namespace aigw::exchange
