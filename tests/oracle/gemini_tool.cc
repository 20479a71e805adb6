// Prints Gemini bodies of all small conversations, and answers for Gemini's clients, a line of JSON
// each, for a judge that we did not write (test_gemini_types.py): {"name":…,"model":…,"body":…},
// {"name":…,"model":…,"refused":…}, {"name":…,"model":…,"count":…} or {"name":…,"answer":…}.
#include <cstdio>
#include <set>
#include <string>

#include "chat/fold.h"
#include "chat/testing/small_conversations.h"
#include "dialect/gemini/encode_answer.h"
#include "dialect/gemini/encode_request.h"
#include "json/writer.h"

namespace aigw {
namespace {

using chat::Block;
using chat::Conversation;
using chat::testing::Phrase;
using chat::testing::Setting;
using chat::testing::SmallAlphabet;

constexpr Bytes kModels[] = {"gemini-1.5-pro", "gemini-2.5-pro", "gemini-3-flash"};

class Printer {
 public:
  void operator()(const Conversation& conversation) { print(conversation, "messages", kModels[1]); }
  void operator()(const Conversation& conversation, Bytes one, Bytes other) {
    const std::string name = std::string(one) + " + " + std::string(other);
    for (Bytes model : kModels) print(conversation, name, model);
  }

  void print(const Conversation& conversation, Bytes name, Bytes model) {
    Arena arena(1 << 20);
    chat::Drops drops(arena);
    std::string body;
    const Result<void> result =
        dialect::gemini::encode_request(conversation, {.model = model}, arena, drops, body);
    write(name, model, result ? "body" : "refused", result ? body : result.error().message,
          result.has_value());
    std::string count;
    if (dialect::gemini::encode_count_request(conversation, {.model = model}, arena, drops, count)) {
      write(name, model, "count", count, true);
    }
  }

  void answer(const chat::Answer& answer) {
    Arena arena(1 << 20);
    chat::Drops drops(arena);
    std::string body;
    dialect::gemini::encode_answer(answer, {.model = "m"}, drops, body);
    write("answer", "", "answer", body, true);
  }

 private:
  void write(Bytes name, Bytes model, Bytes what, Bytes value, bool raw) {
    std::string line;
    json::Writer writer(line);
    writer.begin_object();
    writer.member("name", name);
    writer.member("model", model);
    raw ? writer.member_raw(what, value) : writer.member(what, value);
    writer.end_object();
    writer.finish();
    // Different conversations may have one body.
    if (printed_.insert(line).second) std::printf("%s\n", line.c_str());
  }

