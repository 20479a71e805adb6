#include "config/load.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>

#include "base/limits.h"
#include "config/acted_on.h"
#include "config/words.h"

namespace aigw::config {
namespace {

// Every diagnostic in a line, as a user sees them.
std::string diagnosed(Bytes text, const LoadOptions& options = {}) {
  std::string out;
  for (const Diagnostic& diagnostic : load_text(text, "c.yaml", options).diagnostics) {
    out += to_string(diagnostic) + "\n";
  }
  return out;
}

// Everything that the schema has, in this build's own spellings of secrets too.
constexpr Bytes kWholeYaml = R"(version: v1.2.3
uuid: 11-22
globalLLMRequestCosts:
- {metadataKey: total, type: TotalToken}
- {metadataKey: cel, type: CEL, cel: 'input_tokens * 2u'}
llmRequestCosts:
- metadataKey: in
  routeName: ns/route
  type: InputToken
  backend: ns/b
  model: m
backends:
- name: ns/openai/route/r/rule/0/ref/0
  modelNameOverride: gpt-x
  schema: {name: OpenAI, version: v9, prefix: /api/v1/}
  auth:
    apiKey: {key: sk-literal}
    credentialOverride:
      headerName: x-key
      fallbackToConfigured: true
      inputHeadersToRemove: [x-key]
  httpHeaderMutation:
    set: [{name: X-Org, value: "a b"}]
    remove: [x-gone]
  httpBodyMutation:
    set: [{path: temperature, value: "1"}]
    remove: [user]
- name: azure-key
  schema: {name: AzureOpenAI, version: "2025-01-01"}
  auth: {azureAPIKey: {keyFile: /k}}
- name: azure
  schema: {name: AzureOpenAI, version: "2025-01-01"}
  auth: {azure: {accessTokenEnv: TOKEN}}
- name: anthropic
  schema: {name: Anthropic}
  auth: {anthropicAPIKey: {keyEnv: KEY}}
- name: gcp
  schema: {name: GCPVertexAI}
  auth: {gcp: {region: us, projectName: p}}
- name: aws
  schema: {name: AWSBedrock}
  auth:
    aws:
      region: us-east-1
      credentialFileLiteral: |
        [default]
        aws_access_key_id = a
- name: from-request
  schema: {name: Cohere, version: v2}
  auth:
    apiKey: {}
    credentialOverride: {dynamicMetadataNamespace: n, dynamicMetadataKey: k}
- name: open
  schema: {name: OpenAI}
models:
- Name: gpt-x
  OwnedBy: us
  CreatedAt: "2025-05-23T10:20:30Z"
modelsByHost:
  A.example.com: [{Name: a}]
  "*.example.com": []
unscopedModels: [{Name: u, CreatedAt: "0001-01-01T00:00:00Z"}]
mcpConfig:
  backendListenerAddr: http://127.0.0.1:10088
  routes:
  - name: ns/mcp
    forwardHeaders: [x-a]
    backends:
    - name: github
      toolSelector: {include: [a], includeRegex: [b.*], exclude: [c], excludeRegex: [d.*]}
      forwardHeaders: [{name: x-a, backendHeader: x-b}]
    authorization:
      defaultAction: Deny
      resourceMetadataURL: https://x/y
      rules:
      - action: Allow
        cel: "true"
        source: {jwt: {scopes: [s], claims: [{name: a.b, valueType: StringArray, values: [v]}]}}
        target: {tools: [{backend: github, tool: t}]}
    backendSelector: {defaultAction: Allow}
)";

// The same in the shape in which Go's encoding/json writes it, with other spellings of some keys.
constexpr Bytes kWholeJson = R"({"version":"v1.2.3","uuid":"11-22","globalLLMRequestCosts":[
{"metadataKey":"total","type":"TotalToken"},{"metadataKey":"cel","type":"CEL",
"cel":"input_tokens * 2u"}],
"llmRequestCosts":[{"metadataKey":"in","routeName":"ns/route","type":"InputToken",
"backend":"ns/b","model":"m"}],
"backends":[{"name":"ns/openai/route/r/rule/0/ref/0","modelNameOverride":"gpt-x",
"schema":{"name":"OpenAI","version":"v9","prefix":"/api/v1/"},
"auth":{"apikey":{"key":"sk-literal"},
"credentialOverride":{"headerName":"x-key","fallbackToConfigured":true,
"inputHeadersToRemove":["x-key"]}},
"httpHeaderMutation":{"set":[{"name":"X-Org","value":"a b"}],"remove":["x-gone"]},
"httpBodyMutation":{"set":[{"path":"temperature","value":"1"}],"remove":["user"]}},
{"name":"azure-key","modelNameOverride":"","schema":{"name":"AzureOpenAI",
"version":"2025-01-01"},"auth":{"azureAPIKey":{"keyFile":"/k"}}},
{"name":"azure","schema":{"name":"AzureOpenAI","version":"2025-01-01"},
"auth":{"azure":{"accessTokenEnv":"TOKEN"}}},
{"name":"anthropic","schema":{"name":"Anthropic"},"auth":{"anthropicAPIKey":{"keyEnv":"KEY"}}},
{"name":"gcp","schema":{"name":"GCPVertexAI"},"auth":{"gcp":{"accessToken":"","region":"us",
"projectName":"p"}}},
{"name":"aws","schema":{"name":"AWSBedrock"},
"auth":{"aws":{"credentialFileLiteral":"[default]\naws_access_key_id = a\n",
"region":"us-east-1"}}},
{"name":"from-request","schema":{"name":"Cohere","version":"v2"},"auth":{"apiKey":{},
"credentialOverride":{"dynamicMetadataNamespace":"n","dynamicMetadataKey":"k"}}},
{"name":"open","schema":{"name":"OpenAI"},"auth":null}],
"models":[{"name":"gpt-x","ownedby":"us","CREATEDAT":"2025-05-23T10:20:30Z"}],
"modelsByHost":{"A.example.com":[{"Name":"a","OwnedBy":"","CreatedAt":"0001-01-01T00:00:00Z"}],
"*.example.com":[]},
"unscopedModels":[{"Name":"u"}],
"mcpConfig":{"backendListenerAddr":"http://127.0.0.1:10088","routes":[{"name":"ns/mcp",
"forwardHeaders":["x-a"],
"backends":[{"name":"github","toolSelector":{"include":["a"],"includeRegex":["b.*"],
"exclude":["c"],"excludeRegex":["d.*"]},
"forwardHeaders":[{"name":"x-a","backendHeader":"x-b"}]}],
"authorization":{"defaultAction":"Deny","resourceMetadataURL":"https://x/y",
"rules":[{"action":"Allow","cel":"true",
"source":{"jwt":{"scopes":["s"],"claims":[{"name":"a.b","valueType":"StringArray",
"values":["v"]}]}},
"target":{"tools":[{"backend":"github","tool":"t"}]}}]},
"backendSelector":{"defaultAction":"Allow"}}]}})";

