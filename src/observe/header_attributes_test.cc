#include "observe/header_attributes.h"

#include <gtest/gtest.h>

namespace aigw::observe {
namespace {

const HeaderAttribute* find(const HeaderAttributes& all, Bytes header, Bytes name) {
  for (const HeaderAttribute& one : all) {
    if (one.header == header && one.name == name) return &one;
  }
  return nullptr;
}

TEST(HeaderAttributes, SpansAndLogsHaveASessionWhereNothingIsSaid) {
  const HeaderAttributes all = parse_header_attributes({}).value();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].header, "agent-session-id");
  EXPECT_EQ(all[0].name, "session.id");
  EXPECT_TRUE(all[0].in_spans);
  EXPECT_TRUE(all[0].in_logs);
  EXPECT_FALSE(all[0].in_metrics);
}

TEST(HeaderAttributes, AnEmptyMapTurnsTheSessionOff) {
  const std::string none;
  HeaderAttributeMaps maps;
  maps.spans = maps.logs = &none;
  EXPECT_TRUE(parse_header_attributes(maps).value().empty());
}

TEST(HeaderAttributes, TheBaseIsForAllAndItsOwnMapSaysMore) {
  const std::string base = "X-Team:team.name", metrics = " x-team : team ,x-user:user.id", none;
  HeaderAttributeMaps maps;
  maps.base = &base;
  maps.metrics = &metrics;
  maps.spans = maps.logs = &none;
  const HeaderAttributes all = parse_header_attributes(maps).value();
  const HeaderAttribute* spans = find(all, "x-team", "team.name");
  ASSERT_NE(spans, nullptr);
  EXPECT_TRUE(spans->in_spans && spans->in_logs);
  EXPECT_FALSE(spans->in_metrics) << "the metrics have another name for it";
  ASSERT_NE(find(all, "x-team", "team"), nullptr);
  EXPECT_TRUE(find(all, "x-team", "team")->in_metrics);
  ASSERT_NE(find(all, "x-user", "user.id"), nullptr);
  EXPECT_FALSE(find(all, "x-user", "user.id")->in_logs);
}

TEST(HeaderAttributes, APieceThatIsNoPairIsNamed) {
  for (const std::string text : {"x-team", "x-team:", ":team", "a:b,,c:d"}) {
    HeaderAttributeMaps maps;
    maps.base = &text;
    const Result<HeaderAttributes> parsed = parse_header_attributes(maps);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find("header:attribute"), std::string::npos);
  }
}

}  // namespace
}  // namespace aigw::observe
