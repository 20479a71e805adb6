#include "config/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/limits.h"
#include "config/load.h"

namespace aigw::config {
namespace {

using testing::HasSubstr;

using namespace std::chrono_literals;

constexpr Bytes kBackends = R"(backends:
- {name: a, schema: {name: OpenAI}}
- {name: b, schema: {name: OpenAI}}
)";

constexpr Bytes kUpstreams = R"(upstreams:
- {backend: a, url: "https://api.openai.com"}
- {backend: b, url: "http://[::1]:8080/"}
)";

Loaded load(const std::string& rest) {
  return load_text(std::string(kBackends) + rest, "g.yaml", {.gateway_keys = true});
}

std::string diagnosed(const std::string& rest) {
  std::string out;
  for (const Diagnostic& diagnostic : load(rest).diagnostics) out += to_string(diagnostic) + "\n";
  return out;
}

std::string with_upstreams(const std::string& rest) {
  return diagnosed(std::string(kUpstreams) + rest);
}

TEST(Gateway, FillsInEveryDefault) {
  const Loaded loaded = load(std::string(kUpstreams));
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded.diagnostics.empty());
  const GatewayDocument& gateway = loaded.document;
  EXPECT_EQ(gateway.listen, (Listen{"127.0.0.1", 1975}));
  EXPECT_EQ(gateway.upstreams,
            (std::vector<Upstream>{
                {"a", true, "api.openai.com", false, 443, "", "api.openai.com", {}, 10s},
                {"b", false, "::1", true, 8080, "", "", {}, 10s}}));
  EXPECT_EQ(gateway.routes,
            (std::vector<Route>{{"route-0", {"*"}, {{"a", 0, 1}, {"b", 1, 1}}, 1, 300s}}));
  EXPECT_EQ(gateway.find_upstream("b"), &gateway.upstreams[1]);
  EXPECT_EQ(gateway.find_upstream("c"), nullptr);
}

TEST(Gateway, ReadsEverything) {
  const Loaded loaded = load(R"(listen: "[::1]:80"
upstreams:
- backend: a
  url: HTTPS://API.example.com:8443
  ca: /ca.pem
  serverName: inner.example.com
  http2: true
  connectTimeout: 500ms
- {backend: b, url: "http://127.0.0.1", http2: false}
routes:
- name: chat
  models: ["gpt-4o*", o3]
  backends: [{name: b, priority: 1, weight: 3}, {name: a}]
  retries: 0
  idleTimeout: 2m
- models: ["*"]
  backends: [b, a]
)");
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded.diagnostics.empty());
  const GatewayDocument& gateway = loaded.document;
  EXPECT_EQ(gateway.listen, (Listen{"::1", 80}));
  EXPECT_EQ(gateway.upstreams,
            (std::vector<Upstream>{{"a", true, "api.example.com", false, 8443, "/ca.pem",
                                    "inner.example.com", true, 500ms},
                                   {"b", false, "127.0.0.1", true, 80, "", "", false, 10s}}));
  EXPECT_EQ(gateway.routes,
            (std::vector<Route>{{"chat", {"gpt-4o*", "o3"}, {{"a", 0, 1}, {"b", 1, 3}}, 0, 120s},
                                {"route-1", {"*"}, {{"b", 0, 1}, {"a", 1, 1}}, 1, 300s}}));
}

TEST(Gateway, WeightsWithoutPrioritiesShareOnePriority) {
  const Loaded loaded = load(std::string(kUpstreams) +
                             "routes: [{models: ['*'], backends: [{name: a, weight: 9}, b]}]");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.document.routes.at(0).backends,
            (std::vector<RouteBackend>{{"a", 0, 9}, {"b", 0, 1}}));
}

TEST(Gateway, RetriesFollowTheNumberOfBackends) {
  std::string text = "backends:\n";
  std::string upstreams = "upstreams:\n";
  std::string names;
  for (int i = 0; i < 14; ++i) {
    const std::string name = "b" + std::to_string(i);
    text += "- {name: " + name + ", schema: {name: OpenAI}}\n";
    upstreams += "- {backend: " + name + ", url: http://h}\n";
    names += (i == 0 ? "" : ", ") + name;
    const Loaded loaded = load_text(text + upstreams, "g.yaml", {.gateway_keys = true});
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.document.routes.at(0).retries, static_cast<uint32_t>(std::clamp(i, 1, 10)));
  }
}

