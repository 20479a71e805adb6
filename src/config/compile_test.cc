#include "config/compile.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "base/limits.h"
#include "config/load.h"

namespace aigw::config {
namespace {

class CompileTest : public testing::Test {
 protected:
  std::shared_ptr<const Config> compiled(Bytes yaml) {
    const Loaded loaded = load_text(yaml, "c.yaml", {});
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      EXPECT_EQ(diagnostic.severity, Diagnostic::Severity::warning) << to_string(diagnostic);
    }
    auto config = compile(loaded.document.filter, store_);
    EXPECT_TRUE(config.has_value()) << (config ? "" : config.error().message);
    return config ? *config : nullptr;
  }
  static std::string text_of(const Backend& backend) {
    credential::Cell::Buffer buffer;
    return std::string(backend.credential->read_into(buffer));
  }
  static std::string ids(std::span<const Model> models) {
    std::string out;
    for (const Model& model : models) out += (out.empty() ? "" : " ") + model.id;
    return out;
  }

  credential::Store store_;
};

TEST_F(CompileTest, Backends) {
  const auto config = compiled(R"(version: v1
uuid: u
backends:
- name: ns/a/route/r/rule/0/ref/0
  modelNameOverride: m
  schema: {name: OpenAI, prefix: /api/v1/}
  auth: {apiKey: {key: " sk-1 "}}
  httpHeaderMutation:
    set: [{name: X-Org, value: o}, {name: ":path", value: x}, {name: x-ai-eg-model, value: x}]
    remove: [X-Gone, X-Envoy-Original-Path]
- {name: ns/b, schema: {name: OpenAI}}
- {name: c, schema: {name: Anthropic}}
- {name: d, schema: {name: Cohere, version: v2}}
- {name: e, schema: {name: OpenAI, prefix: /}}
- name: f
  schema: {name: GCPVertexAI}
  auth: {gcp: {region: r, projectName: p, accessToken: " t"}}
- name: g
  schema: {name: AWSBedrock}
  auth: {aws: {region: r}}
)");
  EXPECT_EQ(config->version(), "v1");
  EXPECT_EQ(config->uuid(), "u");
  EXPECT_EQ(config->backend_count(), 7u);
  EXPECT_EQ(config->find_backend("ns/a"), nullptr);
  const Backend& a = *config->find_backend("ns/a/route/r/rule/0/ref/0");
  EXPECT_EQ(a.name, "ns/a/route/r/rule/0/ref/0");
  EXPECT_EQ(a.short_name, "ns/a");
  EXPECT_EQ(a.model_override, "m");
  EXPECT_EQ(a.prefix, "api/v1");
  EXPECT_EQ(a.auth, AuthKind::api_key);
  EXPECT_EQ(text_of(a), "sk-1");
  ASSERT_EQ(a.set_headers.size(), 1u);
  EXPECT_EQ(a.set_headers[0].name, "x-org");
  EXPECT_EQ(a.set_headers[0].value, "o");
  EXPECT_EQ(a.remove_headers, std::vector<std::string>{"x-gone"});
  const Backend& b = *config->find_backend("ns/b");
  EXPECT_EQ(b.short_name, "ns/b");
  const auto short_name = [&](const std::string& name) {
    return compiled("backends: [{name: " + name + ", schema: {name: OpenAI}}]")->find_backend(name)->short_name;
  };
  EXPECT_EQ(short_name("b/route/r"), "b");
  EXPECT_EQ(short_name("n/route/r/x"), "n/route");
  EXPECT_EQ(b.prefix, "v1");
  EXPECT_EQ(b.auth, AuthKind::none);
  EXPECT_EQ(b.credential, nullptr);
  EXPECT_EQ(config->find_backend("c")->prefix, "v1");
  EXPECT_EQ(config->find_backend("d")->prefix, "");
  EXPECT_EQ(config->find_backend("d")->version, "v2");
  EXPECT_EQ(config->find_backend("e")->prefix, "");
  const Backend& f = *config->find_backend("f");
  EXPECT_EQ(text_of(f), " t");
  EXPECT_EQ(f.region + " " + f.project, "r p");
  EXPECT_EQ(text_of(*config->find_backend("g")), "");
}

TEST_F(CompileTest, CostsOfRoutesComeFirst) {
  const auto config = compiled(R"(globalLLMRequestCosts: [{metadataKey: g, type: TotalToken}]
llmRequestCosts: [{metadataKey: r, type: InputToken, routeName: ns/r, backend: ns/b, model: m}]
)");
  ASSERT_EQ(config->costs().size(), 2u);
  EXPECT_TRUE(config->any_cost());
  EXPECT_EQ(config->costs()[0].metadata_key, "r");
  EXPECT_EQ(config->costs()[0].type, CostType::input_token);
  EXPECT_EQ(config->costs()[0].route_name, "ns/r");
  EXPECT_EQ(config->costs()[0].backend, "ns/b");
  EXPECT_EQ(config->costs()[0].model, "m");
  EXPECT_EQ(config->costs()[1].metadata_key, "g");
  EXPECT_EQ(config->costs()[1].route_name, "");
  EXPECT_FALSE(compiled("uuid: u")->any_cost());
}

TEST_F(CompileTest, CostsOfOneRouteStandTogether) {
  const auto config = compiled(R"(llmRequestCosts:
- {metadataKey: a1, type: InputToken, routeName: ns/a}
- {metadataKey: b1, type: InputToken, routeName: ns/b}
- {metadataKey: a2, type: CEL, cel: "1u", routeName: ns/a}
)");
  const std::span<const Cost> costs = config->costs_of_route("ns/a");
  ASSERT_EQ(costs.size(), 2u);
  EXPECT_EQ(costs[0].metadata_key, "a1");
  EXPECT_EQ(costs[1].metadata_key, "a2");
  EXPECT_TRUE(costs[1].expression);
  EXPECT_EQ(config->costs_of_route("ns/b").size(), 1u);
  EXPECT_TRUE(config->costs_of_route("ns/c").empty());
  EXPECT_TRUE(config->global_costs().empty());
}

TEST_F(CompileTest, PricesOfAFile) {
  const std::string path = testing::TempDir() + "/aigw-compile-test-prices.yaml" + std::to_string(getpid());
  std::ofstream(path) << R"(currency: EUR
models:
- model: m
  input: 2
  output: 8
  tiers:
  - {above: 100, output: 16}
)";
  const auto config = compiled("prices: {file: " + path + ", metadataKey: k}");
  EXPECT_TRUE(config->any_cost());
  EXPECT_EQ(config->prices_key(), "k");
  EXPECT_EQ(config->prices_file(), path);
  EXPECT_EQ(config->prices()->currency(), "EUR");
  const policy::price::Entry* entry = config->prices()->find("m", "", 0);
  ASSERT_NE(entry, nullptr);
  using policy::price::Table;
  // What is left out: cached input as input, reasoning as output, a tier's input as that below it.
  EXPECT_EQ(Table::cost(*entry, {.input = 10, .output = 10, .cached_input = 5, .reasoning = 5}), 100u);
  EXPECT_EQ(Table::cost(*entry, {.input = 101, .output = 10}), 362u);
  std::ofstream(path) << "models: [{model: m, inptu: 1}]";
  const auto problem = [&] {
    const Loaded loaded = load_text("prices: {file: " + path + "}", "c.yaml", {});
    EXPECT_TRUE(loaded.ok());
    const auto refused = compile(loaded.document.filter, store_);
    return refused ? std::string() : refused.error().message;
  };
  EXPECT_EQ(problem(), path + ":1:10: error: models[0]: a model without a price");
  std::remove(path.c_str());
  EXPECT_EQ(problem(), "the price file " + path + ": cannot be read: No such file or directory");
}

