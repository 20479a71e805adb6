// Prints the Converse bodies of all small conversations, and those that have them counted, a line of
// JSON each, for a judge that we did not write (test_converse_model.py): {"name":…,"body":…} or
// {"name":…,"refused":…}, and {"name":…,"count":…}.
#include <cstdio>
#include <set>
#include <string>

#include "chat/testing/small_conversations.h"
#include "dialect/bedrock_converse/encode_request.h"
#include "json/writer.h"

namespace aigw {
namespace {

using chat::Block;
using chat::CachePoint;
using chat::Conversation;
using chat::testing::Phrase;
using chat::testing::Setting;
using chat::testing::SmallAlphabet;
using dialect::bedrock_converse::RequestOptions;

class Printer {
 public:
  void operator()(const Conversation& conversation) { print(conversation, "messages", {}); }
  void operator()(const Conversation& conversation, Bytes one, Bytes other) {
    const std::string name = std::string(one) + " + " + std::string(other);
    print(conversation, name, {});
    print(conversation, name, {RequestOptions::Effort::output_config});
  }

 private:
  void print(const Conversation& conversation, Bytes name, const RequestOptions& options) {
    Arena arena(1 << 20);
    chat::Drops drops(arena);
    std::string body;
    const Result<void> result = encode_request(conversation, options, arena, drops, body);
    result ? write(name, "body", body, true) : write(name, "refused", result.error().message, false);
    std::string count;
    if (dialect::bedrock_converse::encode_count_request(conversation, arena, drops, count)) {
      write(name, "count", count, true);
    }
  }

  void write(Bytes name, Bytes what, Bytes value, bool raw) {
    std::string line;
    json::Writer writer(line);
    writer.begin_object();
    writer.member("name", name);
    raw ? writer.member_raw(what, value) : writer.member(what, value);
    writer.end_object();
    writer.finish();
    // Different conversations may have one body.
    if (printed_.insert(line).second) std::printf("%s\n", line.c_str());
  }