TEST(Load, ReadsTheWholeSchema) {
  const Loaded loaded = load_text(kWholeYaml, "c.yaml", {});
  ASSERT_TRUE(loaded.ok()) << diagnosed(kWholeYaml);
  const Document& document = loaded.document.filter;
  EXPECT_EQ(document.version, "v1.2.3");
  EXPECT_EQ(document.uuid, "11-22");
  ASSERT_EQ(document.global_costs.size(), 2u);
  EXPECT_EQ(document.global_costs[1],
            (CostSpec{"cel", CostType::cel, "input_tokens * 2u", "", "", ""}));
  ASSERT_EQ(document.route_costs.size(), 1u);
  EXPECT_EQ(document.route_costs[0],
            (CostSpec{"in", CostType::input_token, "", "ns/route", "ns/b", "m"}));
  ASSERT_EQ(document.backends.size(), 8u);
  const BackendSpec& first = document.backends[0];
  EXPECT_EQ(first.name, "ns/openai/route/r/rule/0/ref/0");
  EXPECT_EQ(first.model_name_override, "gpt-x");
  EXPECT_EQ(first.schema, (SchemaSpec{SchemaName::openai, "v9", "/api/v1/"}));
  EXPECT_EQ(first.auth->secret, SecretSpec::of_literal("sk-literal"));
  EXPECT_EQ(first.auth->credential_override,
            (CredentialOverrideSpec{"x-key", "", "", true, {"x-key"}}));
  EXPECT_EQ(first.header_mutation, (HeaderMutation{{{"X-Org", "a b"}}, {"x-gone"}}));
  EXPECT_EQ(first.body_mutation, (BodyMutation{{{"temperature", "1"}}, {"user"}}));
  const auto auth = [&](size_t i) { return *document.backends[i].auth; };
  EXPECT_EQ(auth(1), (AuthSpec{AuthKind::azure_api_key, SecretSpec::of_file("/k"), "", "", {}}));
  EXPECT_EQ(auth(2), (AuthSpec{AuthKind::azure_token, SecretSpec::of_env("TOKEN"), "", "", {}}));
  EXPECT_EQ(auth(3),
            (AuthSpec{AuthKind::anthropic_api_key, SecretSpec::of_env("KEY"), "", "", {}}));
  EXPECT_EQ(auth(4), (AuthSpec{AuthKind::gcp, {}, "us", "p", {}}));
  EXPECT_EQ(auth(5).secret.literal.reveal(), "[default]\naws_access_key_id = a\n");
  EXPECT_EQ(auth(6).credential_override, (CredentialOverrideSpec{"", "n", "k", false, {}}));
  EXPECT_FALSE(document.backends[7].auth);
  EXPECT_EQ(document.models, (std::vector<ModelSpec>{{"gpt-x", "us", 1747995630}}));
  ASSERT_EQ(document.models_by_host.size(), 2u);
  EXPECT_EQ(document.models_by_host[0].first, "A.example.com");
  EXPECT_EQ(document.unscoped_models, (std::vector<ModelSpec>{{"u", "", 0}}));
  ASSERT_TRUE(document.mcp);
  const McpRoute& route = document.mcp->routes.at(0);
  EXPECT_EQ(route.backends.at(0).tool_selector->exclude_regex, std::vector<std::string>{"d.*"});
  EXPECT_EQ(route.authorization->rules.at(0).source_jwt->claims.at(0),
            (McpClaim{"a.b", McpClaimType::string_array, {"v"}}));
  EXPECT_EQ(route.backend_selector->default_action, McpAction::allow);
}

