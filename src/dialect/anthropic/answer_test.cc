// Answers out: encode_answer.h and encode_stream.h.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dialect/anthropic/test_support.h"

namespace aigw::dialect::anthropic {
namespace {

using chat::Block;
namespace event = chat::event;
using Kind = event::BlockOpen::Kind;

struct Both {
  std::string unary;
  std::string stream;
  std::string dropped;  // by the stream
};

// Puts the counts behind the start too, where the API's own streams have them.
class CountsAtStart final : public chat::EventSink {
 public:
  CountsAtStart(const chat::Answer& answer, chat::EventSink& next) : answer_(answer), next_(next) {}
  void on_event(const chat::Event& event) override {
    next_.on_event(event);
    if (answer_.language == kLanguage && std::holds_alternative<event::Start>(event)) {
      next_.on_event(event::UsageReport{answer_.usage, answer_.service_tier});
    }
  }

 private:
  const chat::Answer& answer_;
  chat::EventSink& next_;
};

Both encode(const chat::Answer& answer, Bytes model = "client-model") {
  Both both;
  Room unary;
  encode_answer(answer, model, unary.drops, both.unary);
  Room streamed;
  StreamEncoder encoder(both.stream, model, streamed.drops);
  CountsAtStart sink(answer, encoder);
  chat::unfold(answer, sink);
  both.dropped = streamed.dropped();
  return both;
}

const std::vector<Block>& blocks() {
  static const std::vector<Block> all = {
      chat::Reasoning{.text = "Hm", .signature = "S="},
      chat::Reasoning{.redacted = "R"},
      chat::Text{.text = "a\n\"b\""},
      chat::ToolCall{.id = "t1", .name = "f", .arguments = R"({"a":1.50})"}};
  return all;
}

chat::Answer foreign_answer() {
  return {.language = "other",
          .id = "c1",
          .model = "gpt-x",
          .created = 5,
          .blocks = std::span<const Block>(blocks()),
          .usage = {.input = 15,
                    .output = 7,
                    .total = 22,
                    .cached_input = 2,
                    .cache_creation_input = {},
                    .reasoning = 4},
          .service_tier = "default",
          .stop = chat::StopReason::tool_use,
          .stop_raw = {},
          .stop_sequence = {},
          .extras = {}};
}

TEST(EncodeMessagesAnswer, OfAnotherLanguageInThePeersOrder) {
  EXPECT_EQ(encode(foreign_answer()).unary,
            R"({"id":"c1","type":"message","role":"assistant","content":[)"
            R"({"type":"thinking","thinking":"Hm","signature":"S="},)"
            R"({"type":"redacted_thinking","data":"R"},{"type":"text","text":"a\n\"b\""},)"
            R"({"type":"tool_use","id":"t1","name":"f","input":{"a":1.50}}],"model":"gpt-x",)"
            R"("stop_reason":"tool_use","usage":{"cache_creation_input_tokens":0,)"
            R"("cache_read_input_tokens":2,"input_tokens":13,"output_tokens":7,)"
            R"("output_tokens_details":{"thinking_tokens":4},"service_tier":"standard"}})");
}

// One event; `members` follow its type.
std::string sse(Bytes type, Bytes members) {
  const std::string name(type);
  return "event: " + name + "\ndata: {\"type\":\"" + name + "\"" + std::string(members) + "}\n\n";
}

TEST(EncodeMessagesStream, OfAnotherLanguageInThePeersOrder) {
  const Both both = encode(foreign_answer());
  constexpr Bytes kOpen = "content_block_start";
  constexpr Bytes kDelta = "content_block_delta";
  constexpr Bytes kClose = "content_block_stop";
  EXPECT_EQ(
      both.stream,
      sse("message_start",
          R"(,"message":{"id":"c1","type":"message","role":"assistant","content":[],)"
          R"("model":"gpt-x","stop_reason":null,"stop_sequence":null,)"
          R"("usage":{"input_tokens":0,"output_tokens":0}})") +
          sse(kOpen, R"(,"index":0,"content_block":)"
                     R"({"type":"thinking","thinking":"","signature":""})") +
          sse(kDelta, R"(,"index":0,"delta":{"type":"thinking_delta","thinking":"Hm"})") +
          sse(kDelta, R"(,"index":0,"delta":{"type":"signature_delta","signature":"S="})") +
          sse(kClose, R"(,"index":0)") +
          sse(kOpen, R"(,"index":1,"content_block":{"type":"redacted_thinking","data":"R"})") +
          sse(kClose, R"(,"index":1)") +
          sse(kOpen, R"(,"index":2,"content_block":{"type":"text","text":""})") +
          sse(kDelta, R"(,"index":2,"delta":{"type":"text_delta","text":"a\n\"b\""})") +
          sse(kClose, R"(,"index":2)") +
          sse(kOpen, R"(,"index":3,"content_block":)"
                     R"({"type":"tool_use","id":"t1","name":"f","input":{}})") +
          sse(kDelta, R"(,"index":3,"delta":)"
                      R"({"type":"input_json_delta","partial_json":"{\"a\":1.50}"})") +
          sse(kClose, R"(,"index":3)") +
          sse("message_delta", R"(,"delta":{"stop_reason":"tool_use","stop_sequence":null},)"
                               R"("usage":{"cache_read_input_tokens":2,"input_tokens":13,)"
                               R"("output_tokens":7,)"
                               R"("output_tokens_details":{"thinking_tokens":4}})") +
          sse("message_stop", ""));
  EXPECT_EQ(both.dropped, "service_tier");
}

