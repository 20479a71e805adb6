#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "chat/fold.h"
#include "chat/grammar.h"
#include "chat/testing/describe.h"
#include "dialect/bedrock_converse/decode_answer.h"
#include "dialect/bedrock_converse/decode_stream.h"
#include "dialect/bedrock_converse/language.h"

namespace aigw::dialect::bedrock_converse {
namespace {

using chat::testing::describe;

constexpr AnswerIdentity kIdentity = {"req-1", "some.model", 7};

struct Frame {
  std::string type;
  std::string payload;
  FrameKind kind = FrameKind::event;
};
using Frames = std::vector<Frame>;

// What an answer comes to, as text: described, or as the fault; and what was dropped.
struct Outcome {
  std::string answer;
  std::string drops;
};

// One line an event, for what folding hides.
class Log final : public chat::EventSink {
 public:
  void on_event(const chat::Event& event) override {
    using namespace chat::event;
    const auto index = [](auto i) { return std::to_string(i); };
    std::visit(
        chat::Overload{
            [&](const Start&) { add("start"); },
            [&](const BlockOpen& e) { add("open " + index(e.index)); },
            [&](const TextDelta& e) { add("text " + std::string(e.text)); },
            [&](const Citation& e) { add("citation " + std::string(e.raw)); },
            [&](const ArgsDelta& e) { add("args " + std::string(e.arguments)); },
            [&](const ReasoningDelta& e) { add("reasoning " + std::string(e.text)); },
            [&](const SignatureDelta& e) { add("signature " + std::string(e.signature)); },
            [&](const Redacted& e) { add("redacted " + std::string(e.data)); },
            [&](const BlockClose& e) { add("close " + index(e.index)); },
            [&](const BlockWhole& e) { add("whole " + index(e.index)); },
            [&](const UsageReport&) { add("usage"); },
            [&](const AnswerExtra& e) { add("extra " + std::string(e.extra.name)); },
            [&](const Finish& e) { add("finish " + std::string(e.raw)); },
            [&](const Done&) { add("done"); },
            [&](const Fault& e) {
              add("fault " + index(e.status) + ' ' + std::string(e.type) + ": " +
                  std::string(e.message));
            },
            [&](const Ping&) { add("ping"); }},
        event);
  }
  std::string text;

 private:
  void add(const std::string& line) { text += line + '\n'; }
};

class Both final : public chat::EventSink {
 public:
  Both(chat::EventSink& one, chat::EventSink& other) : one_(one), other_(other) {}
  void on_event(const chat::Event& event) override { one_.on_event(event), other_.on_event(event); }