TEST(Load, JsonAndYamlOfOneDocumentAreEqual) {
  const Loaded json = load_text(kWholeJson, "c.json", {});
  ASSERT_TRUE(json.ok());
  EXPECT_TRUE(json.document == load_text(kWholeYaml, "c.yaml", {}).document);
}

TEST(Load, SaysWhatThisBuildDoesNotActOn) {
  const std::string idle = ": accepted, but this build does not act on it\n";
  EXPECT_EQ(diagnosed(kWholeYaml),
                "c.yaml:64:3: warning: mcpConfig" + idle);
}

TEST(Load, ReportsEverythingAtOnceInTheOrderOfTheText) {
  EXPECT_EQ(diagnosed(R"(version: 1
backends:
- name: a
  schema: {name: OpenAPI}
  modelOverride: x
- schema: {nmae: OpenAI}
  auth: {apiKey: {}}
- name: a
  schema: {name: OpenAI}
  httpHeadersMutation: {}
- just text
llmRequestCosts:
- {metadataKey: '', type: Tokens}
models: {}
modelsbyhost:
  a.com:80: [{Name: x, CreatedAt: yesterday}]
  B.com: x
  b.COM: []
)"),
            "c.yaml:1:10: error: version: expected a string, got a number (put it in quotes)\n"
            "c.yaml:4:18: error: backends[0].schema.name: expected one of OpenAI, Cohere, "
            "AWSBedrock, AzureOpenAI, GCPVertexAI, GCPAnthropic, Anthropic, AWSAnthropic, GeminiAPI, "
            "OpenAIChat, OpenAIResponses or GCPOpenAI; got \"OpenAPI\"\n"
            "c.yaml:5:3: warning: backends[0].modelOverride: unknown key, ignored\n"
            "c.yaml:6:3: error: backends[1].name: missing\n"
            "c.yaml:6:11: error: backends[1].schema.name: missing\n"
            "c.yaml:6:12: warning: backends[1].schema.nmae: unknown key, ignored; did you mean "
            "\"name\"?\n"
            "c.yaml:7:18: error: backends[1].auth.apiKey: one of key, keyFile or keyEnv is needed\n"
            "c.yaml:8:9: error: backends[2].name: the backend \"a\" is already on line 3\n"
            "c.yaml:10:3: warning: backends[2].httpHeadersMutation: unknown key, ignored; did you "
            "mean \"httpHeaderMutation\"?\n"
            "c.yaml:11:3: error: backends[3]: expected a map, got a string\n"
            "c.yaml:11:3: error: backends[3].name: missing\n"
            "c.yaml:11:3: error: backends[3].schema: missing\n"
            "c.yaml:13:3: error: llmRequestCosts[0].routeName: missing\n"
            "c.yaml:13:17: error: llmRequestCosts[0].metadataKey: may not be empty\n"
            "c.yaml:13:27: error: llmRequestCosts[0].type: expected one of OutputToken, "
            "InputToken, CachedInputToken, CacheCreationInputToken, TotalToken, ReasoningToken or "
            "CEL; got \"Tokens\"\n"
            "c.yaml:14:9: error: models: expected a list, got a map\n"
            "c.yaml:16:3: error: modelsByHost[\"a.com:80\"]: expected a host without port, or "
            "\"*.\" and a name\n"
            "c.yaml:16:35: error: modelsByHost[\"a.com:80\"][0].CreatedAt: expected a time as in "
            "\"2026-01-31T09:00:00Z\"; got \"yesterday\"\n"
            "c.yaml:17:10: error: modelsByHost[\"B.com\"]: expected a list, got a string\n"
            "c.yaml:18:3: error: modelsByHost[\"b.COM\"]: the host is already on line 17\n");
}

