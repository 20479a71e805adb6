#include "control/documents.h"

#include <gtest/gtest.h>

#include <map>

#include "config/load.h"

namespace aigw::control {
namespace {

config::GatewayDocument loaded(const std::string& text) {
  const config::Loaded loaded = config::load_text(text, "the environment", {true, true});
  for (const config::Diagnostic& diagnostic : loaded.diagnostics)
    ADD_FAILURE() << to_string(diagnostic);
  return loaded.document;
}

EnvironmentDocument read(std::map<std::string, std::string> variables) {
  return document_of_environment([&](const char* name) { return variables[name]; });
}

config::GatewayDocument of(std::map<std::string, std::string> variables) {
  const EnvironmentDocument document = read(std::move(variables));
  EXPECT_TRUE(document.notes.empty());
  return loaded(document.text);
}

// "models -> backends" of every route.
std::vector<std::string> routes(const config::GatewayDocument& document) {
  std::vector<std::string> list;
  for (const config::Route& route : document.routes) {
    std::string text = route.models.front() + " ->";
    for (const config::RouteBackend& backend : route.backends)
      text += " " + backend.name + std::to_string(backend.priority);
    list.push_back(text);
  }
  return list;
}

const std::map<std::string, std::string> openai{{"OPENAI_API_KEY", "sk-1"}};
const std::map<std::string, std::string> anthropic{{"ANTHROPIC_API_KEY", "sk-2"}};
const std::map<std::string, std::string> azure{{"AZURE_OPENAI_API_KEY", "sk-3"},
                                               {"AZURE_OPENAI_ENDPOINT", "https://x.azure.com/"},
                                               {"OPENAI_API_VERSION", "2025-01-01"}};
const std::map<std::string, std::string> bedrock{
    {"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "se/cret"}, {"AWS_REGION", "eu-west-1"}};

std::map<std::string, std::string> all_of(
    std::initializer_list<const std::map<std::string, std::string>*> maps) {
  std::map<std::string, std::string> all;
  for (const auto* map : maps) all.insert(map->begin(), map->end());
  return all;
}

TEST(Documents, NothingWithoutAProvider) {
  EXPECT_EQ(read({{"OPENAI_ORG_ID", "o"}, {"AWS_REGION", "r"}, {"OPENAI_API_VERSION", "v"}}).text,
            "");
}

TEST(Documents, OpenAiByItsKey) {
  const config::GatewayDocument document =
      of({{"OPENAI_API_KEY", "sk-1"}, {"OPENAI_ORG_ID", "org"}, {"OPENAI_PROJECT_ID", "pro"}});
  ASSERT_EQ(document.upstreams.size(), 1u);
  EXPECT_EQ(document.upstreams[0].host, "api.openai.com");
  EXPECT_TRUE(document.upstreams[0].tls);
  const config::BackendSpec& backend = document.filter.backends.at(0);
  EXPECT_EQ(backend.name, "openai");
  EXPECT_EQ(backend.schema.prefix, "v1");
  EXPECT_EQ(backend.auth->secret, config::SecretSpec::of_env("OPENAI_API_KEY"));
  EXPECT_EQ(
      backend.header_mutation.set,
      (std::vector<config::HeaderSet>{{"openai-organization", "org"}, {"openai-project", "pro"}}));
  EXPECT_EQ(document.routes.at(0).models, std::vector<std::string>{"*"});
  EXPECT_EQ(document.filter.global_costs.size(), 5u);
}

TEST(Documents, TheKeyItselfIsNotInTheText) {
  EXPECT_EQ(read(openai).text.find("sk-1"), std::string::npos);
}

TEST(Documents, AServerOfOnesOwn) {
  const config::GatewayDocument document =
      of({{"OPENAI_BASE_URL", "http://10.0.0.1:8000/api/v2/"}});
  EXPECT_FALSE(document.filter.backends.at(0).auth);
  EXPECT_EQ(document.filter.backends[0].schema.prefix, "api/v2");
  EXPECT_EQ(document.upstreams.at(0).host, "10.0.0.1");
  EXPECT_EQ(document.upstreams[0].port, 8000);
}

TEST(Documents, ABadUrlIsTheLoadersToRefuse) {
  for (const char* url : {"nonsense", "ftp://x/y", "http://"}) {
    EXPECT_FALSE(config::load_text(read({{"OPENAI_BASE_URL", url}}).text, "e", {true, true}).ok())
        << url;
  }
}

TEST(Documents, AnthropicByItsKey) {
  const config::GatewayDocument document = of(anthropic);
  EXPECT_EQ(document.upstreams.at(0).host, "api.anthropic.com");
  const config::BackendSpec& backend = document.filter.backends.at(0);
  EXPECT_EQ(backend.schema, (config::SchemaSpec{config::SchemaName::anthropic, "", "v1"}));
  EXPECT_EQ(backend.auth->kind, config::AuthKind::anthropic_api_key);
  EXPECT_EQ(backend.auth->secret,
            config::SecretSpec::of_env("ANTHROPIC_API_KEY"));
  EXPECT_EQ(routes(document), std::vector<std::string>{"* -> anthropic0"});
  const std::map<std::string, std::string> base{{"ANTHROPIC_BASE_URL", "http://10.0.0.1/a/"}};
  EXPECT_EQ(of(all_of({&anthropic, &base})).filter.backends.at(0).schema.prefix, "a/v1");
}

TEST(Documents, AzureByItsKeyEndpointAndVersion) {
  const config::GatewayDocument document = of(azure);
  EXPECT_EQ(document.upstreams.at(0).host, "x.azure.com");
  const config::BackendSpec& backend = document.filter.backends.at(0);
  EXPECT_EQ(backend.schema.version, "2025-01-01");
  EXPECT_EQ(backend.auth->secret,
            config::SecretSpec::of_env("AZURE_OPENAI_API_KEY"));
  EXPECT_EQ(routes(document), std::vector<std::string>{"* -> azure0"});
}

TEST(Documents, BedrockByItsCredentials) {
  std::map<std::string, std::string> variables = bedrock;
  const config::GatewayDocument document = of(variables);
  EXPECT_EQ(document.upstreams.at(0).host, "bedrock-runtime.eu-west-1.amazonaws.com");
  EXPECT_EQ(document.upstreams[0].server_name, "bedrock-runtime.eu-west-1.amazonaws.com");
  EXPECT_TRUE(document.upstreams[0].tls);
  const config::AuthSpec& auth = *document.filter.backends.at(0).auth;
  EXPECT_EQ(auth.region, "eu-west-1");
  EXPECT_EQ(auth.secret.source, config::SecretSpec::Source::literal);
  EXPECT_EQ(auth.secret.literal.reveal(),
            "[default]\naws_access_key_id = AK\naws_secret_access_key = se/cret\n");
  variables["AWS_SESSION_TOKEN"] = "token";
  variables["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = "http://10.0.0.1:1/";
  const config::GatewayDocument other = of(variables);
  EXPECT_EQ(other.upstreams.at(0).host, "10.0.0.1");
  EXPECT_TRUE(
      other.filter.backends.at(0).auth->secret.literal.reveal().ends_with("aws_session_token = token\n"));
}

TEST(Documents, AllOfThemAtOnce) {
  EXPECT_EQ(routes(of(all_of({&openai, &anthropic, &azure, &bedrock}))),
            (std::vector<std::string>{"claude-* -> anthropic0", "anthropic.* -> bedrock0",
                                      "* -> openai0 azure1"}));
  EXPECT_EQ(routes(of(all_of({&azure, &anthropic}))),
            (std::vector<std::string>{"claude-* -> anthropic0", "* -> azure0"}));
  EXPECT_EQ(routes(of(all_of({&anthropic, &bedrock}))),
            (std::vector<std::string>{"claude-* -> anthropic0", "anthropic.* -> bedrock0"}));
}

TEST(Documents, WhatIsHalfNamedIsSaid) {
  const EnvironmentDocument document = read({{"AWS_ACCESS_KEY_ID", "AK"},
                                             {"AWS_SECRET_ACCESS_KEY", "s"},
                                             {"AZURE_OPENAI_API_KEY", "sk"}});
  EXPECT_EQ(document.text, "");
  EXPECT_EQ(document.notes, (std::vector<std::string>{
                                "Bedrock is left out: AWS_ACCESS_KEY_ID is set, but not AWS_REGION",
                                "Azure OpenAI is left out: AZURE_OPENAI_API_KEY is set, but not "
                                "AZURE_OPENAI_ENDPOINT and OPENAI_API_VERSION"}));
}

TEST(Documents, TheEmbeddedProvider) {
  const config::GatewayDocument document = loaded(embedded_document({"127.0.0.1", 1976}));
  for (const config::Upstream& upstream : document.upstreams) EXPECT_EQ(upstream.port, 1976);
  EXPECT_EQ(document.filter.models.size(), 4u);
  EXPECT_EQ(routes(document),
            (std::vector<std::string>{"claude-* -> embedded-anthropic0",
                                      "anthropic.* -> embedded-bedrock0", "* -> embedded0"}));
}

}  // namespace
}  // namespace aigw::control