 private:
  chat::EventSink& one_;
  chat::EventSink& other_;
};

std::string text_of(chat::Fold& fold) {
  if (!fold.complete()) return "not complete";
  if (!fold.fault()) return describe(fold.answer());
  return "fault " + std::to_string(fold.fault()->status) + ' ' + std::string(fold.fault()->type) +
         ": " + std::string(fold.fault()->message);
}

std::string text_of(const chat::Drops& drops) {
  std::string text;
  for (const chat::Drops::Drop& drop : drops.kept()) text += std::string(drop.path) + '\n';
  return text;
}

// The outcome, and the events into `log` if there is one. Every payload is a block of its own that
// is gone when the next one comes, so that a view kept too long is found.
Outcome decode(const Frames& frames, Log* log = nullptr) {
  Arena arena(limits::hub_arena_max(limits::streamed_image_max));
  json::Parser parser;
  chat::Drops drops(arena);
  chat::Fold fold(arena);
  Log unused;
  Both both(fold, log ? *log : unused);
  chat::Grammar grammar(&both);
  StreamDecoder decoder(kIdentity, parser, drops, grammar);
  for (const Frame& frame : frames) {
    const std::vector<char> payload(frame.payload.begin(), frame.payload.end());
    decoder.on_frame(frame.kind, std::string(frame.type), Bytes(payload.data(), payload.size()));
  }
  decoder.finish();
  decoder.finish();
  EXPECT_TRUE(decoder.ended());
  EXPECT_EQ(grammar.violation(), "");
  EXPECT_TRUE(grammar.complete());
  return {text_of(fold), text_of(drops)};
}

std::string events(const Frames& frames) {
  Log log;
  decode(frames, &log);
  return log.text;
}

Outcome decode_unary(Bytes body) {
  Arena arena(1 << 20);
  json::Parser parser;
  chat::Drops drops(arena);
  chat::Fold fold(arena);
  chat::Grammar grammar(&fold);
  const Result<json::Value> root = parser.parse(body, arena);
  EXPECT_TRUE(root);
  const Result<void> result = decode_answer(*root, kIdentity, arena, drops, grammar);
  EXPECT_EQ(grammar.violation(), "");
  if (!result) {
    EXPECT_EQ(result.error().kind, FailureKind::bad_upstream);
    EXPECT_FALSE(fold.complete());
    return {result.error().message, ""};
  }
  EXPECT_TRUE(grammar.complete());
  return {text_of(fold), text_of(drops)};
}

Frame start_of() { return {"messageStart", R"({"role":"assistant"})"}; }
Frame delta_of(size_t index, const std::string& delta) {
  return {"contentBlockDelta", R"({"contentBlockIndex":)" + std::to_string(index) +
                                   R"(,"delta":)" + delta + R"(,"p":"abcdef"})"};
}
Frame stop_of(size_t index) {
  return {"contentBlockStop", R"({"contentBlockIndex":)" + std::to_string(index) + "}"};
}
Frame tool_of(size_t index, const std::string& id, const std::string& name) {
  return {"contentBlockStart", R"({"contentBlockIndex":)" + std::to_string(index) +
                                   R"(,"start":{"toolUse":{"toolUseId":")" + id +
                                   R"(","name":")" + name + R"("}}})"};
}
Frame end_of(const std::string& reason = "end_turn") {
  return {"messageStop", R"({"stopReason":")" + reason + R"("})"};
}

const Frames& tail() {
  static const Frames& frames = *new Frames{
      end_of("tool_use"),
      {"metadata",
       R"({"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8,"cacheReadInputTokens":10,)"
       R"("cacheWriteInputTokens":20},"metrics":{"latencyMs":9},"serviceTier":{"type":"flex"}})"}};
  return frames;
}
constexpr Bytes kTail =
    R"("stopReason":"tool_use","usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8,)"
    R"("cacheReadInputTokens":10,"cacheWriteInputTokens":20},"metrics":{"latencyMs":9},)"
    R"("serviceTier":{"type":"flex"}})";

std::string unary(Bytes content) {
  return R"({"output":{"message":{"role":"assistant","content":[)" + std::string(content) +
         "]}}," + std::string(kTail);
}

constexpr Bytes kHead = "language bedrock_converse\nid req-1\nmodel some.model\ncreated 7\n";
constexpr Bytes kFoot =
    "input 33\noutput 5\ntotal 38\ncached_input 10\ncache_creation_input 20\nservice_tier flex\n"
    "stop #3\nstop_raw tool_use\nextra metrics {\"latencyMs\":9}\n";

// Frames of the content in between start and tail come to the same as the whole answer.
void same(const Frames& content, Bytes whole, Bytes described) {
  Frames frames = {start_of()};
  frames.insert(frames.end(), content.begin(), content.end());
  frames.insert(frames.end(), tail().begin(), tail().end());
  const Outcome streamed = decode(frames);
  const Outcome once = decode_unary(unary(whole));
  EXPECT_EQ(streamed.answer, once.answer);
  EXPECT_EQ(once.answer, std::string(kHead) + std::string(described) + std::string(kFoot));
  EXPECT_EQ(streamed.drops.empty(), once.drops.empty());
}

