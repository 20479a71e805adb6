#include "drivers/threads/stories.h"

#include <bit>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "drivers/compare.h"

namespace aigw::tests {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeySize = 40;

std::atomic<uint64_t> wrong{0};

Message json_answer(const std::string& body, int status = 200) {
  Message answer;
  answer.status = status;
  answer.head = {{"content-type", "application/json"}};
  answer.body = body;
  return answer;
}

void check_sent(const Story& story, const Sent& sent, Seen& seen) {
  const std::string authorization = value_of(sent.headers, "authorization");
  if (value_of(sent.headers, ":path") != story.path)
    fail("sent to " + value_of(sent.headers, ":path"));
  if (!authorization.starts_with(story.key_begins))
    return fail(story.told.backends.back() + " got no credential");
  if (story.fetches) seen.tokens.fetch_add(1, std::memory_order_relaxed);
  if (!story.rotates) return;
  const std::string rest = authorization.substr(story.key_begins.size());
  if (rest.size() != kKeySize || rest.find_first_not_of(rest[0]) != std::string::npos)
    return fail("a torn key: " + rest);
  const std::string& backend = story.told.backends.back();
  (backend == "delivered" ? seen.delivered : seen.keys)
      .fetch_or(1u << (rest[0] - 'a'), std::memory_order_relaxed);
  if (backend != "plain") return;
  const bool first = sent.body.find("\"model-0\"") != std::string::npos;
  if (!first && sent.body.find("\"model-1\"") == std::string::npos)
    fail("another model: " + sent.body);
  seen.models.fetch_or(first ? 1 : 2, std::memory_order_relaxed);
}

}  // namespace

const char* const kDelivered = R"(
- name: delivered
  schema: {name: OpenAI}
  auth: {apiKey: {sdsSecret: provider}}
)";

void fail(const std::string& what) {
  if (wrong.fetch_add(1) < 20) std::cout << what + "\n" << std::flush;
}

uint64_t failures() { return wrong.load(); }

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "aigw-threads-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  path_ = name;
}

Folder::~Folder() { fs::remove_all(path_); }

void Folder::replace(const std::string& name, const std::string& text) const {
  std::ofstream(at(name + ".new")) << text;
  fs::rename(at(name + ".new"), at(name));
}

std::string key(int number) { return std::string(kKeySize, static_cast<char>('a' + number % 26)); }

