#include "config/merge_rules.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace aigw::config {
namespace {

TEST(MergeRules, TheRouteGoesBeforeTheBackend) {
  const HeaderMutation backend{{{"X-A", "b"}, {"x-b", "b"}, {"x-c", "b"}}, {"x-d", "x-e"}};
  const HeaderMutation route{{{"x-a", "r"}, {"x-d", "r"}}, {"X-C", "x-f"}};
  const HeaderMutation merged = merge(route, backend);
  EXPECT_EQ(merged.set, (std::vector<HeaderSet>{{"x-b", "b"}, {"x-a", "r"}, {"x-d", "r"}}));
  EXPECT_EQ(merged.remove, (std::vector<std::string>{"x-e", "X-C", "x-f"}));
  EXPECT_EQ(merge(HeaderMutation{}, backend), backend);
  EXPECT_EQ(merge(route, HeaderMutation{}), route);
}

TEST(MergeRules, BodiesByPath) {
  const BodyMutation merged = merge(BodyMutation{{{"a", "1"}}, {"b"}}, {{{"a", "2"}, {"b", "2"}, {"c", "2"}}, {"a"}});
  EXPECT_EQ(merged.set, (std::vector<BodySet>{{"c", "2"}, {"a", "1"}}));
  EXPECT_EQ(merged.remove, (std::vector<std::string>{"b"}));
}

TEST(MergeRules, ARouteWithRulesHasABackendOfItsOwn) {
  const Loaded loaded = load_text(R"(
backends:
- name: a
  schema: {name: OpenAI}
  httpHeaderMutation: {set: [{name: x-a, value: b}, {name: x-b, value: b}]}
upstreams: [{backend: a, url: "https://a.example"}]
routes:
- name: r
  models: [m*]
  backends: [{name: a, httpHeaderMutation: {set: [{name: x-a, value: r}]}, httpBodyMutation: {remove: [user]}}]
- {models: ["*"], backends: [a]}
)",
                                  "c.yaml", {.gateway_keys = true});
  for (const Diagnostic& diagnostic : loaded.diagnostics) ADD_FAILURE() << to_string(diagnostic);
  const GatewayDocument& document = loaded.document;
  ASSERT_EQ(document.filter.backends.size(), 2u);
  EXPECT_EQ(document.routes[0].backends[0].name, "a/route/r");
  EXPECT_EQ(document.routes[1].backends[0].name, "a");
  const BackendSpec& own = document.filter.backends[1];
  EXPECT_EQ(own.name, "a/route/r");
  EXPECT_EQ(own.header_mutation.set, (std::vector<HeaderSet>{{"x-b", "b"}, {"x-a", "r"}}));
  EXPECT_EQ(own.body_mutation.remove, (std::vector<std::string>{"user"}));
  EXPECT_EQ(document.filter.backends[0].header_mutation.set.size(), 2u);
  ASSERT_NE(document.find_upstream("a/route/r"), nullptr);
  EXPECT_EQ(document.find_upstream("a/route/r")->host, "a.example");
}

}  // namespace
}  // namespace aigw::config