TEST(Decode, NothingAtAll) { same({}, "", ""); }

TEST(Decode, Texts) {
  same({delta_of(0, R"({"text":"Hel"})"), delta_of(0, R"({"text":""})"),
        delta_of(0, R"({"text":"lo \u00e9"})"), stop_of(0), delta_of(1, R"({"text":"b"})"),
        stop_of(1)},
       R"({"text":"Hello é"},{"text":"b"})", "  text \"Hello \xC3\xA9\"\n  text \"b\"\n");
}

TEST(Decode, ToolCallsOneAfterTheOther) {
  same({delta_of(0, R"({"text":"a"})"), stop_of(0), tool_of(1, "t1", "look"),
        delta_of(1, R"({"toolUse":{"input":""}})"),
        delta_of(1, R"({"toolUse":{"input":"{\"at\": \"Z"}})"),
        delta_of(1, R"({"toolUse":{"input":"\u00fcrich\"}"}})"), stop_of(1),
        tool_of(2, "t2", "time"), delta_of(2, R"({"toolUse":{"input":""}})"), stop_of(2),
        tool_of(3, "t3", "date"), stop_of(3)},
       R"({"text":"a"},{"toolUse":{"toolUseId":"t1","name":"look","input":{"at": "Zürich"}}},)"
       R"({"toolUse":{"toolUseId":"t2","name":"time","input":{}}},)"
       R"({"toolUse":{"toolUseId":"t3","name":"date"}})",
       "  text \"a\"\n  tool_call t1 look {\"at\": \"Z\xC3\xBCrich\"}\n  tool_call t2 time {}\n"
       "  tool_call t3 date {}\n");
}

TEST(Decode, Reasoning) {
  same({delta_of(0, R"({"reasoningContent":{"text":"h"}})"),
        delta_of(0, R"({"reasoningContent":{"text":"m"}})"),
        delta_of(0, R"({"reasoningContent":{"signature":"S1"}})"), stop_of(0),
        delta_of(1, R"({"reasoningContent":{"redactedContent":"c2VjcmV0"}})"), stop_of(1),
        delta_of(2, R"({"text":"a"})"), stop_of(2)},
       R"({"reasoningContent":{"reasoningText":{"text":"hm","signature":"S1"}}},)"
       R"({"reasoningContent":{"redactedContent":"c2VjcmV0"}},{"text":"a"})",
       "  reasoning \"hm\"\n    signature S1\n  reasoning \"\"\n    redacted c2VjcmV0\n"
       "  text \"a\"\n");
}

TEST(Decode, Citations) {
  same({delta_of(0, R"({"text":"a"})"), delta_of(0, R"({"citation":{"title":"x"}})"),
        delta_of(0, R"({"text":"b"})"), stop_of(0)},
       R"({"citationsContent":{"content":[{"text":"a"},{"text":"b"}],)"
       R"("citations":[{"title":"x"}]}})",
       "  text \"ab\"\n    citations [{\"title\":\"x\"}]\n");
}

TEST(Decode, Images) {
  same({{"contentBlockStart", R"({"contentBlockIndex":0,"start":{"image":{"format":"png"}}})"},
        delta_of(0, R"({"image":{"source":{"bytes":"AAAA"}}})"),
        delta_of(0, R"({"image":{"source":{"bytes":"BBB="}}})"), stop_of(0),
        delta_of(1, R"({"text":"a"})")},
       R"({"image":{"format":"png","source":{"bytes":"AAAABBB="}}},{"text":"a"})",
       "  image #0 image/png AAAABBB=\n  text \"a\"\n");
}