  std::set<std::string> printed_;
};

SmallAlphabet alphabet() {
  using Kind = chat::Source::Kind;
  static const std::vector<Block>& in_result = *new std::vector<Block>{
      chat::Text{"18 °C"}, chat::Image{{.data = "iVBO", .media_type = "image/png"}}};
  const std::span<const Block> content(in_result);
  SmallAlphabet small;
  small.system = {{chat::Text{"Be brief."}}, {chat::Text{""}, chat::Text{"x"}, chat::CachePoint{}}};
  small.user = {{chat::Text{"hi"}},
                {chat::Text{""}},
                {chat::Image{{.data = "/9j/", .media_type = "image/jpeg"}, "high"}},
                {chat::Image{{Kind::url, "https://x/y.png", {}}}},
                {chat::Image{{Kind::file_id, "f", {}}}},
                {chat::File{{.data = "JVBE", .media_type = "application/pdf"}, "r_1.pdf", "c"}},
                {chat::File{{Kind::text, "words", {}}}},
                {chat::Audio{{.data = "UklG", .media_type = "audio/wav"}}},
                {chat::Opaque{"video_url", "{}"}}};
  small.assistant = {{chat::Text{"well"}},
                     {chat::Text{.text = "no", .refusal = true}},
                     {chat::Reasoning{.text = "hm", .signature = "c2ln"}},
                     {chat::Reasoning{.redacted = "c2VjcmV0"}},
                     {chat::ToolCall{"t1", "look", R"({"a":[1,{"b":null}]})"}},
                     {chat::ToolCall{"t2", "time"}, chat::CachePoint{}},
                     {chat::ToolCall{"t3", "f", "{"}}};
  small.results = {{chat::ToolResult{"t1", content, true}},
                   {chat::ToolResult{"t1", {}}, chat::ToolResult{"t2", content, false}}};
  small.system_between = true;
  return small;
}

const chat::Tool kTools[] = {
    {.name = "look", .description = "Looks.",
     .schema = R"({"type":"object","properties":{"a":{"type":["string","null"],"maxLength":3},)"
               R"("b":{"anyOf":[{"type":"integer"},{"type":"null"}]},"c":{"$ref":"#/$defs/d"}},)"
               R"("$defs":{"d":{"type":"array","items":{"enum":["x"],"type":"string"}}},)"
               R"("required":["a"],"additionalProperties":false})",
     .strict = true},
    {.name = "time", .description = "", .strict = false},
    {.kind = chat::Tool::Kind::freeform, .name = "free"},
    {.kind = chat::Tool::Kind::opaque, .name = "google_search",
     .schema = R"({"type":"google_search","google_search":{"exclude_domains":["x"],)"
               R"("time_range_filter":{"start_time":"2025-01-01T00:00:00Z",)"
               R"("end_time":"2025-02-01T00:00:00Z"}}})"},
    {.kind = chat::Tool::Kind::opaque, .name = "enterprise_search", .schema = "{}"}};
constexpr Bytes kStop[] = {"END", ""};
constexpr chat::Extra kSafety[] = {
    {"safetySettings",
     R"([{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}])"},
    {"generationConfig", R"({"media_resolution":"MEDIA_RESOLUTION_LOW"})"}};

void choose(Conversation& to, chat::ToolChoice choice) {
  to.tools = kTools;
  to.tool_choice = choice;
}

using Format = chat::OutputFormat;
using Think = chat::ReasoningRequest::Mode;
using Choice = chat::ToolChoice::Mode;

const Setting kSettings[] = {
    {"nothing", [](Conversation&) {}},
    {"max_tokens", [](Conversation& to) { to.sampling.max_tokens = 99; }},
    {"temperature", [](Conversation& to) { to.sampling.temperature = "0.70"; }},
    {"top_p", [](Conversation& to) { to.sampling.top_p = "1"; }},
    {"top_k", [](Conversation& to) { to.sampling.top_k = "40"; }},
    {"penalties",
     [](Conversation& to) {
       to.sampling.presence_penalty = "0.5";
       to.sampling.frequency_penalty = "-1";
     }},
    {"stop", [](Conversation& to) { to.sampling.stop_sequences = kStop; }},
    {"n 1", [](Conversation& to) { to.sampling.answers = 1; }},
    {"n 2", [](Conversation& to) { to.sampling.answers = 2; }},
    {"seed", [](Conversation& to) { to.sampling.seed = "7"; }},
    {"logprobs",
     [](Conversation& to) {
       to.sampling.logprobs = true;
       to.sampling.top_logprobs = 3;
     }},
    {"tools", [](Conversation& to) { to.tools = kTools; }},
    {"choice auto", [](Conversation& to) { choose(to, {.mode = Choice::automatic}); }},
    {"choice any", [](Conversation& to) { choose(to, {.mode = Choice::required}); }},
    {"choice none", [](Conversation& to) { choose(to, {.mode = Choice::none}); }},
    {"choice named", [](Conversation& to) { choose(to, {.mode = Choice::named, .name = "look"}); }},
    {"thinking",
     [](Conversation& to) {
       to.reasoning = {.mode = Think::enabled, .budget_tokens = 1024, .include_thoughts = true};
     }},
    {"no thinking", [](Conversation& to) { to.reasoning = {.mode = Think::disabled}; }},
    {"effort", [](Conversation& to) { to.reasoning.effort = "high"; }},
    {"effort none", [](Conversation& to) { to.reasoning.effort = "none"; }},
    {"effort max", [](Conversation& to) { to.reasoning.effort = "max"; }},
    {"text", [](Conversation& to) { to.output.kind = Format::Kind::text; }},
    {"json", [](Conversation& to) { to.output.kind = Format::Kind::json_object; }},
    {"schema",
     [](Conversation& to) {
       to.output = {.kind = Format::Kind::json_schema, .name = "n", .schema = kTools[0].schema};
     }},
    {"choices",
     [](Conversation& to) {
       to.output = {.kind = Format::Kind::choice, .schema = R"(["a","b"])"};
     }},
    {"regex", [](Conversation& to) { to.output = {.kind = Format::Kind::regex, .name = "a+"}; }},
    {"extras", [](Conversation& to) { to.extras = kSafety; }},
};

void print_answers(Printer& printer) {
  const Phrase phrases[] = {
      {chat::Text{"Hi"}},
      {chat::Reasoning{.text = "hm", .signature = "not base64"}},
      {chat::Reasoning{.redacted = "secret"}},
      {chat::ToolCall{"t1", "look", R"({"a":1})"}},
      {chat::ToolCall{.id = "t2", .name = "free", .arguments = "x", .freeform = true}},
      {chat::Image{{.data = "iVBO", .media_type = "image/png"}}}};
  for (const Phrase& one : phrases) {
    for (const Phrase& other : phrases) {
      const std::vector<Block> blocks = {one[0], other[0]};
      for (int stop = 0; stop <= static_cast<int>(chat::StopReason::unknown); ++stop) {
        chat::Answer answer;
        answer.language = "any";
        answer.id = "a";
        answer.blocks = std::span<const Block>(blocks);
        answer.stop = static_cast<chat::StopReason>(stop);
        answer.usage = {.input = 5, .output = 4, .cached_input = 1, .reasoning = 2};
        printer.answer(answer);
      }
    }
  }
}

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
  print_answers(printer);
}

}  // namespace
}  // namespace aigw

int main() {
  aigw::print_all();
  return 0;
}
