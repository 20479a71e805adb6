#include "runtime/options.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace aigw::runtime {
namespace {

TEST(Options, TakeAPathAndThePeersPrefixes) {
  Result<Options> options = parse_options(
      R"({"configPath":"/etc/gateway.yaml","rootPrefix":"/ai",)"
      R"("endpointPrefixes":"openai:/o","maxRequestBodyBytes":10,"maxBufferedBytes":20})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->config_path, "/etc/gateway.yaml");
  EXPECT_EQ(options->prefixes.root, "/ai");
  EXPECT_EQ(options->prefixes.openai, "/o");
  EXPECT_EQ(options->request_body_max, 10u);
  EXPECT_EQ(options->buffered_max, 20u);
  EXPECT_TRUE(options->warnings.empty());
}

TEST(Options, BodiesMayBeAsLargeAsEnvoyCanBuffer) {
  const auto with = [](uint64_t bytes) {
    return parse_options(R"({"configPath":"/c","maxRequestBodyBytes":)" + std::to_string(bytes) + "}");
  };
  const Result<Options> most = with(limits::request_body_max_configurable);
  ASSERT_TRUE(most) << most.error().message;
  EXPECT_EQ(most->request_body_max, limits::request_body_max_configurable);
  const Result<Options> more = with(limits::request_body_max_configurable + 1);
  ASSERT_FALSE(more);
  EXPECT_NE(more.error().message.find("maxRequestBodyBytes: "), std::string::npos) << more.error().message;
}

TEST(Options, TakeAnInlineDocumentInYaml) {
  Result<Options> options =
      parse_options("config:\n  backends:\n  - {name: a, schema: {name: OpenAI}}\n");
  ASSERT_TRUE(options) << options.error().message;
  ASSERT_EQ(options->inline_config.document.filter.backends.size(), 1u);
  EXPECT_EQ(options->inline_config.document.filter.backends[0].name, "a");
}

TEST(Options, RefuseALiteralSecretInAnInlineDocumentWithoutQuotingIt) {
  Result<Options> options = parse_options(
      R"({"config":{"backends":[{"name":"a","schema":{"name":"OpenAI"},"auth":{"apiKey":{"key":"sk-secret"}}}]}})");
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find("config.backends[0].auth.apiKey.key"), std::string::npos)
      << options.error().message;
  EXPECT_EQ(options.error().message.find("sk-secret"), std::string::npos);
}

TEST(Options, SayEverythingThatIsWrongAtOnce) {
  Result<Options> options =
      parse_options(R"({"endpointPrefixes":"mistral:/g","maxRequestBodyBytes":0})");
  ASSERT_FALSE(options);
  for (const char* part : {"maxRequestBodyBytes", "endpointPrefixes",
                           "config, configPath or configBundlePath is required"}) {
    EXPECT_NE(options.error().message.find(part), std::string::npos) << part;
  }
}

TEST(Options, TakeABundleButNotBesideAnInlineDocument) {
  Result<Options> options = parse_options(R"({"configPath":"/c","configBundlePath":"/b"})");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->config_bundle_path, "/b");
  options = parse_options(R"({"config":{},"configBundlePath":"/b"})");
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find("configBundlePath: give either"), std::string::npos)
      << options.error().message;
}

TEST(Options, SayWhatLogsShowAndWhereSecretsComeFrom) {
  Result<Options> options = parse_options(R"({"configPath":"/c"})");
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->log_bodies || options->redact_bodies);
  EXPECT_EQ(options->sds_config, "");
  options = parse_options(R"({"configPath":"/c","logBodies":true,"enableRedaction":true,"sdsConfig":
      {"path_config_source":{"path":"/a \"b\"","n":[1,2.5,true,null]},"ads":{}}})");
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->warnings.empty());
  EXPECT_TRUE(options->log_bodies && options->redact_bodies);
  EXPECT_EQ(options->sds_config,
            R"({"path_config_source":{"path":"/a \"b\"","n":[1,2.5,true,null]},"ads":{}})");
}

TEST(Options, NameWhatIsAcceptedAndIdle) {
  Result<Options> options =
      parse_options(R"({"configPath":"/c","logLevel":"debug","logformat":"json","x":1})");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->warnings.size(), 3u);
}

TEST(Options, SayWhereTheAdminAddressIsAndWhichHeadersAreShown) {
  Result<Options> options = parse_options(
      R"({"configPath":"/c","adminAddress":":1064","metricsRequestHeaderAttributes":"x-team:team"})");
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->warnings.empty());
  EXPECT_EQ(options->admin_address, ":1064");
  ASSERT_EQ(options->header_attributes.size(), 2u);
  EXPECT_EQ(options->header_attributes[0].header, "x-team");
  EXPECT_FALSE(parse_options(R"({"configPath":"/c","requestHeaderAttributes":"x-team"})"));
}

TEST(Options, TheAccessLogHasSoManyMembers) {
  const auto with = [](size_t members) {
    std::string map = R"("m0":"path")";
    for (size_t i = 1; i < members; ++i) map += R"(,"m)" + std::to_string(i) + R"(":"path")";
    return parse_options(R"({"configPath":"/c","accessLog":{)" + map + "}}");
  };
  const Result<Options> most = with(limits::access_members_max);
  ASSERT_TRUE(most) << most.error().message;
  EXPECT_EQ(most->access_members.size(), limits::access_members_max);
  const Result<Options> more = with(limits::access_members_max + 1);
  ASSERT_FALSE(more);
  EXPECT_NE(more.error().message.find("accessLog: at most 64 members"), std::string::npos) << more.error().message;
}

TEST(Options, NameWhatTheAccessLogTakes) {
  Result<Options> options = parse_options(
      R"({"configPath":"/c","accessLog":{"a.b":"metadata:k","ua":"header:user-agent","p":"path","t":"time"}})");
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->warnings.empty());
  ASSERT_EQ(options->access_members.size(), 4u);
  EXPECT_EQ(options->access_members[0].head, ",\"a.b\":");
  EXPECT_EQ(options->access_members[1].key, "user-agent");
  EXPECT_EQ(options->access_members[2].from, observe::AccessMember::From::path);
  EXPECT_EQ(options->access_members[3].from, observe::AccessMember::From::time);
  for (const char* wrong : {R"("x")", R"({"a":1})", R"({"a":"cookie:b"})"}) {
    EXPECT_FALSE(parse_options(R"({"configPath":"/c","accessLog":)" + std::string(wrong) + "}")) << wrong;
  }
}

}  // namespace
}  // namespace aigw::runtime
