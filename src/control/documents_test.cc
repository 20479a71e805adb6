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

std::optional<std::string> of(std::map<std::string, std::string> variables) {
  return document_of_environment([&](const char* name) { return variables[name]; });
}

TEST(Documents, NothingWithoutAProvider) { EXPECT_FALSE(of({{"OPENAI_ORG_ID", "o"}})); }

TEST(Documents, OpenAiByItsKey) {
  const config::GatewayDocument document = loaded(
      *of({{"OPENAI_API_KEY", "sk-1"}, {"OPENAI_ORG_ID", "org"}, {"OPENAI_PROJECT_ID", "pro"}}));
  ASSERT_EQ(document.upstreams.size(), 1u);
  EXPECT_EQ(document.upstreams[0].host, "api.openai.com");
  EXPECT_TRUE(document.upstreams[0].tls);
  const config::BackendSpec& backend = document.filter.backends.at(0);
  EXPECT_EQ(backend.name, "openai");
  EXPECT_EQ(backend.schema.prefix, "v1");
  EXPECT_EQ(backend.auth->secret, (config::Secret{config::Secret::Source::env, "OPENAI_API_KEY"}));
  EXPECT_EQ(
      backend.header_mutation.set,
      (std::vector<config::HeaderSet>{{"openai-organization", "org"}, {"openai-project", "pro"}}));
  EXPECT_EQ(document.routes.at(0).models, std::vector<std::string>{"*"});
  EXPECT_EQ(document.filter.global_costs.size(), 5u);
}

TEST(Documents, TheKeyItselfIsNotInTheText) {
  EXPECT_EQ(of({{"OPENAI_API_KEY", "sk-1"}})->find("sk-1"), std::string::npos);
}

TEST(Documents, AServerOfOnesOwn) {
  const config::GatewayDocument document =
      loaded(*of({{"OPENAI_BASE_URL", "http://10.0.0.1:8000/api/v2/"}}));
  EXPECT_FALSE(document.filter.backends.at(0).auth);
  EXPECT_EQ(document.filter.backends[0].schema.prefix, "api/v2");
  EXPECT_EQ(document.upstreams.at(0).host, "10.0.0.1");
  EXPECT_EQ(document.upstreams[0].port, 8000);
}

TEST(Documents, ABadUrlIsTheLoadersToRefuse) {
  for (const char* url : {"nonsense", "ftp://x/y", "http://"}) {
    EXPECT_FALSE(config::load_text(*of({{"OPENAI_BASE_URL", url}}), "e", {true, true}).ok()) << url;
  }
}

TEST(Documents, TheEmbeddedProvider) {
  const config::GatewayDocument document = loaded(embedded_document({"127.0.0.1", 1976}));
  EXPECT_EQ(document.upstreams.at(0).port, 1976);
  EXPECT_EQ(document.filter.models.size(), 2u);
  EXPECT_EQ(document.routes.at(0).backends.at(0).name, "embedded");
}

}  // namespace
}  // namespace aigw::control