TEST(Load, KeysMatchWithoutCaseButOnlyOnce) {
  EXPECT_EQ(diagnosed("UUID: a\n"), "");
  EXPECT_EQ(load_text("Uuid: a\nuuid: b\n", "", {}).document.filter.uuid, "b");
  EXPECT_EQ(diagnosed("Uuid: a\nuuid: b\n"),
            "c.yaml:2:1: error: uuid: \"uuid\" and \"Uuid\" on line 1 are the same key\n");
  EXPECT_EQ(diagnosed("uuid: a\nuuid: b\n"),
            "c.yaml:2:1: error: the key \"uuid\" is already on line 1\n");
}

TEST(Load, NullIsAbsent) {
  EXPECT_EQ(diagnosed("version:\nbackends: null\nmodels: ~\nmodelsByHost: {a: }\nmcpConfig:\n"),
            "");
  EXPECT_EQ(diagnosed("backends: [{name: a, schema: }]"),
            "c.yaml:1:12: error: backends[0].schema: missing\n");
}

constexpr Bytes kBackend = "backends: [{name: a, schema: {name: OpenAI}, ";

std::string of_backend(const std::string& rest, const LoadOptions& options = {}) {
  std::string out;
  for (const Diagnostic& diagnostic :
       load_text(std::string(kBackend) + rest + "}]", "c.yaml", options).diagnostics) {
    if (diagnostic.message != kNotActedOnMessage) out += to_string(diagnostic) + "\n";
  }
  return out;
}

TEST(LoadAuth, OneKindFromOneSource) {
  EXPECT_EQ(of_backend("auth: {}"),
            "c.yaml:1:52: error: backends[0].auth: one of apiKey, azureAPIKey, azure, "
            "anthropicAPIKey, gcp or aws is needed\n");
  EXPECT_EQ(of_backend("auth: {apiKey: {key: a}, aws: {region: r}}"),
            "c.yaml:1:76: error: backends[0].auth.aws: only one kind is allowed, and there is "
            "apiKey too\n");
  EXPECT_EQ(of_backend("auth: {apiKey: {key: a, keyFile: b, keyEnv: C}}"),
            "c.yaml:1:79: error: backends[0].auth.apiKey.keyFile: only one source is allowed, and "
            "there is key too\n"
            "c.yaml:1:90: error: backends[0].auth.apiKey.keyEnv: only one source is allowed, and "
            "there is key too\n");
  EXPECT_EQ(of_backend("auth: {azureAPIKey: {key: ''}}"),
            "c.yaml:1:66: error: backends[0].auth.azureAPIKey: one of key, keyFile or keyEnv may "
            "not be empty\n");
  EXPECT_EQ(of_backend("auth: {azure: {}}"), "");
  EXPECT_EQ(of_backend("auth: {gcp: {}}"),
            "c.yaml:1:58: error: backends[0].auth.gcp.region: missing\n"
            "c.yaml:1:58: error: backends[0].auth.gcp.projectName: missing\n");
  EXPECT_EQ(of_backend("auth: {apiKey: {keyEnv: A-B}}"),
            "c.yaml:1:70: error: backends[0].auth.apiKey.keyEnv: expected the name of an "
            "environment variable\n");
  EXPECT_EQ(of_backend("auth: {apiKey: {key: ' '}}"),
            "c.yaml:1:67: error: backends[0].auth.apiKey.key: may not be blank\n");
}

TEST(LoadAuth, LiteralsHaveNoPlaceInWhatEnvoyShows) {
  const LoadOptions inline_config{.allow_literals = false};
  EXPECT_EQ(of_backend("auth: {apiKey: {key: sk-secret}}", inline_config),
            "c.yaml:1:67: error: backends[0].auth.apiKey.key: not accepted here, where Envoy's "
            "/config_dump shows it; use keyFile or keyEnv\n");
  EXPECT_EQ(of_backend("auth: {aws: {region: r, credentialFileLiteral: s}}", inline_config),
            "c.yaml:1:93: error: backends[0].auth.aws.credentialFileLiteral: not accepted here, "
            "where Envoy's /config_dump shows it; use credentialFile or credentialFileEnv\n");
  EXPECT_EQ(of_backend("auth: {apiKey: {keyFile: /k}}", inline_config), "");
  EXPECT_EQ(of_backend("auth: {apiKey: {keyEnv: K}}", inline_config), "");
}

