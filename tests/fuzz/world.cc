#include "fuzz/world.h"

#include <algorithm>

#include "config/compile.h"
#include "config/load.h"
#include "credential/store.h"

namespace aigw::fuzz {
namespace {

constexpr Bytes kConfig = R"(
globalLLMRequestCosts:
  - {metadataKey: input, type: InputToken}
  - {metadataKey: output, type: OutputToken}
  - {metadataKey: total, type: TotalToken}
  - {metadataKey: cached, type: CachedInputToken}
models:
  - {name: gpt, ownedBy: us, createdAt: 2025-01-01T00:00:00Z}
backends:
  - {name: openai, schema: {name: OpenAI}, auth: {apiKey: {key: sk-1}}}
  - {name: openai-chat, schema: {name: OpenAIChat}, modelNameOverride: "quo\"ted", auth: {apiKey: {key: sk-2}}}
  - {name: openai-responses, schema: {name: OpenAIResponses}, auth: {apiKey: {key: sk-3}}}
  - {name: azure, schema: {name: AzureOpenAI, version: 2025-01-01-preview}, auth: {azureAPIKey: {key: az}}}
  - {name: anthropic, schema: {name: Anthropic}, modelNameOverride: claude, auth: {anthropicAPIKey: {key: sk-ant}}}
  - {name: vertex, schema: {name: GCPVertexAI}, auth: {gcp: {region: r, projectName: p, accessToken: t}}}
  - {name: gcp-anthropic, schema: {name: GCPAnthropic}, auth: {gcp: {region: r, projectName: p, accessToken: t}}}
  - {name: gemini, schema: {name: GeminiAPI}, auth: {apiKey: {key: g}}}
  - {name: cohere, schema: {name: Cohere}, auth: {apiKey: {key: co}}}
  - name: bedrock
    schema: {name: AWSBedrock}
    auth: &aws
      aws:
        region: us-east-1
        credentialFileLiteral: |
          [default]
          aws_access_key_id = AKIDCASES
          aws_secret_access_key = wJalrXUtnFEMIcasesK7MDENGbPxRfiCY
  - {name: aws-anthropic, schema: {name: AWSAnthropic}, auth: *aws}
)";

constexpr Bytes kBackends[] = {"openai",    "openai-chat", "openai-responses", "azure",
                               "anthropic", "vertex",      "gemini",           "gcp-anthropic",
                               "bedrock",   "cohere",      "aws-anthropic"};

constexpr Bytes kPaths[] = {"/v1/chat/completions",
                            "/anthropic/v1/messages",
                            "/v1/responses",
                            "/v1beta/models/gemini-2.5-pro:streamGenerateContent",
                            "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
                            "/v1beta/models/gemini-2.5-pro:generateContent",
                            "/v1/completions",
                            "/v1/embeddings",
                            "/v1/responses/input_tokens",
                            "/v1/images/generations",
                            "/v1/audio/speech",
                            "/v1/audio/transcriptions",
                            "/tokenize",
                            "/cohere/v2/rerank",
                            "/anthropic/v1/messages/count_tokens",
                            "/model/claude/converse",
                            "/model/claude/converse-stream",
                            "/v1/nothing"};

constexpr Bytes kAnswerTypes[] = {
    "application/json", "text/event-stream", "application/vnd.amazon.eventstream",
    "text/html",        "audio/mpeg",        "application/json; charset=utf-8"};

constexpr int kStatuses[] = {200, 200, 200, 200, 400, 404, 429, 500, 503, 204, 0};

tests::Message pick_answer(Input& input) {
  tests::Message answer;
  answer.status = kStatuses[input.below(std::size(kStatuses))];
  const uint8_t flags = input.byte();
  if (flags % 8 == 7) answer.coding = "gzip";
  answer.reset = flags / 8 % 8 == 7;
  answer.head.push_back(
      {"content-type", std::string(kAnswerTypes[input.below(std::size(kAnswerTypes))])});
  if (!answer.coding.empty()) answer.head.push_back({"content-encoding", "gzip"});
  return answer;
}

// The place of the item for which `fits` holds, or 0.
template <class Table, class Fits>
char place_in(const Table& table, Fits&& fits) {
  const auto found = std::find_if(std::begin(table), std::end(table), fits);
  return found == std::end(table) ? '\0' : static_cast<char>(found - std::begin(table));
}

char path_place(const std::string& path) {
  // The model in a path of Gemini's or of Converse's is another one here.
  const auto tail = [](Bytes text) {
    const size_t converse = text.rfind("/converse");
    const size_t verb = converse != Bytes::npos ? converse : text.rfind(':');
    return text.substr(verb == Bytes::npos ? 0 : verb);
  };
  return place_in(kPaths, [&](Bytes known) { return tail(known) == tail(path); });
}

char type_place(const tests::Message& answer) {
  const tests::HeadLine* type = answer.find("content-type");
  return place_in(kAnswerTypes,
                  [&](Bytes known) { return type != nullptr && known == type->value; });
}

}  // namespace