TEST(Decode, BlocksThatTheHubHasNoWordFor) {
  same({{"contentBlockStart",
         R"({"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"s","name":"n",)"
         R"("type":"server_tool_use"}}})"},
        delta_of(0, R"({"toolUse":{"input":"{}"}})"), stop_of(0),
        {"contentBlockStart", R"({"contentBlockIndex":1,"start":{"toolResult":{}}})"},
        delta_of(1, R"({"toolResult":[{"text":"x"}]})"), stop_of(1),
        delta_of(2, R"({"text":"a"})"), stop_of(2)},
       R"({"toolUse":{"toolUseId":"s","name":"n","type":"server_tool_use","input":{}}},)"
       R"({"toolResult":{"toolUseId":"s","content":[]}},{"text":"a"})",
       "  text \"a\"\n");
}

TEST(Decode, Documents) {
  EXPECT_EQ(decode_unary(unary(R"({"document":{"format":"pdf","name":"n",)"
                               R"("source":{"bytes":"JVBE"}}})"))
                .answer,
            std::string(kHead) + "  file #0 application/pdf JVBE\n    name n\n" +
                std::string(kFoot));
}

TEST(Decode, EventsComeAtOnce) {
  EXPECT_EQ(events({start_of(), delta_of(0, R"({"text":"a"})"), stop_of(0), tool_of(1, "t", "f"),
                    delta_of(1, R"({"toolUse":{"input":"{}"}})"), stop_of(1), end_of("tool_use"),
                    {"metadata", R"({"usage":{"inputTokens":1}})"}}),
            "start\nopen 0\ntext a\nclose 0\nopen 1\nargs {}\nclose 1\nfinish tool_use\nusage\n"
            "done\n");
}

TEST(Decode, UsageMayComeFirstOrNever) {
  EXPECT_EQ(events({start_of(), {"metadata", R"({"usage":{}})"}, end_of()}),
            "start\nusage\nfinish end_turn\ndone\n");
  EXPECT_EQ(events({start_of(), end_of(), end_of()}), "start\nfinish end_turn\ndone\n");
  EXPECT_EQ(events({end_of(), {"metadata", "{}"}}), "start\nfinish end_turn\ndone\n");
}

TEST(Decode, StopsThatAreMissing) {
  EXPECT_EQ(events({start_of(), delta_of(0, R"({"text":"a"})"),
                    delta_of(1, R"({"reasoningContent":{"text":"b"}})"), tool_of(2, "t", "f"),
                    stop_of(0), end_of()}),
            "start\nopen 0\ntext a\nclose 0\nopen 1\nreasoning b\nclose 1\nopen 2\nargs {}\n"
            "close 2\nfinish end_turn\ndone\n");
  // Indexes that do not grow, as long as each block has its end.
  EXPECT_EQ(events({start_of(), delta_of(0, R"({"reasoningContent":{"text":"a"}})"), stop_of(0),
                    delta_of(0, R"({"text":"b"})"), stop_of(0), end_of()}),
            "start\nopen 0\nreasoning a\nclose 0\nopen 1\ntext b\nclose 1\nfinish end_turn\ndone\n");
}

TEST(Decode, RedactedThoughtsAreBlocksByThemselves) {
  EXPECT_EQ(events({start_of(), delta_of(0, R"({"reasoningContent":{"text":"a"}})"),
                    delta_of(0, R"({"reasoningContent":{"redactedContent":"QQ=="}})"),
                    delta_of(0, R"({"reasoningContent":{"redactedContent":"Qg=="}})"),
                    delta_of(0, R"({"reasoningContent":{"signature":""}})"),
                    delta_of(0, R"({"reasoningContent":{"text":"b"}})"), end_of()}),
            "start\nopen 0\nreasoning a\nclose 0\nopen 1\nredacted QQ==\nclose 1\nopen 2\n"
            "redacted Qg==\nclose 2\nopen 3\nreasoning b\nclose 3\nfinish end_turn\ndone\n");
}