TEST(EncodeMessagesAnswer, AnEmptyOneHasAllThatTheApiPromises) {
  const chat::Answer answer{.language = "other"};
  EXPECT_EQ(encode(answer).unary,
            R"({"id":"","type":"message","role":"assistant","content":[],"model":"client-model",)"
            R"("stop_reason":"end_turn","usage":{"cache_creation_input_tokens":0,)"
            R"("cache_read_input_tokens":0,"input_tokens":0,"output_tokens":0}})");
}

// What is written of an answer in this language is read back as it was, from both forms.
TEST(EncodeMessagesAnswer, OfItsOwnLanguageIsReadBackTheSame) {
  const std::vector<Block> own = {
      chat::Reasoning{.text = "Hm", .signature = "S="},
      chat::Reasoning{.signature = "omitted"},
      chat::Reasoning{.redacted = "R"},
      chat::Text{.text = "a", .citations = R"([{"type":"x","y":[1,2]},{"z":"],"}])"},
      chat::Text{},
      chat::ToolCall{.id = "t1", .name = "f", .arguments = "{}"},
      chat::ToolCall{.id = "t2", .name = "f", .arguments = R"({"k":"\u00e9"})"},
      chat::Opaque{.type = "server_tool_use",
                   .raw = R"({"type":"server_tool_use","input":{"q":1}})"}};
  const std::vector<chat::Extra> extras = {{.name = "stop_details", .raw = R"({"a":1})"}};
  // Every list of up to two blocks, with every count that may be missing.
  size_t tried = 0;
  for (size_t first = 0; first <= own.size(); ++first) {
    for (size_t second = 0; second <= own.size(); ++second) {
      for (unsigned set = 0; set < 32; ++set) {
        std::vector<Block> some;
        if (first < own.size()) some.push_back(own[first]);
        if (second < own.size()) some.push_back(own[second]);
        chat::Answer answer{.language = kLanguage, .id = "m", .model = "c"};
        answer.blocks = std::span<const Block>(some);
        answer.usage.input = 10;
        answer.usage.output = 5;
        answer.usage.total = 15;
        answer.usage.cached_input = (set & 1) != 0 ? 3 : 0;
        answer.usage.cache_creation_input = (set & 2) != 0 ? 2 : 0;
        if ((set & 4) != 0) answer.usage.reasoning = 1;
        answer.stop = (set & 8) != 0 ? chat::StopReason::stop_sequence : chat::StopReason::unknown;
        answer.stop_raw = (set & 8) != 0 ? "stop_sequence" : "compaction";
        if ((set & 8) != 0) answer.stop_sequence = "END";
        if ((set & 16) != 0) answer.extras = extras;
        if ((set & 16) != 0) answer.service_tier = "priority";
        const Both both = encode(answer);
        EXPECT_EQ(both.dropped, "");
        const std::string want = chat::testing::describe(answer);
        EXPECT_EQ(decode_unary(both.unary), want);
        EXPECT_EQ(decode_streamed(both.stream, 1 + tried % 64), want);
        ++tried;
      }
    }
  }
  EXPECT_EQ(tried, 81u * 32u);
}

TEST(EncodeMessagesAnswer, RawJsonNeverBreaksALineOfTheStream) {
  const std::vector<Block> own = {
      chat::Text{.text = "a", .citations = "[{\n\"a\":\r1}]"},
      chat::Opaque{.type = "x", .raw = "{\"type\":\"x\",\n\n\"a\":1}"}};
  const std::vector<chat::Extra> extras = {{.name = "container", .raw = "{\n\"a\":1}"}};
  const chat::Answer answer{.language = kLanguage,
                            .blocks = std::span<const Block>(own),
                            .extras = extras};
  const std::string text = decode_streamed(encode(answer).stream, 5);
  EXPECT_NE(text.find("opaque x {\"type\":\"x\",  \"a\":1}"), std::string::npos) << text;
  EXPECT_NE(text.find("extra container { \"a\":1}"), std::string::npos) << text;
}