std::shared_ptr<const config::Config> gateway_config() {
  static const auto& config = *new std::shared_ptr<const config::Config>([] {
    const config::Loaded loaded = config::load_text(kConfig, "world", {});
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
      std::fprintf(stderr, "%s\n", config::to_string(diagnostic).c_str());
    }
    require(loaded.ok(), "the harness's own configuration is wrong");
    static credential::Store& store = *new credential::Store();
    auto compiled = config::compile(loaded.document.filter, store);
    require(compiled.has_value(), "the harness's own configuration does not compile");
    return *compiled;
  }());
  return config;
}

std::shared_ptr<const endpoint::Table> gateway_endpoints() {
  static const auto& table = *new std::shared_ptr<const endpoint::Table>(
      std::make_shared<const endpoint::Table>(endpoint::Prefixes{}));
  return table;
}

tests::Case pick_case(Input& input) {
  tests::Case story;
  story.method = "POST";
  story.path = kPaths[input.below(std::size(kPaths))];
  const size_t backends = 1 + input.below(2);
  for (size_t number = 1; number <= backends; ++number) {
    story.backends.emplace_back(kBackends[input.below(std::size(kBackends))]);
    story.upstream_responses[number] = pick_answer(input);
  }
  const uint8_t flags = input.byte();
  if (flags % 2 == 1) story.client_request.head.push_back({"accept-encoding", "gzip"});
  if (story.path.ends_with("transcriptions")) {
    story.client_request.head.push_back({"content-type", "multipart/form-data; boundary=xyz"});
  }
  story.client_request.body = input.front();
  for (size_t number = 1; number <= backends; ++number)
    story.upstream_responses[number].body = input.front();
  return story;
}

std::string input_of(const tests::Case& story, const std::vector<config::SchemaName>& schemas) {
  std::string decisions{path_place(story.path)};
  std::string bodies = story.client_request.body + '\xff';
  const size_t backends = std::clamp<size_t>(schemas.size(), 1, 2);
  decisions += static_cast<char>(backends - 1);
  for (size_t number = 1; number <= backends; ++number) {
    const config::SchemaName schema =
        number <= schemas.size() ? schemas[number - 1] : config::SchemaName::openai;
    decisions += place_in(kBackends, [&](Bytes name) {
      return gateway_config()->find_backend(name)->schema == schema;
    });
    const auto answer = story.upstream_responses.find(number);
    const tests::Message nothing;
    const tests::Message& message =
        answer == story.upstream_responses.end() ? nothing : answer->second;
    decisions += place_in(kStatuses, [&](int status) { return status == message.status; });
    decisions += static_cast<char>((message.coding == "gzip" ? 7 : 0) + (message.reset ? 56 : 0));
    decisions += type_place(message);
    bodies += message.body + '\xff';
  }
  decisions += '\1';
  std::reverse(decisions.begin(), decisions.end());
  return bodies + decisions;
}

}  // namespace aigw::fuzz