TEST(LoadAuth, CredentialOverride) {
  EXPECT_EQ(of_backend("auth: {apiKey: {}, credentialOverride: {fallbackToConfigured: true}}"),
            "c.yaml:1:61: error: backends[0].auth.apiKey: one of key, keyFile or keyEnv is "
            "needed\n");
  EXPECT_EQ(of_backend("auth: {apiKey: {}, credentialOverride: {}}"), "");
  EXPECT_EQ(of_backend("auth: {apiKey: {}, credentialOverride: {headerName: 'a b', "
                       "dynamicMetadataNamespace: n, inputHeadersToRemove: ['', 1]}}"),
            "c.yaml:1:98: error: backends[0].auth.credentialOverride.headerName: not the name of "
            "a header: \"a b\"\n"
            "c.yaml:1:131: error: backends[0].auth.credentialOverride.dynamicMetadataNamespace: "
            "only one source is allowed, and there is headerName too\n"
            "c.yaml:1:157: error: backends[0].auth.credentialOverride.inputHeadersToRemove[0]: "
            "not the name of a header: \"\"\n"
            "c.yaml:1:161: error: backends[0].auth.credentialOverride.inputHeadersToRemove[1]: "
            "expected a string, got a number (put it in quotes)\n");
  EXPECT_EQ(of_backend("auth: {apiKey: {}, credentialOverride: {dynamicMetadataKey: k}}"),
            "c.yaml:1:106: error: backends[0].auth.credentialOverride.dynamicMetadataKey: "
            "dynamicMetadataNamespace is needed with it\n");
}

TEST(LoadAuth, TokensThatAreFetched) {
  const auto token = [](const std::string& auth) {
    return load_text(std::string(kBackend) + auth + "}]", "c.yaml", {})
        .document.filter.backends.at(0)
        .auth->token;
  };
  const char* const aws = "auth: {aws: {region: r, roleARN: arn, webIdentityTokenFile: /t}}";
  EXPECT_EQ(of_backend(aws), "");
  EXPECT_EQ(token(aws).role_arn + token(aws).web_identity_token_file, "arn/t");
  EXPECT_EQ(of_backend("auth: {gcp: {region: r, projectName: p, credentialFile: /k}}"), "");
  EXPECT_EQ(of_backend("auth: {aws: {region: r, credentialFile: /k, profile: x}}"), "");
  const char* const azure = "auth: {azure: {tenantID: t, clientID: c, clientSecretFile: /s}}";
  EXPECT_EQ(of_backend(azure), "");
  EXPECT_EQ(token(azure).client_secret, SecretSpec::of_file("/s"));
  EXPECT_EQ(of_backend("auth: {azure: {tenantID: t, clientID: c, federatedTokenFile: /f}}"), "");
}

TEST(LoadAuth, TokensThatAreHalfDescribed) {
  const std::string azure = "backends[0].auth.azure", aws = "backends[0].auth.aws";
  const auto message = [](const std::string& auth) {
    const std::string text = of_backend("auth: " + auth);
    return text.substr(text.find("error: ") + 7);
  };
  EXPECT_EQ(message("{aws: {region: r, roleARN: a}}"), aws + ".roleARN: needs webIdentityTokenFile beside it\n");
  EXPECT_EQ(message("{aws: {region: r, profile: a}}"),
            aws + ".profile: is one of a credentials file, which is not given; AWS_PROFILE is that of the "
                  "environment\n");
  EXPECT_EQ(message("{aws: {region: r, credentialFile: f, roleARN: a, webIdentityTokenFile: t}}"),
            aws + ".roleARN: has no use beside a credential that is given\n");
  EXPECT_EQ(message("{azure: {tenantID: t}}"),
            azure + ".tenantID: needs clientID beside it\n" + "c.yaml:1:71: error: " + azure +
                ".tenantID: needs a client secret or federatedTokenFile beside it\n");
  EXPECT_EQ(message("{azure: {clientSecret: s}}"), azure + ": tenantID and clientID are needed\n");
  EXPECT_EQ(message("{azure: {accessToken: a, tenantID: t, clientID: c, federatedTokenFile: f}}"),
            azure + ".tenantID: has no use beside a credential that is given\n");
  EXPECT_EQ(message("{gcp: {region: r, projectName: p, accessToken: t, credentialFile: f}}"),
            "backends[0].auth.gcp.credentialFile: has no use beside a credential that is given\n");
}