  std::set<std::string> printed_;
};

SmallAlphabet alphabet() {
  static const std::vector<Block>& in_result = *new std::vector<Block>{
      chat::Text{"18 °C"}, chat::Image{{.data = "iVBO", .media_type = "image/png"}},
      chat::File{{.data = "JVBE", .media_type = "application/pdf"}, "a.pdf"}, CachePoint{}};
  const std::span<const Block> content(in_result);
  SmallAlphabet small;
  small.system = {{chat::Text{"Be brief."}}, {chat::Text{""}, chat::Text{"x"}, CachePoint{"1h"}}};
  small.user = {{chat::Text{"hi"}},
                {chat::Text{""}},
                {chat::Text{"a"}, CachePoint{}},
                {chat::Image{{.data = "/9j/", .media_type = "image/jpeg"}}},
                {chat::Image{{chat::Source::Kind::url, "https://x/y.png", {}}}},
                {chat::File{{.data = "JVBE", .media_type = "application/pdf"}, "r_1.pdf", "c",
                            R"({"enabled":true})"}},
                {chat::File{{chat::Source::Kind::text, "words", {}}}},
                {chat::Audio{{.data = "UklG", .media_type = "audio/wav"}}},
                {chat::Opaque{"video_url", "{}"}}};
  small.assistant = {{chat::Text{"well"}},
                     {chat::Text{""}},
                     {chat::Reasoning{.text = "hm", .signature = "S"}},
                     {chat::Reasoning{.redacted = "c2VjcmV0"}},
                     {chat::ToolCall{"t1", "look", R"({"a":[1,{"b":null}]})"}},
                     {chat::ToolCall{"t2", "time"}, CachePoint{"1h"}},
                     {chat::ToolCall{"t3", "f", "{"}}};
  small.results = {{chat::ToolResult{"t1", content, true}},
                   {chat::ToolResult{"t1", {}}, chat::ToolResult{"t2", content, false}}};
  small.system_between = true;
  return small;
}

const chat::Tool kTools[] = {
    {.name = "look", .description = "Looks.", .schema = R"({"type":"object"})", .strict = true,
     .cache = CachePoint{}},
    {.name = "time", .description = "", .strict = false},
    {.kind = chat::Tool::Kind::freeform, .name = "free"},
    {.kind = chat::Tool::Kind::opaque, .name = "web", .schema = "{}"}};
const chat::Tool kOpaqueTools[] = {{.kind = chat::Tool::Kind::opaque, .name = "web"}};
constexpr Bytes kStop[] = {"END", ""};
constexpr Bytes kEmptyStop[] = {""};

void choose(Conversation& to, chat::ToolChoice choice) {
  to.tools = kTools;
  to.tool_choice = choice;
}

const Setting kSettings[] = {
    {"nothing", [](Conversation&) {}},
    {"max_tokens", [](Conversation& to) { to.sampling.max_tokens = 99; }},
    {"temperature", [](Conversation& to) { to.sampling.temperature = "0.70"; }},
    {"top_p", [](Conversation& to) { to.sampling.top_p = "1"; }},
    {"top_k", [](Conversation& to) { to.sampling.top_k = "40"; }},
    {"stop", [](Conversation& to) { to.sampling.stop_sequences = kStop; }},
    {"empty stop", [](Conversation& to) { to.sampling.stop_sequences = kEmptyStop; }},
    {"n 2", [](Conversation& to) { to.sampling.answers = 2; }},
    {"seed", [](Conversation& to) { to.sampling.seed = "7"; }},
    {"tools", [](Conversation& to) { to.tools = kTools; }},
    {"opaque tools", [](Conversation& to) { to.tools = kOpaqueTools; }},
    {"choice auto",
     [](Conversation& to) { choose(to, {.mode = chat::ToolChoice::Mode::automatic}); }},
    {"choice any", [](Conversation& to) { choose(to, {.mode = chat::ToolChoice::Mode::required}); }},
    {"choice none", [](Conversation& to) { choose(to, {.mode = chat::ToolChoice::Mode::none}); }},
    {"choice named",
     [](Conversation& to) {
       choose(to, {.mode = chat::ToolChoice::Mode::named, .name = "look"});
     }},
    {"thinking",
     [](Conversation& to) {
       to.reasoning = {.mode = chat::ReasoningRequest::Mode::enabled, .budget_tokens = 1024};
     }},
    {"adaptive",
     [](Conversation& to) {
       to.reasoning = {.mode = chat::ReasoningRequest::Mode::adaptive, .display = "omitted"};
     }},
    {"effort", [](Conversation& to) { to.reasoning.effort = "high"; }},
    {"schema",
     [](Conversation& to) {
       to.output = {.kind = chat::OutputFormat::Kind::json_schema, .name = "n",
                    .description = "d", .schema = R"({"type":"object"})"};
     }},
    {"json_object",
     [](Conversation& to) { to.output.kind = chat::OutputFormat::Kind::json_object; }},
    {"guided_choice", [](Conversation& to) { to.output.kind = chat::OutputFormat::Kind::choice; }},
    {"tier", [](Conversation& to) { to.service_tier = "flex"; }},
    {"tier auto", [](Conversation& to) { to.service_tier = "auto"; }},
};

void print_all() {
  Printer printer;
  Conversation base;
  base.language = "any";
  for_each_small_conversation(alphabet(), base, printer);

  const std::vector<Block> hi = {chat::Text{"hi"}};
  const std::vector<Block> call = {chat::ToolCall{"t1", "look", "{}"}};
  const std::vector<Block> result = {chat::ToolResult{"t1", std::span<const Block>(hi)}};
  const chat::Message messages[] = {{chat::Role::user, std::span<const Block>(hi)},
                                    {chat::Role::assistant, std::span<const Block>(call)},
                                    {chat::Role::user, std::span<const Block>(result)}};
  for (size_t count : {1, 3}) {
    base.messages = std::span(messages).first(count);
    for_each_setting(kSettings, base, printer);
  }
}

}  // namespace
}  // namespace aigw

int main() {
  aigw::print_all();
  return 0;
}