TEST(Decode, Faults) {
  const Frame text = delta_of(0, R"({"text":"a"})");
  const auto last = [](const Frames& frames) {
    const std::string all = events(frames);
    return all.substr(all.rfind("fault "));
  };
  const auto exception = [](const std::string& type, const std::string& payload) {
    return Frame{type, payload, FrameKind::exception};
  };
  const std::string cut = "fault 502 : Bedrock's stream ended in the middle of the answer\n";
  EXPECT_EQ(events({}), cut);
  EXPECT_EQ(events({start_of(), text}), "start\nopen 0\ntext a\n" + cut);
  EXPECT_EQ(events({start_of(), text, stop_of(0)}), "start\nopen 0\ntext a\nclose 0\n" + cut);
  EXPECT_EQ(last({start_of(), {"contentBlockDelta", "{"}}),
            "fault 502 : an event of Bedrock's stream is not JSON\n");
  EXPECT_EQ(last({exception("throttlingException", R"({"message":"slow"})")}),
            "fault 429 throttlingException: slow\n");
  EXPECT_EQ(last({start_of(), text,
                  exception("modelStreamErrorException",
                            R"({"originalStatusCode":400,"originalMessage":"o"})"),
                  end_of()}),
            "fault 500 modelStreamErrorException: o\n");
  EXPECT_EQ(last({start_of(), exception("validationException", R"({"message":"bad"})")}),
            "fault 400 validationException: bad\n");
  EXPECT_EQ(last({start_of(), exception("serviceUnavailableException", "not JSON")}),
            "fault 503 serviceUnavailableException: \n");
  EXPECT_EQ(last({start_of(), end_of(), exception("internalServerException", R"({})")}),
            "fault 500 internalServerException: \n");
  EXPECT_EQ(last({start_of(), {"InternalFailure", "it broke", FrameKind::error}}),
            "fault 500 InternalFailure: it broke\n");
  EXPECT_EQ(last({start_of(), end_of(), text}),
            "fault 502 : a block of Bedrock's comes after messageStop\n");
  EXPECT_EQ(last({start_of(), text, delta_of(1, R"({"text":"b"})"), text}),
            "fault 502 : the blocks of Bedrock's answer are interleaved\n");
  EXPECT_EQ(last({start_of(), delta_of(0, R"({"toolUse":{"input":"{}"}})")}),
            "fault 502 : arguments of Bedrock's belong to no open tool call\n");
  EXPECT_EQ(last({start_of(), tool_of(0, "", "f")}),
            "fault 502 : a toolUse of Bedrock's has no id or name\n");
  EXPECT_EQ(last({start_of(), delta_of(0, R"({"text":7})")}),
            "fault 502 : a text of Bedrock's is none\n");
  const Frame image = {"contentBlockStart",
                       R"({"contentBlockIndex":0,"start":{"image":{"format":"png"}}})"};
  const Frame padded = delta_of(0, R"({"image":{"source":{"bytes":"QQ=="}}})");
  EXPECT_EQ(last({start_of(), padded}), "fault 502 : a piece of an image belongs to none\n");
  EXPECT_EQ(last({start_of(), image, padded, padded}),
            "fault 502 : an image comes in pieces that do not fit\n");
  const std::string quarter(limits::streamed_image_max / 4, 'A');
  const Frame large = delta_of(0, R"({"image":{"source":{"bytes":")" + quarter + R"("}}})");
  const std::string whole = events({start_of(), image, large, large, large, large, stop_of(0), end_of()});
  EXPECT_EQ(whole.find("fault"), std::string::npos);
  EXPECT_EQ(last({start_of(), image, large, large, large, large, padded}),
            "fault 502 : an image of the answer is too large\n");
}

TEST(Decode, FramingThatBreaks) {
  Arena arena(1 << 20);
  json::Parser parser;
  chat::Drops drops(arena);
  Log log;
  StreamDecoder decoder(kIdentity, parser, drops, log);
  decoder.fail("a CRC is wrong");
  decoder.fail("another");
  decoder.on_frame(FrameKind::event, "messageStart", "{}");
  decoder.finish();
  EXPECT_EQ(log.text, "fault 502 : a CRC is wrong\n");
}

