#include "drivers/compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <sstream>
#include <vector>

#include "wire/eventstream.h"

namespace aigw::tests {
namespace {

bool is_among(const Headers& headers, const std::string& name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return header.first == name; });
}

std::string dump(const Headers& headers) {
  std::string out;
  for (const auto& [name, value] : headers) out += "  " + name + ": " + value + "\n";
  return out;
}

void compare_head(const Message& expected, const Headers& got, const std::string& what) {
  for (const HeadLine& line : expected.head) {
    const std::pair<std::string, std::string> header(line.name, line.value);
    if (line.absent) {
      EXPECT_FALSE(is_among(got, line.name)) << what << ": " << line.name << " must not be there\n"
                                             << dump(got);
    } else {
      const bool there = line.any ? is_among(got, line.name)
                                  : std::find(got.begin(), got.end(), header) != got.end();
      EXPECT_TRUE(there) << what << ": expected " << line.name << ": " << line.value << "\n"
                         << dump(got);
    }
  }
}

void compare_length(const Headers& headers, const std::string& body, const std::string& what) {
  for (const auto& [name, value] : headers) {
    if (name != "content-length") continue;
    EXPECT_EQ(value, std::to_string(body.size())) << what;
  }
}

// Signs what was sent once more, as AWS does it, and compares.
void verify_signature(const Sent& sent, const World& world, const std::string& what) {
  const std::string authorization = value_of(sent.headers, "authorization");
  const std::string begin = "AWS4-HMAC-SHA256 Credential=";
  if (!authorization.starts_with(begin)) return;
  for (const AwsKey& key : world.keys) {
    if (!authorization.starts_with(begin + key.credentials.access_key_id + "/")) continue;
    const std::string method = value_of(sent.headers, ":method");
    const std::string host = value_of(sent.headers, ":authority");
    const std::string path = value_of(sent.headers, ":path");
    host::aws::Credentials credentials = key.credentials;
    credentials.session_token = Secret(value_of(sent.headers, "x-amz-security-token"));
    host::aws::SigningKey signing_key;
    const host::aws::Signature expected = host::aws::sign(
        credentials, key.region, {method, host, path, crypto::sha256(sent.body), {}},
        static_cast<int64_t>(clock()), signing_key);
    EXPECT_EQ(authorization, expected.authorization) << what;
    EXPECT_EQ(value_of(sent.headers, "x-amz-date"), expected.date) << what;
    return;
  }
  ADD_FAILURE() << what << ": signed by a key that nondeterministic.txt does not name";
}

void compare_sent(const Case& story, const Sent& sent, size_t number) {
  const std::string what = "attempt " + std::to_string(number);
  const auto found = story.upstream_requests.find(number);
  const Headers client = client_headers(story);
  for (const auto& [name, value] : sent.headers) {
    const bool known =
        is_among(client, name) ||
        std::find(std::begin(kCarrierHeaders), std::end(kCarrierHeaders), name) !=
            std::end(kCarrierHeaders) ||
        (found != story.upstream_requests.end() && found->second.find(name) != nullptr);
    EXPECT_TRUE(known || found == story.upstream_requests.end())
        << what << ": nobody named the header " << name << ": " << value;
    EXPECT_FALSE(name.starts_with("x-ai-eg-")) << what << ": " << name << " reached the provider";
  }
  EXPECT_TRUE(is_among(sent.headers, "content-length") || story.method == "GET") << what;
  compare_length(sent.headers, sent.body, what);
  if (found == story.upstream_requests.end()) return;
  const Message& expected = found->second;
  Message line;
  line.head = {{":method", expected.method}, {":path", expected.path}};
  compare_head(line, sent.headers, what);
  compare_head(expected, sent.headers, what);
  EXPECT_EQ(sent.body, expected.body) << what;
}

// After the end, an access log sees the client's own headers and Envoy's, and nothing of a
// provider's.
void compare_request_at_end(const Case& story, const Headers& got) {
  const Headers client = client_headers(story);
  for (const auto& [name, value] : got) {
    const bool carriers = std::find(std::begin(kCarrierHeaders), std::end(kCarrierHeaders), name) !=
                          std::end(kCarrierHeaders);
    if (carriers || name.starts_with("x-ai-eg-")) continue;
    const std::pair<std::string, std::string> header(name, value);
    EXPECT_NE(std::find(client.begin(), client.end(), header), client.end())
        << "left behind after the end: " << name << ": " << value;
  }
  for (const auto& [name, value] : client) {
    const std::pair<std::string, std::string> header(name, value);
    // It stands for the filter that has authenticated the client, where the configuration says that there is one.
    const bool authenticated = story.config && story.config->find("clientRules") != std::string::npos;
    if (name == "x-ai-eg-client" && authenticated) continue;
    if (name.starts_with("x-ai-eg-") || name == "x-envoy-original-path" ||
        name == "x-gateway-destination-endpoint") {
      EXPECT_EQ(std::find(got.begin(), got.end(), header), got.end())
          << "the client's own " << name << " was believed";
    } else {
      EXPECT_NE(std::find(got.begin(), got.end(), header), got.end())
          << "lost after the end: " << name << ": " << value << "\n"
          << dump(got);
    }
  }
}