TEST(Gateway, Listen) {
  const std::string expected =
      ": error: listen: expected an IP address and a port, as in 127.0.0.1:1975 or [::1]:1975; ";
  EXPECT_EQ(with_upstreams("listen: :80\n"), "g.yaml:7:9" + expected + "got \":80\"\n");
  EXPECT_EQ(with_upstreams("listen: 127.0.0.1\n"), "g.yaml:7:9" + expected + "got \"127.0.0.1\"\n");
  EXPECT_EQ(with_upstreams("listen: a.com:80\n"), "g.yaml:7:9" + expected + "got \"a.com:80\"\n");
  EXPECT_EQ(with_upstreams("listen: 127.0.0.1:65536\n"),
            "g.yaml:7:9" + expected + "got \"127.0.0.1:65536\"\n");
  EXPECT_EQ(load(std::string(kUpstreams) + "listen: localhost:80\n").document.listen,
            (Listen{"127.0.0.1", 80}));
}

TEST(Gateway, TheCarrierOfTheCore) {
  EXPECT_EQ(load("").document.dataplane, default_dataplane);
  EXPECT_EQ(load("dataplane: module").document.dataplane, Dataplane::module);
  EXPECT_EQ(load("dataplane: extproc").document.dataplane, Dataplane::extproc);
  EXPECT_NE(diagnosed("dataplane: wasm").find("dataplane"), std::string::npos);
}

