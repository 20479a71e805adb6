#include "control/filterapi_json.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace aigw::control {
namespace {

std::string written(const config::Document& document) {
  return filterapi_json(document,
                        [](const config::BackendSpec& backend) { return "/keys/" + backend.name; })
      .dump();
}

TEST(FilterapiJson, LeavesOutWhatIsAbsent) {
  EXPECT_EQ(written({}), "{}");
  config::Document document;
  document.backends.emplace_back().name = "b";
  EXPECT_EQ(written(document), R"({"backends":[{"name":"b","schema":{"name":"OpenAI"}}]})");
}

TEST(FilterapiJson, WritesEveryMemberOfABackend) {
  config::Document document;
  config::BackendSpec& backend = document.backends.emplace_back();
  backend.name = "b";
  backend.model_name_override = "m";
  backend.default_max_tokens = 9;
  backend.schema = {config::SchemaName::gcp_anthropic, "v", "p"};
  config::AuthSpec& auth = backend.auth.emplace();
  auth.kind = config::AuthKind::gcp;
  auth.secret = config::SecretSpec::of_env("TOKEN");
  auth.region = "r";
  auth.project = "pr";
  auth.credential_override = config::CredentialOverrideSpec{"h", "ns", "k", true, {"x"}};
  backend.header_mutation = {{{"a", ""}}, {"b"}};
  backend.body_mutation = {{{"p", "1"}}, {"q"}};
  EXPECT_EQ(written(document),
            R"({"backends":[{"name":"b","modelNameOverride":"m","defaultMaxTokens":9,)"
            R"("schema":{"name":"GCPAnthropic","version":"v","prefix":"p"},)"
            R"("auth":{"gcp":{"accessTokenFile":"/keys/b","region":"r","projectName":"pr"},)"
            R"("credentialOverride":{"headerName":"h","dynamicMetadataNamespace":"ns",)"
            R"("dynamicMetadataKey":"k",)"
            R"("fallbackToConfigured":true,"inputHeadersToRemove":["x"]}},)"
            R"("httpHeaderMutation":{"set":[{"name":"a","value":""}],"remove":["b"]},)"
            R"("httpBodyMutation":{"set":[{"path":"p","value":"1"}],"remove":["q"]}}]})");
}

TEST(FilterapiJson, WritesCostsAndModels) {
  config::Document document;
  document.version = "dev";
  document.uuid = "u";
  document.global_costs = {{"g", config::CostType::total_token, "", "", "", ""}};
  document.route_costs = {{"r", config::CostType::cel, "1u", "ns/route", "ns/b", "m"}};
  document.models = {{"m", "me", 1'700'000'000}};
  document.models_by_host = {{"*.example.com", {{"h", "", 0}}}};
  document.unscoped_models = {{"u", "", 0}};
  EXPECT_EQ(
      written(document),
      R"({"version":"dev","uuid":"u","globalLLMRequestCosts":[{"metadataKey":"g",)"
      R"("type":"TotalToken"}],)"
      R"("llmRequestCosts":[{"metadataKey":"r","type":"CEL","cel":"1u","routeName":"ns/route",)"
      R"("backend":"ns/b","model":"m"}],)"
      R"("models":[{"Name":"m","OwnedBy":"me","CreatedAt":"2023-11-14T22:13:20Z"}],)"
      R"("modelsByHost":{"*.example.com":[{"Name":"h"}]},"unscopedModels":[{"Name":"u"}]})");
}

TEST(FilterapiJson, PricesAndClientsComeBackAsTheyWere) {
  for (Bytes text : {R"({"prices":{"metadataKey":"k","file":"/p.yaml"}})",
                     R"({"clientRules":[{"client":"a","models":["m*"],"metadata":{"team":"t"}},)"
                     R"({"client":"*","models":[]}]})",
                     R"({"prices":{"metadataKey":"k","currency":"EUR","models":[{"model":"m","backend":"ns/b",)"
                     R"("from":"2026-01-01T00:00:00Z","input":"2.50","cachedInput":"1","cacheCreationInput":"2",)"
                     R"("output":"3","reasoning":"4","request":"0.001","tiers":[{"above":7,"input":"5"}]}]}})"}) {
    const config::Loaded loaded = config::load_text(text, "c.json", {});
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(written(loaded.document.filter), text);
  }
}

}  // namespace
}  // namespace aigw::control