TEST_F(CompileTest, ClientsHaveTheirModels) {
  const auto config = compiled(R"(clientRules:
- {client: alice, models: [m, "n*"]}
- {client: "*", models: []}
)");
  EXPECT_TRUE(config->knows_clients());
  const Client& alice = *config->find_client("alice");
  EXPECT_TRUE(alice.may_use("m"));
  EXPECT_TRUE(alice.may_use("n-1"));
  EXPECT_FALSE(alice.may_use("m-1"));
  ASSERT_NE(config->find_client("carol"), nullptr);
  EXPECT_FALSE(config->find_client("carol")->may_use("m"));
  EXPECT_EQ(config->find_client(""), nullptr);
  EXPECT_EQ(compiled("clientRules: [{client: a, models: [\"*\"]}]")->find_client("b"), nullptr);
  EXPECT_FALSE(compiled("uuid: u")->knows_clients());
}

TEST_F(CompileTest, ModelsByHost) {
  const auto config = compiled(R"(models: [{Name: all}]
modelsByHost:
  A.example.com: [{Name: a}]
  "*.Example.com": [{Name: wild}]
  "*.b.example.com": [{Name: b}]
  "[::1]": [{Name: six}]
unscopedModels: [{Name: rest}]
)");
  const auto of = [&](Bytes authority) { return ids(config->models_for_host(authority)); };
  EXPECT_EQ(of("a.example.com"), "a");
  EXPECT_EQ(of("A.EXAMPLE.com:8080"), "a");
  EXPECT_EQ(of("c.example.com"), "wild");
  EXPECT_EQ(of("x.b.example.com"), "b");
  EXPECT_EQ(of("x.y.example.com"), "rest");
  EXPECT_EQ(of("example.com"), "rest");
  EXPECT_EQ(of(".example.com"), "rest");
  EXPECT_EQ(of("other"), "rest");
  EXPECT_EQ(of("[::1]:80"), "six");
  EXPECT_EQ(of("::1"), "six");
  const std::string longest = std::string(limits::dns_name_max - 12, 'a') + ".example.com";
  EXPECT_EQ(of(longest), "wild");
  EXPECT_EQ(of("a" + longest), "rest");
  EXPECT_EQ(of(""), "all");
  EXPECT_EQ(ids(compiled("models: [{Name: all}]")->models_for_host("a")), "all");
  EXPECT_EQ(ids(compiled("modelsByHost: {a: []}")->models_for_host("b")), "");
}