TEST(Decode, UnknownEventsAndDeltasAreReported) {
  const Outcome outcome = decode({start_of(), {"initial-response", "x"},
                                  delta_of(0, R"({"new":{}})"), delta_of(0, R"({"text":"a"})"),
                                  end_of(), {"metadata", "{}"}, {"more", ""}});
  EXPECT_EQ(outcome.drops, "events of type initial-response\ncontentBlockDelta.delta.new\n");
  EXPECT_EQ(outcome.answer, std::string(kHead) + "  text \"a\"\nstop_raw end_turn\n");
}

TEST(Decode, WholeAnswersThatAreNone) {
  EXPECT_EQ(decode_unary(R"({"Output":{"__type":"com.amazon.coral.service#X"},"Version":"1.0"})")
                .answer,
            "Bedrock's answer has no output");
  EXPECT_EQ(decode_unary("{}").answer, "Bedrock's answer has no output");
  EXPECT_EQ(decode_unary("[]").answer, "Bedrock's answer has no output");
  EXPECT_EQ(decode_unary(R"({"output":null})").answer, "Bedrock's answer has no output");
  EXPECT_EQ(decode_unary(R"({"output":{"message":{}}})").answer,
            "Bedrock's answer has no output.message.content");
  EXPECT_EQ(decode_unary(unary("7")).answer, "Bedrock's answer has a block that is no object");
  EXPECT_EQ(decode_unary(unary(R"({"text":7})")).answer,
            "Bedrock's answer has a text that is none");
  EXPECT_EQ(decode_unary(unary(R"({"toolUse":{"name":"f","input":{}}})")).answer,
            "Bedrock's answer has a toolUse without id or name");
}

TEST(Decode, StopReasons) {
  using Reason = chat::StopReason;
  EXPECT_EQ(decode_stop_reason("end_turn"), Reason::end_turn);
  EXPECT_EQ(decode_stop_reason("stop_sequence"), Reason::stop_sequence);
  EXPECT_EQ(decode_stop_reason("max_tokens"), Reason::max_tokens);
  EXPECT_EQ(decode_stop_reason("tool_use"), Reason::tool_use);
  EXPECT_EQ(decode_stop_reason("content_filtered"), Reason::content_filter);
  EXPECT_EQ(decode_stop_reason("guardrail_intervened"), Reason::guardrail);
  EXPECT_EQ(decode_stop_reason("malformed_model_output"), Reason::malformed_output);
  EXPECT_EQ(decode_stop_reason("malformed_tool_use"), Reason::malformed_tool_call);
  EXPECT_EQ(decode_stop_reason("model_context_window_exceeded"), Reason::context_exceeded);
  EXPECT_EQ(decode_stop_reason("other"), Reason::unknown);
  EXPECT_EQ(decode_stop_reason(""), Reason::unknown);
}

TEST(Decode, ExtrasInTheSameOrder) {
  const Outcome streamed = decode(
      {start_of(),
       {"messageStop",
        R"({"stopReason":"guardrail_intervened","additionalModelResponseFields":{"a":1}})"},
       {"metadata", R"({"trace":{"t":1},"metrics":null,"performanceConfig":{"p":1}})"}});
  const Outcome once = decode_unary(
      R"({"output":{"message":{"content":[]}},"trace":{"t":1},"performanceConfig":{"p":1},)"
      R"("additionalModelResponseFields":{"a":1},"stopReason":"guardrail_intervened"})");
  EXPECT_EQ(streamed.answer, once.answer);
  EXPECT_EQ(once.answer, std::string(kHead) +
                             "stop #8\nstop_raw guardrail_intervened\n"
                             "extra additionalModelResponseFields {\"a\":1}\n"
                             "extra performanceConfig {\"p\":1}\nextra trace {\"t\":1}\n");
}

}  // namespace
}  // namespace aigw::dialect::bedrock_converse