// A value in the wrong place, of the wrong type or out of a broken text stays out of the message.
TEST(LoadAuth, NoDiagnosticHoldsASecret) {
  for (const char* text : {
           "backends: [{auth: {apiKey: s3cr3t}}]",
           "backends: [{auth: {apiKey: {key: [s3cr3t]}}}]",
           "backends: [{auth: {apiKey: {key: s3cr3t, keyFile: s3cr3t}}}]",
           "backends: [{auth: {apiKey: {keyEnv: 's3cr3t-2'}}}]",
           "backends: [{auth: {apiKey: {key: *s3cr3t}}}]",
           "backends: [{auth: {apiKey: {key: \"\\s3cr3t\"}}}]",
           "backends: [{auth: {apiKey: {key: s3cr3t]}}}]",
           "{\"backends\": [{\"auth\": {\"apiKey\": {\"key\": s3cr3t\"}}}]}",
           "{\"backends\": [{\"auth\": {\"apiKey\": {\"key\": \"s3cr3t}}}]}",
           "backends: [{httpHeaderMutation: {set: [{name: a, value: \"s3cr3t\\nx\"}]}}]",
           "upstreams: [{url: 'https://user:s3cr3t@host/'}]",
       }) {
    for (const bool literals : {true, false}) {
      const std::string all = diagnosed(text, {.allow_literals = literals, .gateway_keys = true});
      EXPECT_NE(all, "") << text;
      EXPECT_EQ(all.find("s3cr3t"), std::string::npos) << all;
    }
  }
}

TEST(LoadFilter, HeaderMutations) {
  EXPECT_EQ(of_backend("httpHeaderMutation: {set: [{name: 'a b', value: x}, "
                       "{name: Host, value: x}, "
                       "{name: ':path', value: x}, {value: x}, {name: b, value: \"x\\r\\ny\"}], "
                       "remove: [X-AI-EG-Model, content-length, '']}"),
            "c.yaml:1:80: error: backends[0].httpHeaderMutation.set[0].name: not the name of a "
            "header: \"a b\"\n"
            "c.yaml:1:105: error: backends[0].httpHeaderMutation.set[1].name: \"Host\" is set by "
            "the gateway\n"
            "c.yaml:1:129: warning: backends[0].httpHeaderMutation.set[2].name: \":path\" belongs "
            "to the gateway; ignored\n"
            "c.yaml:1:149: error: backends[0].httpHeaderMutation.set[3].name: missing\n"
            "c.yaml:1:178: error: backends[0].httpHeaderMutation.set[4].value: may hold no CR, LF "
            "or NUL\n"
            "c.yaml:1:199: warning: backends[0].httpHeaderMutation.remove[0]: \"X-AI-EG-Model\" "
            "belongs to the gateway; ignored\n"
            "c.yaml:1:214: error: backends[0].httpHeaderMutation.remove[1]: \"content-length\" is "
            "set by the gateway\n"
            "c.yaml:1:230: error: backends[0].httpHeaderMutation.remove[2]: may not be empty\n");
}

TEST(LoadFilter, BodyMutationsAndLongNames) {
  EXPECT_EQ(of_backend("httpBodyMutation: {set: [{path: '', value: x}], remove: ['']}"),
            "c.yaml:1:78: error: backends[0].httpBodyMutation.set[0].path: may not be empty\n"
            "c.yaml:1:103: error: backends[0].httpBodyMutation.remove[0]: may not be empty\n");
  EXPECT_EQ(of_backend("modelNameOverride: " + std::string(limits::model_name_max, 'm')), "");
  EXPECT_EQ(of_backend("modelNameOverride: " + std::string(limits::model_name_max + 1, 'm')),
            "c.yaml:1:65: error: backends[0].modelNameOverride: longer than 256 bytes\n");
}

TEST(LoadFilter, DefaultMaxTokensHaveALimit) {
  const auto with = [](uint64_t tokens) {
    return diagnosed("backends: [{name: a, schema: {name: Anthropic}, defaultMaxTokens: " +
                     std::to_string(tokens) + "}]");
  };
  EXPECT_EQ(with(limits::default_max_tokens_max), "");
  EXPECT_NE(with(limits::default_max_tokens_max + 1).find("expected a whole number from 1 to 100000000, got 100000001"),
            std::string::npos);
}

TEST(LoadFilter, CelBelongsToItsType) {
  EXPECT_EQ(diagnosed("globalLLMRequestCosts:\n"
                      "- {metadataKey: a, type: CEL}\n"
                      "- {metadataKey: b, type: InputToken, cel: '1'}\n"),
            "c.yaml:2:3: error: globalLLMRequestCosts[0].cel: needed where type is CEL\n"
            "c.yaml:3:43: warning: globalLLMRequestCosts[1].cel: ignored: type is not CEL\n");
}