TEST(Gateway, Upstreams) {
  EXPECT_EQ(diagnosed(R"(upstreams:
- {backend: a, url: ftp://h}
- {backend: a, url: "https://h/v1"}
- {backend: c, url: "http://h:0"}
- {url: "http://user:pw@h", ca: ''}
- {backend: b, url: "http://h?x", ca: /x}
- {backend: b, url: "http://h", ca: /x, serverName: h, http2: 1, connectTimeout: 0s}
- {backend: b, url: "https://h", serverName: "a b", connectTimeout: 2h}
)"),
            "g.yaml:5:21: error: upstreams[0].url: expected http:// or https:// and a host\n"
            "g.yaml:6:13: error: upstreams[1].backend: the upstream of \"a\" is already on line 5\n"
            "g.yaml:6:21: error: upstreams[1].url: a path has no place here; put it in the "
            "backend's schema.prefix\n"
            "g.yaml:7:13: error: upstreams[2].backend: there is no backend \"c\"\n"
            "g.yaml:7:21: error: upstreams[2].url: expected a host and maybe a port (1 to 65535) "
            "after the scheme\n"
            "g.yaml:8:3: error: upstreams[3].backend: missing\n"
            "g.yaml:8:9: error: upstreams[3].url: a user or password has no place here; use the "
            "backend's auth\n"
            "g.yaml:9:21: error: upstreams[4].url: a query or fragment has no place here\n"
            "g.yaml:10:13: error: upstreams[5].backend: the upstream of \"b\" is already on line "
            "9\n"
            "g.yaml:10:37: error: upstreams[5].ca: only for an https url\n"
            "g.yaml:10:53: error: upstreams[5].serverName: only for an https url\n"
            "g.yaml:10:63: error: upstreams[5].http2: expected a boolean, got a number\n"
            "g.yaml:10:82: error: upstreams[5].connectTimeout: expected a duration above 0 and up "
            "to 1h, as in 500ms, 10s, 5m or 1h; got \"0s\"\n"
            "g.yaml:11:13: error: upstreams[6].backend: the upstream of \"b\" is already on line "
            "9\n"
            "g.yaml:11:46: error: upstreams[6].serverName: not the name of a host: \"a b\"\n"
            "g.yaml:11:69: error: upstreams[6].connectTimeout: expected a duration above 0 and up "
            "to 1h, as in 500ms, 10s, 5m or 1h; got \"2h\"\n");
}

TEST(Gateway, NumbersAndTimesHaveTheirLimits) {
  const auto upstream = [](const std::string& more) {
    return diagnosed("upstreams: [{backend: a, url: http://h, " + more + "}, {backend: b, url: http://h}]\n");
  };
  const auto route = [](const std::string& backend, const std::string& more = "") {
    return with_upstreams("routes: [{models: ['*'], backends: [{name: a, " + backend + "}, b]" + more + "}]\n");
  };
  const auto in_ms = [](int64_t milliseconds) { return std::to_string(milliseconds) + "ms"; };
  EXPECT_EQ(upstream("connectTimeout: " + in_ms(limits::connect_timeout_ms_max)), "");
  EXPECT_THAT(upstream("connectTimeout: " + in_ms(limits::connect_timeout_ms_max + 1)), HasSubstr("up to 1h"));
  const std::string first = "weight: 1", timeout = ", idleTimeout: ", retries = ", retries: ";
  EXPECT_EQ(route(first, timeout + in_ms(limits::idle_timeout_ms_max)), "");
  EXPECT_THAT(route(first, timeout + in_ms(limits::idle_timeout_ms_max + 1)), HasSubstr("up to 24h"));
  EXPECT_EQ(route(first, retries + std::to_string(limits::retries_max)), "");
  EXPECT_THAT(route(first, retries + std::to_string(limits::retries_max + 1)), HasSubstr("from 0 to 10, got 11"));
  EXPECT_EQ(route("weight: " + std::to_string(limits::backend_weight_max)), "");
  EXPECT_THAT(route("weight: " + std::to_string(limits::backend_weight_max + 1)), HasSubstr("from 1 to 1000000, got"));
}

// Priorities have no gap, so the last one needs as many backends before it.
TEST(Gateway, ThereAreAsManyPrioritiesAsEnvoyHas) {
  const auto with = [](uint64_t last) {
    std::string backends = "backends:\n", upstreams = "upstreams:\n", route = "routes:\n- models: ['*']\n  backends:\n";
    for (uint64_t i = 0; i <= last; ++i) {
      const std::string name = "b" + std::to_string(i);
      backends += "- {name: " + name + ", schema: {name: OpenAI}}\n";
      upstreams += "- {backend: " + name + ", url: http://h}\n";
      route += "  - {name: " + name + ", priority: " + std::to_string(i) + "}\n";
    }
    return load_text(backends + upstreams + route, "g.yaml", {.gateway_keys = true});
  };
  EXPECT_TRUE(with(limits::backend_priority_max).ok());
  const Loaded more = with(limits::backend_priority_max + 1);
  ASSERT_FALSE(more.ok());
  EXPECT_THAT(to_string(more.diagnostics.at(0)), HasSubstr("priority: expected a whole number from 0 to 127, got 128"));
}

TEST(Gateway, EveryBackendInUseNeedsAnUpstream) {
  EXPECT_EQ(diagnosed("upstreams: [{backend: a, url: http://h}]\n"),
            "g.yaml:2:1: error: backends: the backend \"b\" has no entry in upstreams\n");
  EXPECT_EQ(diagnosed("upstreams: [{backend: a, url: http://h}]\n"
                      "routes: [{models: [x], backends: [b]}, {models: [y], backends: [b, a]}]\n"),
            "g.yaml:5:35: error: routes[0].backends[0]: the backend \"b\" has no entry in "
            "upstreams\n");
  EXPECT_EQ(diagnosed("upstreams: [{backend: a, url: http://h}]\n"
                      "routes: [{models: [x], backends: [a]}]\n"),
            "g.yaml:3:3: warning: backends[1]: no route uses this backend\n");
  const Loaded none = load_text("listen: 127.0.0.1:80\n", "g.yaml", {.gateway_keys = true});
  ASSERT_EQ(none.diagnostics.size(), 1u);
  EXPECT_EQ(to_string(none.diagnostics[0]), "g.yaml:1:1: error: backends: missing");
}

TEST(Gateway, Routes) {
  EXPECT_EQ(with_upstreams("routes: []\n"),
            "g.yaml:2:3: warning: backends[0]: no route uses this backend\n"
            "g.yaml:3:3: warning: backends[1]: no route uses this backend\n"
            "g.yaml:7:9: error: routes: may not be empty; leave it out to send all models to all "
            "backends\n");
  EXPECT_EQ(with_upstreams(R"(routes:
- {}
- name: x
  models: ["a*b", "", "gpt-*"]
  backends: [a, c, a]
  retries: 11
- name: x
  models: ["gpt-4", "*"]
  backends: [{name: a, priority: 2}, {name: b, weight: 0}, {}]
  idleTimeout: 5
- models: [o3]
  backends: [b]
  retry: 1
)"),
            "g.yaml:8:3: error: routes[0].models: at least one is needed; \"*\" is any\n"
            "g.yaml:8:3: error: routes[0].backends: at least one is needed\n"
            "g.yaml:10:12: error: routes[1].models[0]: a * may only stand at the end; got "
            "\"a*b\"\n"
            "g.yaml:10:19: error: routes[1].models[1]: expected 1 to 256 bytes\n"
            "g.yaml:11:17: error: routes[1].backends[1]: there is no backend \"c\"\n"
            "g.yaml:11:20: error: routes[1].backends[2]: the backend \"a\" is already in this "
            "route\n"
            "g.yaml:12:12: error: routes[1].retries: expected a whole number from 0 to 10, got "
            "11\n"
            "g.yaml:13:9: error: routes[2].name: the route \"x\" is already on line 9\n"
            "g.yaml:14:12: warning: routes[2].models[0]: never matches: routes[1] takes "
            "\"gpt-*\"\n"
            "g.yaml:15:13: error: routes[2].backends: priorities may have no gap: there is 2 but "
            "no 1\n"
            "g.yaml:15:56: error: routes[2].backends[1].weight: expected a whole number from 1 to "
            "1000000, got 0\n"
            "g.yaml:15:60: error: routes[2].backends[2].name: missing\n"
            "g.yaml:16:16: error: routes[2].idleTimeout: expected a string, got a number (put it "
            "in quotes)\n"
            "g.yaml:17:12: warning: routes[3].models[0]: never matches: routes[2] takes \"*\"\n"
            "g.yaml:19:3: warning: routes[3].retry: unknown key, ignored\n");
}

TEST(Clients, KeysBringTheirRules) {
  const Loaded loaded = load(std::string(kUpstreams) + R"(clients:
  apiKeys:
  - {name: alice, keyFile: /a.key, models: [m, "n*"], metadata: {team: red}}
  - {name: bob, keyEnv: BOB}
)");
  for (const Diagnostic& diagnostic : loaded.diagnostics) ADD_FAILURE() << to_string(diagnostic);
  const Clients& clients = loaded.document.clients.value();
  EXPECT_EQ(clients.keys, (std::vector<ClientKey>{{"alice", SecretSpec::of_file("/a.key")},
                                                  {"bob", SecretSpec::of_env("BOB")}}));
  EXPECT_EQ(loaded.document.filter.client_rules,
            (std::vector<ClientRule>{{"alice", {"m", "n*"}, {{"team", "red"}}}, {"bob", {"*"}, {}}}));
}

TEST(Clients, ANameHasItsLimit) {
  const auto named = [](size_t size) {
    return with_upstreams("clients: {apiKeys: [{name: " + std::string(size, 'n') + ", keyFile: /k}]}\n");
  };
  EXPECT_EQ(named(limits::client_name_max), "");
  EXPECT_THAT(named(limits::client_name_max + 1), HasSubstr("expected up to 256 characters"));
}

TEST(Clients, TokensOfAnIssuerMayDoEverythingUnlessRulesSayOtherwise) {
  const std::string jwt = "  jwt: {issuer: \"https://i\", audiences: [a], jwksFile: /j}\n";
  const Loaded open = load(std::string(kUpstreams) + "clients:\n" + jwt);
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(open.document.clients->jwt, (ClientJwt{"https://i", {"a"}, "/j", "sub"}));
  EXPECT_EQ(open.document.filter.client_rules, (std::vector<ClientRule>{{"*", {"*"}, {}}}));
  const Loaded ruled = load(std::string(kUpstreams) + "clients:\n" + jwt + "  rules: [{client: c, models: [m]}]\n");
  ASSERT_TRUE(ruled.ok());
  EXPECT_EQ(ruled.document.filter.client_rules, (std::vector<ClientRule>{{"c", {"m"}, {}}}));
}

TEST(Clients, EveryProblemIsNamed) {
  EXPECT_THAT(with_upstreams("clients: {apiKeys: [{name: a, sdsSecret: s}]}\n"),
              HasSubstr("clients.sdsFile: is needed where a key is an sdsSecret"));
  EXPECT_THAT(with_upstreams("clients: {sdsFile: /f, apiKeys: [{name: a, keyFile: /k}]}\n"),
              HasSubstr("clients.sdsFile: has no use where no key is an sdsSecret"));
  EXPECT_EQ(with_upstreams("clients: {sdsFile: /f, apiKeys: [{name: a, sdsSecret: s}]}\n"), "");
  EXPECT_EQ(with_upstreams("clients: {}\n"),
            "g.yaml:7:10: error: clients: one of apiKeys and jwt is needed, and only one\n");
  EXPECT_EQ(with_upstreams("clientRules: [{client: a, models: []}]\n"),
            "g.yaml:7:14: warning: clientRules: there are no clients: nobody says who a client is, so all are "
            "refused\n");
  EXPECT_EQ(with_upstreams(R"(clients:
  apiKeys:
  - {name: a, key: k1, models: ["m*n", ""]}
  - {name: a, key: k2}
  - {name: "b c", key: k3}
  - {name: d}
)"),
            "g.yaml:9:33: error: clients.apiKeys[0].models[0]: a * may only stand at the end; got \"m*n\"\n"
            "g.yaml:9:40: error: clients.apiKeys[0].models[1]: expected 1 to 256 bytes\n"
            "g.yaml:10:12: error: clients.apiKeys[1].name: the client \"a\" is already on line 9\n"
            "g.yaml:11:12: error: clients.apiKeys[2].name: expected up to 256 characters without blanks\n"
            "g.yaml:12:5: error: clients.apiKeys[3]: one of key, keyFile or keyEnv is needed\n");
}

}  // namespace
}  // namespace aigw::config
