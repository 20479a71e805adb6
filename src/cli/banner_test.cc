#include "cli/banner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aigw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

config::GatewayDocument document() {
  config::GatewayDocument made;
  made.filter.backends.resize(2);
  made.filter.backends[0].name = "a";
  made.filter.backends[1].name = "b";
  config::Upstream a;
  a.backend = "a";
  a.tls = true;
  a.host = "api.example.com";
  a.port = 443;
  config::Upstream b;
  b.backend = "b";
  b.host = "::1";
  b.port = 8080;
  made.upstreams = {a, b};
  made.routes = {{"r", {"m-1", "m-2*"}, {{"a", 0, 1}, {"b", 1, 1}}, 1, std::chrono::seconds(1)},
                 {"rest", {"*"}, {{"b", 0, 1}}, 1, std::chrono::seconds(1)}};
  return made;
}

TEST(Banner, SaysWhatGoesWhere) {
  const std::string text = banner(document(), {"0.0.0.0", 1975}, 9901);
  EXPECT_THAT(
      text,
      HasSubstr("aigw listens on http://127.0.0.1:1975 (Envoy's admin: http://127.0.0.1:9901)\n"));
  EXPECT_THAT(
      text, HasSubstr("  m-1, m-2* -> a (https://api.example.com), else b (http://[::1]:8080)\n"));
  EXPECT_THAT(text, HasSubstr("  any other model -> b (http://[::1]:8080)\n"));
  EXPECT_THAT(text, HasSubstr(R"('{"model": "m-1", )"));
  EXPECT_THAT(text, HasSubstr(R"(base_url="http://127.0.0.1:1975/v1")"));
}

TEST(Banner, SaysWhereToLook) {
  EXPECT_THAT(banner(document(), {"127.0.0.1", 1}, 2, "127.0.0.1:1064"),
              HasSubstr("  status: http://127.0.0.1:1064/, metrics: http://127.0.0.1:1064/metrics\n"));
  EXPECT_THAT(banner(document(), {"127.0.0.1", 1}, 2), Not(HasSubstr("status:")));
}

TEST(Banner, ShortensALongListOfModels) {
  config::GatewayDocument made = document();
  made.routes[0].models = {"a*", "b*", "c*", "d*", "e*", "f*", "g*", "h*"};
  EXPECT_THAT(banner(made, {"127.0.0.1", 1}, 2),
              HasSubstr("  a*, b*, c*, d*, e*, f* and 2 more prefixes -> a"));
  made.routes.erase(made.routes.begin());
  EXPECT_THAT(banner(made, {"127.0.0.1", 1}, 2), HasSubstr("  any model -> b"));
}

TEST(Banner, WarnsOfAListenerThatOthersReach) {
  config::GatewayDocument made = document();
  EXPECT_EQ(exposure_warning(made, {"127.0.0.1", 1}), "");
  EXPECT_EQ(exposure_warning(made, {"::1", 1}), "");
  EXPECT_THAT(exposure_warning(made, {"0.0.0.0", 1}), Not(HasSubstr("provider keys")));
  made.filter.backends[0].auth.emplace();
  EXPECT_THAT(exposure_warning(made, {"::", 1}), HasSubstr("spends the provider keys"));
  made.clients.emplace();
  EXPECT_EQ(exposure_warning(made, {"::", 1}), "");
}

}  // namespace
}  // namespace aigw::cli