TEST(EncodeMessagesAnswer, DropsWhatTheApiHasNoWordFor) {
  const std::vector<Block> others = {
      chat::Image{}, chat::Audio{}, chat::File{}, chat::Opaque{.type = "x", .raw = "{}"},
      chat::Text{.text = "a", .citations = "[{}]"},
      chat::ToolCall{.id = "t", .name = "f", .arguments = "{broken", .signature = "S"}};
  const std::vector<chat::Extra> extras = {{.name = "grounding", .raw = "{}"}};
  const chat::Answer answer{.language = "other",
                            .blocks = std::span<const Block>(others),
                            .service_tier = "flex",
                            .extras = extras};
  Room room;
  std::string unary;
  encode_answer(answer, "m", room.drops, unary);
  EXPECT_NE(unary.find(R"("content":[{"type":"text","text":"a"},)"
                       R"({"type":"tool_use","id":"t","name":"f","input":{}}])"),
            std::string::npos)
      << unary;
  EXPECT_EQ(room.dropped(),
            "an image in the answer; a sound in the answer; a file in the answer; "
            "a block of the answer of type x; citations of the answer; "
            "tool arguments that are no JSON object; signature of a tool call; service_tier; "
            "grounding");
  const Both both = encode(answer);
  EXPECT_NE(both.stream.find(R"({"type":"content_block_start","index":0,"content_block":)"
                             R"({"type":"text")"),
            std::string::npos);
  EXPECT_EQ(both.dropped,
            "an image in the answer; a sound in the answer; a file in the answer; "
            "a block of the answer of type x; citations of the answer; signature of a tool call; "
            "grounding; service_tier");
}

TEST(EncodeMessagesAnswer, StopReasonsOfAllLanguages) {
  const auto told = [](chat::StopReason reason) {
    const chat::Answer answer{.language = "other", .stop = reason, .stop_raw = "weird"};
    const std::string body = encode(answer).unary;
    const size_t at = body.find("\"stop_reason\":\"") + 15;
    return body.substr(at, body.find('"', at) - at);
  };
  using chat::StopReason;
  EXPECT_EQ(told(StopReason::end_turn), "end_turn");
  EXPECT_EQ(told(StopReason::stop_sequence), "stop_sequence");
  EXPECT_EQ(told(StopReason::max_tokens), "max_tokens");
  EXPECT_EQ(told(StopReason::tool_use), "tool_use");
  EXPECT_EQ(told(StopReason::content_filter), "refusal");
  EXPECT_EQ(told(StopReason::refusal), "refusal");
  EXPECT_EQ(told(StopReason::pause), "pause_turn");
  EXPECT_EQ(told(StopReason::context_exceeded), "model_context_window_exceeded");
  EXPECT_EQ(told(StopReason::guardrail), "refusal");
  EXPECT_EQ(told(StopReason::recitation), "refusal");
  EXPECT_EQ(told(StopReason::malformed_tool_call), "end_turn");
  EXPECT_EQ(told(StopReason::unknown), "end_turn");
}

TEST(EncodeMessagesStream, UsageAfterTheStopReasonIsInTheDelta) {
  Room room;
  std::string out;
  StreamEncoder encoder(out, "m", room.drops);
  encoder.on_event(event::Start{.language = "other", .id = "c"});
  encoder.on_event(event::Ping{});
  encoder.on_event(event::Finish{.reason = chat::StopReason::max_tokens});
  EXPECT_EQ(out.find("message_delta"), std::string::npos);
  chat::Usage usage;
  usage.input = 9;
  usage.output = 2;
  encoder.on_event(event::UsageReport{.usage = usage});
  encoder.on_event(event::Done{});
  EXPECT_NE(out.find("event: ping\ndata: {\"type\":\"ping\"}\n\n"), std::string::npos);
  EXPECT_NE(out.find(R"("delta":{"stop_reason":"max_tokens","stop_sequence":null},)"
                     R"("usage":{"input_tokens":9,"output_tokens":2}})"),
            std::string::npos)
      << out;
}

TEST(EncodeMessagesStream, AFreeformCallIsAnObjectWithItsText) {
  Room room;
  std::string out;
  StreamEncoder encoder(out, "m", room.drops);
  encoder.on_event(event::Start{.language = "other", .id = "c"});
  encoder.on_event(event::BlockOpen{
      .index = 0, .kind = Kind::tool_call, .id = "t", .name = "f", .freeform = true});
  encoder.on_event(event::ArgsDelta{0, "say \"a"});
  encoder.on_event(event::ArgsDelta{0, "\"\n"});
  encoder.on_event(event::BlockClose{0});
  encoder.on_event(event::Finish{.reason = chat::StopReason::tool_use});
  encoder.on_event(event::Done{});
  EXPECT_NE(decode_streamed(out, 9).find("tool_call t f {\"input\":\"say \\\"a\\\"\\n\"}"),
            std::string::npos)
      << out;
}

TEST(EncodeMessagesStream, AFaultIsAnErrorEventOfTheClientsKind) {
  Room room;
  std::string out;
  StreamEncoder encoder(out, "m", room.drops);
  encoder.on_event(event::Start{.language = "other", .id = "c"});
  out.clear();
  encoder.on_event(event::Fault{.status = 429, .type = "tokens", .message = "Slow \"down\""});
  EXPECT_EQ(out,
            "event: error\n"
            "data: {\"error\":{\"message\":\"Slow \\\"down\\\"\",\"type\":\"rate_limit_error\"},"
            "\"request_id\":\"\",\"type\":\"error\"}\n\n");
}

}  // namespace
}  // namespace aigw::dialect::anthropic