std::string join(const std::set<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

void compare_effects(const Case& story, const Outcome& outcome, const World& world) {
  EXPECT_EQ(outcome.sent.size(), story.attempts.value_or(outcome.sent.size()));
  EXPECT_EQ(outcome.model, story.model.value_or(outcome.model));
  EXPECT_EQ(join(outcome.dropped), join(story.dropped)) << "what translations dropped";
  if (story.metadata) {
    std::map<std::string, std::string> got = outcome.metadata;
    for (const std::string& key : world.ignored_metadata) got.erase(key);
    EXPECT_EQ(got, *story.metadata);
  }
}

// With 0 in the place of each duration.
std::string settle_members(std::string text, const World& world) {
  for (const std::string& member : world.durations) {
    const std::string name = '"' + member + "\":";
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const size_t begin = at + name.size();
      text.replace(begin, text.find_first_not_of("0123456789", begin) - begin, "0");
    }
  }
  return text;
}

// Messages of an AWS event stream, written anew with their durations settled.
class Settle final : public wire::EventStreamSink {
 public:
  explicit Settle(const World& world) : world_(world) {}
  void on_message(const wire::EventMessage& message) override {
    std::vector<wire::EventHeader> headers;
    wire::EventHeaderReader reader(message.headers);
    while (const std::optional<wire::EventHeader> header = reader.next()) headers.push_back(*header);
    wire::append_event(text, headers, settle_members(std::string(message.payload), world_));
  }
  std::string text;

 private:
  const World& world_;
};

}  // namespace

std::string settled(const std::string& body, const std::string& stated, const World& world) {
  if (body == stated) return body;
  const std::string plain = settle_members(body, world);
  if (plain == body || body.starts_with('{')) return plain;
  Settle sink(world);
  wire::EventStreamDecoder decoder;
  return decoder.feed(body, sink) ? sink.text : plain;
}

std::string value_of(const Headers& headers, const std::string& name) {
  for (const auto& header : headers) {
    if (header.first == name) return header.second;
  }
  return {};
}

void compare(const Case& story, const Outcome& outcome, const World& world) {
  if (story.upstream_responses.empty() && story.upstream_requests.empty()) {
    EXPECT_EQ(outcome.sent.size(), 0u) << "nothing may reach a provider";
  }
  for (size_t i = 0; i < outcome.sent.size(); ++i) {
    compare_sent(story, outcome.sent[i], i + 1);
    verify_signature(outcome.sent[i], world, "attempt " + std::to_string(i + 1));
  }
  const Message& expected = story.client_response;
  EXPECT_EQ(outcome.status, expected.status);
  compare_head(expected, outcome.headers, "client.response");
  compare_length(outcome.headers, outcome.body, "client.response");
  EXPECT_EQ(settled(decompress(expected.coding, outcome.body), expected.body, world), expected.body);
  EXPECT_EQ(outcome.cut, expected.cut);
  compare_effects(story, outcome, world);
  compare_request_at_end(story, outcome.request_at_end);
}

void read_nondeterministic(const std::string& path, World& world) {
  std::istringstream in(read_text_file(path));
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string kind;
    std::string first;
    fields >> kind >> first;
    if (kind == "metadata") {
      world.ignored_metadata.insert(first);
    } else if (kind == "duration") {
      world.durations.insert(first);
    } else if (kind == "time") {
      uint64_t seconds = 0;
      fields >> seconds;
      set_clock(seconds);
    } else if (kind == "key") {
      AwsKey key;
      key.credentials.access_key_id = first;
      std::string secret;
      fields >> secret >> key.region;
      key.credentials.secret_access_key = Secret(secret);
      world.keys.push_back(key);
    }
  }
}

// The path below the folder of the cases, with points between its parts and without the ending.
std::string name_of(const std::filesystem::path& path, const std::filesystem::path& cases) {
  std::string name = path.lexically_relative(cases).replace_extension().generic_string();  // asks no file system
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

}  // namespace aigw::tests