TEST(Load, TheTextItself) {
  EXPECT_EQ(diagnosed(""), "c.yaml: warning: the document is empty\n");
  EXPECT_EQ(diagnosed("- a\n"), "c.yaml:1:1: error: expected a map, got a list\n");
  EXPECT_EQ(diagnosed("{\"version\": \"a\""),
            "c.yaml:1:16: error: not valid JSON: a comma or } is expected\n");
  EXPECT_EQ(diagnosed("version: [a\n"),
            "c.yaml:2:1: error: not valid YAML: end of sequence flow not found\n");
  EXPECT_EQ(diagnosed("listen: x\nupstreams: x\nroutes: x\n"), "");
}

TEST(Load, AnOverflowOfDiagnosticsLeavesOutWarningsFirst) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "unknown" + std::to_string(i) + ": x\n";
  Loaded loaded = load_text(text + "version: 1\n", "c.yaml", {});
  ASSERT_EQ(loaded.diagnostics.size(), limits::config_diagnostics_max + 1);
  EXPECT_EQ(loaded.diagnostics[198].line, 199);
  EXPECT_EQ(loaded.diagnostics[199].path, "version");
  EXPECT_EQ(to_string(loaded.diagnostics.back()),
            "c.yaml: warning: not shown: 0 more errors and 4801 more warnings");

  text = "models:\n";
  for (int i = 0; i < 5000; ++i) text += "- x: y\n";
  loaded = load_text(text, "c.yaml", {});
  ASSERT_EQ(loaded.diagnostics.size(), limits::config_diagnostics_max + 1);
  EXPECT_EQ(loaded.diagnostics[199].path, "models[199].Name");
  EXPECT_EQ(to_string(loaded.diagnostics.back()),
            "c.yaml: error: not shown: 4800 more errors and 5000 more warnings");
}

TEST(Load, AsManyDiagnosticsAsFitAreAllShown) {
  std::string text;
  for (size_t i = 0; i < limits::config_diagnostics_max; ++i) text += "unknown" + std::to_string(i) + ": x\n";
  Loaded loaded = load_text(text, "c.yaml", {});
  ASSERT_EQ(loaded.diagnostics.size(), limits::config_diagnostics_max);
  EXPECT_EQ(loaded.diagnostics.back().line, 200);
  loaded = load_text(text + "another: x\n", "c.yaml", {});
  ASSERT_EQ(loaded.diagnostics.size(), limits::config_diagnostics_max + 1);
  EXPECT_EQ(to_string(loaded.diagnostics.back()), "c.yaml: warning: not shown: 0 more errors and 1 more warnings");
}

TEST(Load, Files) {
  const std::string path = testing::TempDir() + "/aigw-load-test.yaml" + std::to_string(getpid());
  std::ofstream(path) << "uuid: from-file\n";
  EXPECT_EQ(load_file(path, {}).document.filter.uuid, "from-file");
  std::ofstream(path, std::ios::app) << "version: 1\n";
  EXPECT_EQ(to_string(load_file(path, {}).diagnostics.at(0)),
            path + ":2:10: error: version: expected a string, got a number (put it in quotes)");
  std::remove(path.c_str());
  EXPECT_EQ(to_string(load_file(path, {}).diagnostics.at(0)),
            path + ": error: cannot be read: No such file or directory");
  EXPECT_EQ(to_string(load_file("/", {}).diagnostics.at(0)),
            "/: error: cannot be read: Is a directory");
}

// Cut anywhere, or with a byte changed anywhere, a document is read or refused, under the
// sanitizers. Raising the steps to 1 tries every place.
TEST(Load, BrokenDocumentsDoNoHarm) {
  constexpr size_t kCutStep = 7, kChangeStep = 11;
  constexpr Bytes kChanges = "\"\n:&\x80*{]";
  const LoadOptions options{.allow_literals = true, .gateway_keys = true};
  for (const Bytes whole : {kWholeYaml, kWholeJson}) {
    for (size_t size = 0; size < whole.size(); size += kCutStep) {
      const Loaded loaded = load_text(whole.substr(0, size), "c.yaml", options);
      EXPECT_FALSE(loaded.diagnostics.empty());
    }
    std::string text(whole);
    for (size_t i = 0; i < text.size(); i += kChangeStep) {
      const char before = std::exchange(text[i], kChanges[i % kChanges.size()]);
      EXPECT_FALSE(load_text(text, "c.yaml", options).diagnostics.empty());
      text[i] = before;
    }
  }
}

TEST(LoadFilter, RulesForBodiesAreCheckedWhenTheyAreLoaded) {
  EXPECT_EQ(of_backend("httpBodyMutation: {set: [{path: a.*, value: '{x'}, {path: b, value: '{x}'}], remove: [a..b]}"),
            "c.yaml:1:78: error: backends[0].httpBodyMutation.set[0].path: a path has no * here: write it as \\* "
            "where it is part of a name\n"
            "c.yaml:1:114: error: backends[0].httpBodyMutation.set[1].value: looks like JSON and is none; a text is "
            "put in double quotes\n"
            "c.yaml:1:132: error: backends[0].httpBodyMutation.remove[0]: a path with an empty name\n");
}