void write_files(const Folder& folder, const std::string& service, int number,
                 const std::string& more) {
  folder.replace("key", key(number) + "\n");
  folder.replace("aws", "[default]\naws_access_key_id = AKID" + std::to_string(number) +
                            "\naws_secret_access_key = " + key(number) + "\n");
  folder.replace("proof", std::to_string(number));
  folder.replace("document", R"(
globalLLMRequestCosts: [{metadataKey: total, type: TotalToken}]
backends:
- name: plain
  modelNameOverride: model-)" + std::to_string(number % 2) +
                                 R"(
  schema: {name: OpenAI}
  auth: {apiKey: {keyFile: )" + folder.at("key") +
                                 R"(}}
- name: other
  schema: {name: OpenAI, prefix: other}
  auth: {apiKey: {keyFile: )" + folder.at("key") +
                                 R"(}}
- name: bedrock
  schema: {name: AWSBedrock}
  auth: {aws: {region: us-east-1, credentialFile: )" +
                                 folder.at("aws") + R"(}}
- name: azure
  schema: {name: AzureOpenAI, version: v1}
  auth: {azure: {tenantID: t, clientID: c, federatedTokenFile: )" +
                                 folder.at("proof") + R"(, authorityHost: ")" + service + R"("}}
)" + more);
}

Story story(const std::string& path, const std::string& request,
            const std::vector<std::string>& backends, const std::vector<Message>& answers) {
  Story one;
  one.told.method = "POST";
  one.told.path = path;
  one.told.client_request.body = request;
  one.told.backends = backends;
  for (size_t i = 0; i < answers.size(); ++i) one.told.upstream_responses[i + 1] = answers[i];
  one.told.client_response = answers.empty() ? Message{} : answers.back();
  return one;
}

std::vector<Story> all_stories(bool delivered) {
  const std::string usage = R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})";
  const std::string chat = R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})";
  const Message answered = json_answer(
      R"({"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop","message":)"
      R"({"role":"assistant","content":"Hello"}}],)" +
      usage + "}");
  Message events;
  events.status = 200;
  events.head = {{"content-type", "text/event-stream"}};
  events.body =
      "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: "
      "{\"choices\":[]," +
      usage + "}\n\ndata: [DONE]\n\n";
  const std::string streamed =
      R"({"stream":true,"stream_options":{"include_usage":true},"messages":[],"model":"m"})";

  std::vector<Story> all;
  all.push_back(story("/v1/chat/completions", chat, {"plain"}, {answered}));
  all.back().path = "/v1/chat/completions";
  all.push_back(story("/v1/chat/completions", streamed, {"plain"}, {events}));
  all.back().path = "/v1/chat/completions";
  all.push_back(
      story("/v1/chat/completions", chat, {"plain", "other"}, {json_answer("{}", 503), answered}));
  all.back().path = "/other/chat/completions";
  if (delivered) {
    all.push_back(story("/v1/chat/completions", chat, {"delivered"}, {answered}));
    all.back().path = "/v1/chat/completions";
  }
  for (Story& one : all) {
    one.key_begins = "Bearer ";
    one.rotates = true;
  }
  all.push_back(story("/v1/chat/completions", chat, {"azure"}, {answered}));
  all.back().path = "/openai/deployments/m/chat/completions?api-version=v1";
  all.back().key_begins = "Bearer token-";
  all.back().fetches = true;
  all.push_back(story(
      "/anthropic/v1/messages",
      R"({"model":"m","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]})", {"bedrock"},
      {json_answer(R"({"output":{"message":{"role":"assistant","content":[{"text":"Hello"}]}},)"
                   R"("stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":2,)"
                   R"("totalTokens":3}})")}));
  all.back().path = "/model/m/converse";
  all.back().key_begins = "AWS4-HMAC-SHA256 Credential=AKID";
  all.back().told.client_response.body.clear();  // translated: see check()
  all.push_back(story("/v1/chat/completions", R"({"messages":[]})", {"plain"}, {}));
  all.back().told.client_response.status = 400;
  return all;
}

void check(const Story& story, const Outcome& outcome, Seen& seen) {
  seen.requests.fetch_add(1, std::memory_order_relaxed);
  const Message& told = story.told.client_response;
  const std::string what = story.told.path + " to " + story.told.backends.back() + ": ";
  // As long as a configuration is new, and the token service slow.
  const bool early = story.fetches && outcome.status == 503 &&
                     outcome.body.find("has no token for this backend yet") != std::string::npos;
  if (early) {
    seen.early.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (outcome.cut || outcome.status != told.status) {
    return fail(what + std::to_string(outcome.status) + (outcome.cut ? " cut " : " ") +
                outcome.body);
  }
  if (!told.body.empty() && outcome.body != told.body) fail(what + outcome.body);
  if (told.body.empty() && told.status == 200 &&
      outcome.body.find("\"text\":\"Hello\"") == std::string::npos) {
    fail(what + outcome.body);
  }
  if (outcome.sent.size() != (story.path.empty() ? 0 : story.told.backends.size())) {
    return fail(what + std::to_string(outcome.sent.size()) + " attempts");
  }
  if (!outcome.sent.empty()) check_sent(story, outcome.sent.back(), seen);
}

Sum sum_of(std::span<const Seen> all) {
  Sum sum;
  uint32_t keys = 0, delivered = 0;
  for (const Seen& seen : all) {
    sum.requests += seen.requests.load(std::memory_order_relaxed);
    sum.tokens += seen.tokens.load(std::memory_order_relaxed);
    sum.early += seen.early.load(std::memory_order_relaxed);
    sum.models |= seen.models.load(std::memory_order_relaxed);
    keys |= seen.keys.load(std::memory_order_relaxed);
    delivered |= seen.delivered.load(std::memory_order_relaxed);
  }
  sum.keys = std::popcount(keys);
  sum.delivered = std::popcount(delivered);
  return sum;
}

}  // namespace aigw::tests
