// The golden files in tests/golden/bootstrap are what real Envoys accept; AIGW_UPDATE_GOLDEN=1
// writes them anew.
#include "control/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "config/load.h"
#include "control/documents.h"

namespace aigw::control {
namespace {

using config::GatewayDocument;
using testing::HasSubstr;

BootstrapOptions options() {
  BootstrapOptions with;
  with.module_path = "/opt/aigw/libaigateway.so";
  with.system_ca = "/etc/ssl/certs/ca-certificates.crt";
  with.config_path = "/run/aigw/filterapi.json";
  return with;
}

void add_backend(GatewayDocument& document, const std::string& name, config::SecretSpec secret = {}) {
  config::BackendSpec backend;
  backend.name = name;
  if (secret.source != config::SecretSpec::Source::none) {
    backend.auth.emplace();
    backend.auth->kind = config::AuthKind::api_key;
    backend.auth->secret = std::move(secret);
  }
  document.filter.backends.push_back(std::move(backend));
}

config::Upstream& add_upstream(GatewayDocument& document, const std::string& backend, bool tls,
                               const std::string& host, uint16_t port) {
  config::Upstream upstream;
  upstream.backend = backend;
  upstream.tls = tls;
  upstream.host = host;
  upstream.port = port;
  if (tls) upstream.server_name = host;
  return document.upstreams.emplace_back(std::move(upstream));
}

std::vector<std::string> filters_of(const Json& bootstrap) {
  std::vector<std::string> names;
  const Json& chain = bootstrap["static_resources"]["listeners"][0]["filter_chains"][0];
  for (const Json& filter : chain["filters"][0]["typed_config"]["http_filters"]) names.push_back(filter["name"]);
  return names;
}

// One plain backend for every model.
GatewayDocument plain() {
  GatewayDocument document;
  add_backend(document, "embedded");
  add_upstream(document, "embedded", false, "127.0.0.1", 8080);
  document.routes.push_back({"all", {"*"}, {{"embedded", 0, 1}}, 0, std::chrono::seconds(300)});
  document.filter.models = {{"mock-small", "aigw", 1'700'000'000}};
  return document;
}

// A provider by https with a fallback, and two weighted ones, matched by name and prefix.
GatewayDocument fallback() {
  GatewayDocument document;
  document.listen = {"0.0.0.0", 8443};
  add_backend(document, "first", config::SecretSpec::of_literal("sk-literal"));
  add_backend(document, "second", config::SecretSpec::of_file("/keys/second"));
  add_backend(document, "third", config::SecretSpec::of_env("THIRD_KEY"));
  document.filter.backends[1].model_name_override = "other-model";
  document.filter.backends[1].schema.prefix = "compat/v2";
  document.filter.global_costs = {
      {"llm_input_token", config::CostType::input_token, "", "", "", ""}};
  add_upstream(document, "first", true, "api.example.com", 443);
  config::Upstream& second = add_upstream(document, "second", true, "10.0.0.7", 8443);
  second.ca = "/etc/aigw/ca.pem";
  second.connect_timeout = std::chrono::milliseconds(2500);
  add_upstream(document, "third", true, "llm.internal", 443).server_name = "other.name";
  document.routes.push_back({"exact",
                             {"gpt-5", "gpt-5-*"},
                             {{"first", 0, 3}, {"third", 0, 1}, {"second", 1, 1}},
                             2,
                             std::chrono::seconds(60)});
  document.routes.push_back({"rest", {"*"}, {{"third", 0, 1}}, 1, std::chrono::milliseconds(1500)});
  return document;
}

std::string bootstrap_text(const GatewayDocument& document, const BootstrapOptions& with) {
  const Result<Json> json = make_bootstrap(document, with);
  return json ? json->dump(2) + "\n" : json.error().message;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(AIGW_GOLDEN) + "/" + name;
  if (std::getenv("AIGW_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::stringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(text, golden.str()) << "differs from " << path;
}

TEST(Bootstrap, OnePlainBackend) {
  expect_golden("plain.json", bootstrap_text(plain(), options()));
}

TEST(Bootstrap, FallbackOverTls) {
  expect_golden("fallback.json", bootstrap_text(fallback(), options()));
}

TEST(Bootstrap, WithAnAccessLogAndTheModuleByPath) {
  BootstrapOptions with = options();
  with.access_log = "-";
  with.module_by_path = true;
  expect_golden("access_log.json", bootstrap_text(plain(), with));
}

TEST(Bootstrap, WithAnExtProcServer) {
  BootstrapOptions with = options();
  with.module_path.clear();
  with.extproc_socket = "/run/aigw/extproc.sock";
  with.access_log = "-";
  expect_golden("extproc.json", bootstrap_text(plain(), with));
}

// What `aigw run` makes of an environment that names every provider.
TEST(Bootstrap, EveryProviderOfTheEnvironment) {
  const std::map<std::string, std::string> variables{
      {"OPENAI_API_KEY", "sk-literal-openai"},
      {"ANTHROPIC_API_KEY", "sk-literal-anthropic"},
      {"AZURE_OPENAI_API_KEY", "sk-literal-azure"},
      {"AZURE_OPENAI_ENDPOINT", "https://deployments.example.com"},
      {"OPENAI_API_VERSION", "2025-01-01"},
      {"AWS_ACCESS_KEY_ID", "AK"},
      {"AWS_SECRET_ACCESS_KEY", "sk-literal-aws"},
      {"AWS_REGION", "eu-west-1"}};
  const EnvironmentDocument document = document_of_environment([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  });
  const config::Loaded loaded = config::load_text(document.text, "the environment", {true, true});
  ASSERT_TRUE(loaded.ok());
  const std::string text = bootstrap_text(loaded.document, options());
  EXPECT_THAT(text, testing::Not(HasSubstr("sk-literal")));
  expect_golden("environment.json", text);
}

TEST(Bootstrap, HoldsNothingOfTheDocumentThatMayBeASecret) {
  GatewayDocument document = fallback();
  document.filter.backends[0].header_mutation.set = {{"x-tenant", "sk-literal-header"}};
  document.filter.backends[1].body_mutation.set = {{"user", "sk-literal-body"}};
  const std::string text = bootstrap_text(document, options());
  EXPECT_THAT(text, testing::Not(HasSubstr("sk-literal")));
  EXPECT_THAT(text, testing::Not(HasSubstr("/keys/second")));
  EXPECT_THAT(text, HasSubstr(R"("configPath": "/run/aigw/filterapi.json")"));
}

TEST(Bootstrap, RefusesHttpVersionsThatOneClusterCannotMix) {
  GatewayDocument document = plain();
  add_backend(document, "modern");
  add_upstream(document, "modern", false, "127.0.0.1", 8081).http2 = true;
  document.routes[0].backends.push_back({"modern", 1, 1});
  EXPECT_EQ(bootstrap_text(document, options()),
            "route all: backend modern takes only HTTP/2 and embedded only HTTP/1.1; put them into "
            "different routes");
}

TEST(Bootstrap, ChoosesTheHttpVersionThatAllBackendsOfARouteSpeak) {
  const auto version = [](GatewayDocument document) {
    Result<Json> json = make_bootstrap(document, options());
    const Json& cluster = (*json)["static_resources"]["clusters"][0];
    const Json& protocols = cluster["typed_extension_protocol_options"]
                                   ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"];
    if (protocols.contains("auto_config")) return std::string("alpn");
    return protocols["explicit_http_config"].begin().key();
  };
  GatewayDocument document = plain();
  EXPECT_EQ(version(document), "http_protocol_options");
  document.upstreams[0].http2 = true;
  EXPECT_EQ(version(document), "http2_protocol_options");
  document = fallback();
  EXPECT_EQ(version(document), "alpn");
  document.upstreams[2].http2 = false;
  EXPECT_EQ(version(document), "http_protocol_options");
  document.upstreams[2] = document.upstreams[0];
  document.upstreams[2].backend = "third";
  document.upstreams[2].tls = false;
  EXPECT_EQ(version(document), "http_protocol_options");
}

TEST(Bootstrap, NeedsABundleForHttps) {
  BootstrapOptions with = options();
  with.system_ca.clear();
  EXPECT_THAT(bootstrap_text(fallback(), with),
              HasSubstr("backend first: no system CA bundle found"));
}

TEST(Bootstrap, AModuleIsNamedAsEnvoyLooksForIt) {
  EXPECT_EQ(module_name("/x/libaigateway.so"), "aigateway");
  EXPECT_EQ(module_name("libaigateway-0a1b.so"), "aigateway-0a1b");
  EXPECT_EQ(module_name("/x/aigateway.so"), "");
}

TEST(Bootstrap, ClientsAreAskedForTheirKeyFirst) {
  GatewayDocument document = plain();
  document.clients.emplace().keys = {{"alice", config::SecretSpec::of_literal("k3y")}};
  BootstrapOptions with = options();
  with.clients_directory = "/run/aigw";
  for (const bool extproc : {false, true}) {
    if (extproc) {
      with.module_path.clear();
      with.extproc_socket = "/run/aigw/extproc.sock";
    }
    const Result<Json> made = make_bootstrap(document, with);
    ASSERT_TRUE(made);
    EXPECT_EQ(filters_of(*made).front(), "ai_gateway.clients");
    EXPECT_EQ(made->dump().find("k3y"), std::string::npos);
  }
  document.clients.reset();
  EXPECT_NE(filters_of(*make_bootstrap(document, with)).front(), "ai_gateway.clients");
}

}  // namespace
}  // namespace aigw::control