TEST(LoadFilter, ExpressionsAreTriedWhenTheyAreLoaded) {
  const auto of_cel = [](const std::string& cel) {
    return diagnosed("globalLLMRequestCosts: [{metadataKey: a, type: CEL, cel: '" + cel + "'}]");
  };
  const std::string at = "c.yaml:1:58: error: globalLLMRequestCosts[0].cel: ";
  EXPECT_EQ(of_cel("input_tokens * 2u"), "");
  EXPECT_EQ(of_cel("dyn(1)"), "");
  EXPECT_EQ(of_cel("input_tokens * 2"),
            at + "column 14: nothing fits operands of types uint and int\n");
  EXPECT_EQ(of_cel("1.5"), at + "a cost is a uint or an int, and this is a double\n");
  EXPECT_EQ(of_cel("total_tokens / input_tokens"),
            at + "tried on a request of no tokens it gives an error: division by zero\n");
  EXPECT_EQ(of_cel("-1"), at + "tried on a request of no tokens it gives a negative number\n");
  EXPECT_EQ(of_cel("dyn(1.5)"), at + "tried on a request of no tokens it gives not a whole number\n");
}

TEST(LoadPrices, ATierMayCountFromSoManyTokens) {
  const auto above = [](uint64_t tokens) {
    return diagnosed("prices: {models: [{model: m, input: 1, tiers: [{above: " + std::to_string(tokens) +
                     ", input: 2}]}]}");
  };
  EXPECT_EQ(above(limits::price_above_max), "");
  EXPECT_NE(above(limits::price_above_max + 1).find("above: expected a whole number from 1 to 1125899906842624"),
            std::string::npos);
}

TEST(LoadPrices, EveryProblemIsNamed) {
  EXPECT_EQ(diagnosed("prices: {models: [{model: m, input: 2.5, output: \"10\"}]}"), "");
  EXPECT_EQ(diagnosed("prices: {file: p.yaml, metadataKey: k}"), "");
  const std::string expected =
      "expected a price for a million tokens as in 2.50, with up to 6 decimals and at most 1000000\n";
  EXPECT_EQ(diagnosed(R"(prices:
  currency: ''
  models:
  - {model: 'a*b', input: 1e3, from: yesterday}
  - {model: m}
  - {input: 0.0000001, request: -1, cachedInput: true}
  - model: t
    input: 1
    tiers:
    - {above: 5, input: 2}
    - {above: 5, input: 3}
    - {input: 3}
    - {above: 7}
)"),
"c.yaml:2:13: error: prices.currency: may not be empty\n"
            "c.yaml:4:13: error: prices.models[0].model: a * may only stand at the end; got \"a*b\"\n"
            "c.yaml:4:27: error: prices.models[0].input: " +
                expected +
                "c.yaml:4:38: error: prices.models[0].from: expected a time as in \"2026-01-31T09:00:00Z\";"
            " got \"yesterday\"\n"
            "c.yaml:5:5: error: prices.models[1]: a model without a price\n"
            "c.yaml:6:5: error: prices.models[2].model: missing\n"
            "c.yaml:6:13: error: prices.models[2].input: " +
                expected +
                "c.yaml:6:33: error: prices.models[2].request: expected a price as in 0.001, with up to 12 "
            "decimals and at most 1000000\n"
            "c.yaml:6:50: error: prices.models[2].cachedInput: " +
                expected +
                "c.yaml:11:15: error: prices.models[3].tiers[1].above: tiers have to go upwards\n"
            "c.yaml:12:7: error: prices.models[3].tiers[2].above: missing\n"
            "c.yaml:13:7: error: prices.models[3].tiers[3]: a tier without a price\n");
  EXPECT_EQ(diagnosed("prices: {file: p, currency: USD, models: []}"),
            "c.yaml:1:29: error: prices.currency: stands in the file where one is named\n"
            "c.yaml:1:42: error: prices.models: stands in the file where one is named\n");
  EXPECT_EQ(diagnosed("prices: {}"), "c.yaml:1:9: error: prices.models: missing\n");
}

TEST(Load, TheTableOfWhatIsNotActedOnNamesOnlyWhatThereIs) {
  for (const Bytes feature : kNotActedOn) {
    bool known = feature == "mcpConfig";
    for (const Bytes word : kSchemaWords) known = known || feature == "schema " + std::string(word);
    for (const Bytes word : kAuthWords) known = known || feature == "auth " + std::string(word);
    EXPECT_TRUE(known) << feature;
  }
}

}  // namespace
}  // namespace aigw::config