TEST_F(CompileTest, AllCredentialsThatCannotBeHadAreNamed) {
  ::unsetenv("AIGW_COMPILE_TEST");
  const Loaded loaded = load_text(R"(backends:
- {name: a, schema: {name: OpenAI}, auth: {apiKey: {keyFile: /nowhere/key}}}
- {name: b, schema: {name: OpenAI}, auth: {apiKey: {keyEnv: AIGW_COMPILE_TEST}}}
- {name: c, schema: {name: OpenAI}, auth: {apiKey: {key: "s3cr3t\nx"}}}
)", "c.yaml", {});
  ASSERT_TRUE(loaded.ok());
  const auto config = compile(loaded.document.filter, store_);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message,
            "backend \"a\": the credential file /nowhere/key cannot be used: No such file or "
            "directory; backend \"b\": the environment variable AIGW_COMPILE_TEST is not set; "
            "backend \"c\": the credential is not one line of text without control characters");
}

TEST_F(CompileTest, ARotatedFileReachesACompiledBackend) {
  const std::string path = testing::TempDir() + "/aigw-compile-test-key" + std::to_string(getpid());
  std::ofstream(path) << "sk-1\n";
  const auto config = compiled(
      "backends: [{name: a, schema: {name: OpenAI}, auth: {apiKey: {keyFile: " + path + "}}}]");
  const Backend& backend = *config->find_backend("a");
  EXPECT_EQ(text_of(backend), "sk-1");
  std::ofstream(path) << "sk-2\n";
  EXPECT_EQ(store_.refresh(), 1u);
  EXPECT_EQ(text_of(backend), "sk-2");
  std::remove(path.c_str());
}

}  // namespace
}  // namespace aigw::config
