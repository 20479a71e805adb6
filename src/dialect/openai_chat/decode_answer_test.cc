#include "dialect/openai_chat/decode_answer.h"

#include <gtest/gtest.h>

#include "dialect/openai_chat/codec_test_support.h"

namespace aigw::dialect::openai_chat {
namespace {

// A chunk of choice 0; `rest` are further members of the choice.
std::string chunk(const std::string& delta, const std::string& rest = "") {
  return R"({"id":"a1","object":"chat.completion.chunk","created":7,"model":"gpt",)"
         R"("choices":[{"index":0,"delta":)" + delta + rest + "}]}";
}

const char* const kUsageMembers =
    R"("usage":{"prompt_tokens":15,"completion_tokens":5,"total_tokens":20,)"
    R"("prompt_tokens_details":{"cached_tokens":2},)"
    R"("completion_tokens_details":{"reasoning_tokens":1}})";

std::string usage_chunk() {
  return std::string(R"({"id":"a1","created":7,"model":"gpt","choices":[],)") + kUsageMembers + "}";
}

std::string unary(const std::string& message, const std::string& reason) {
  return R"({"id":"a1","object":"chat.completion","created":7,"model":"gpt","choices":[{"index":0,)"
         R"("message":)" + message + R"(,"finish_reason":")" + reason + "\"}]," +
         kUsageMembers + "}";
}

struct Pair {
  const char* what;
  std::string unary;
  std::vector<std::string> stream;
  std::string blocks;
  std::string stop;
};

std::string finish(const std::string& reason) {
  return chunk("{}", R"(,"finish_reason":")" + reason + "\"");
}

std::vector<Pair> pairs() {
  return {
      {"text", unary(R"({"role":"assistant","content":"Hi \u00df","refusal":null})", "stop"),
       {chunk(R"({"role":"assistant","content":""})"), chunk(R"({"content":"Hi "})"),
        chunk(R"({"content":"\u00df"})"), finish("stop"), usage_chunk(), "[DONE]"},
       "  text \"Hi \xC3\x9F\"\n", "stop_raw stop\n"},
      {"nothing", unary(R"({"role":"assistant","content":""})", "content_filter"),
       {chunk(R"({"role":"assistant","content":""})"), finish("content_filter"), usage_chunk(),
        "[DONE]"},
       "", "stop #4\nstop_raw content_filter\n"},
      {"refusal", unary(R"({"content":null,"refusal":"No."})", "stop"),
       {chunk(R"({"refusal":"N"})"), chunk(R"({"refusal":"o."})"), finish("stop"), usage_chunk(),
        "[DONE]"},
       "  refusal \"No.\"\n", "stop_raw stop\n"},
      {"parallel tools",
       unary(R"({"content":"x","tool_calls":[
           {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},
           {"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}},
           {"id":"c3","type":"custom","custom":{"name":"sh","input":"ls"}}]})",
             "tool_calls"),
       {chunk(R"({"content":"x"})"),
        chunk(R"({"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f",)"
              R"("arguments":""}}]})"),
        chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]})"),
        chunk(R"({"content":"","tool_calls":[{"index":0,"id":null,"function":{"name":"",)"
              R"("arguments":":1}"}}]})"),
        chunk(R"({"tool_calls":[{"index":1,"id":"c2","function":{"name":"g","arguments":"{}"}},
                                {"index":2,"id":"c3","custom":{"name":"sh","input":"l"}}]})"),
        chunk(R"({"tool_calls":[{"index":2,"custom":{"input":"s"}}]})"), finish("tool_calls"),
        usage_chunk(), "[DONE]"},
       "  text \"x\"\n  tool_call c1 f {\"a\":1}\n  tool_call c2 g {}\n  freeform_call c3 sh ls\n",
       "stop #3\nstop_raw tool_calls\n"},
      {"reasoning beside its signature",
       unary(R"({"content":"x","reasoning_content":"tu",
                 "thinking_blocks":[{"type":"thinking","thinking":"tu","signature":"S"}]})",
             "stop"),
       {chunk(R"({"reasoning_content":"t"})"), chunk(R"({"reasoning_content":"u"})"),
        chunk(R"({"thinking_blocks":[{"type":"thinking","signature":"S"}]})"),
        chunk(R"({"content":"x"})"), finish("stop"), usage_chunk(), "[DONE]"},
       "  reasoning \"tu\"\n    signature S\n  text \"x\"\n", "stop_raw stop\n"},
      {"reasoning said twice",
       unary(R"({"thinking_blocks":[{"type":"thinking","thinking":"t","signature":"S"},
                 {"type":"redacted_thinking","data":"R"},
                 {"type":"thinking","thinking":"v","signature":"T"}]})", "stop"),
       {chunk(R"({"reasoning_content":"t","thinking_blocks":[{"type":"thinking","thinking":"t",)"
              R"("signature":"S"}]})"),
        chunk(R"({"thinking_blocks":[{"type":"redacted_thinking","data":"R"}]})"),
        chunk(R"({"thinking_blocks":[{"type":"thinking","thinking":"v","signature":"T"}]})"),
        finish("stop"), usage_chunk(), "[DONE]"},
       "  reasoning \"t\"\n    signature S\n  reasoning \"\"\n    redacted R\n"
       "  reasoning \"v\"\n    signature T\n",
       "stop_raw stop\n"},
      {"nested reasoning",
       unary(R"({"reasoning_content":{"reasoningContent":{"reasoningText":{"text":"t",)"
             R"("signature":"S"}}}})",
             "length"),
       {chunk(R"({"reasoning_content":{"reasoningContent":{"reasoningText":{"text":"t"}}}})"),
        chunk(R"({"reasoning_content":{"reasoningContent":{"reasoningText":{"signature":"S"}}}})"),
        finish("length"), usage_chunk(), "[DONE]"},
       "  reasoning \"t\"\n    signature S\n", "stop #2\nstop_raw length\n"},
  };
}

const char* const kHead = "language openai_chat\nid a1\nmodel gpt\ncreated 7\n";
const char* const kUsage = "input 15\noutput 5\ntotal 20\ncached_input 2\nreasoning 1\n";

TEST(DecodeAnswer, StreamsFoldIntoWhatTheUnaryAnswerSays) {
  for (const Pair& pair : pairs()) {
    const std::string want = kHead + pair.blocks + kUsage + pair.stop;
    EXPECT_EQ(described_unary(pair.unary), want) << pair.what;
    EXPECT_EQ(described_stream(sse(pair.stream)), want) << pair.what;
  }
}

TEST(DecodeAnswer, TakesStreamsInAnySlices) {
  for (const Pair& pair : pairs()) {
    const std::string stream = sse(pair.stream);
    const std::string want = described_stream(stream);
    for (size_t size = 1; size < stream.size(); size = size * 2 + 1) {
      std::vector<size_t> cuts;
      for (size_t cut = size; cut < stream.size(); cut += size) cuts.push_back(cut);
      ASSERT_EQ(described_stream(Slicing(stream, cuts)), want) << pair.what << size;
    }
  }
  const std::string stream =
      sse({chunk(R"({"content":"\ud83d\ude00"})"), finish("stop"), "[DONE]"});
  const std::string want = described_stream(stream);
  for_every_slicing(stream, [&](const Slicing& slicing) {
    ASSERT_EQ(described_stream(slicing), want) << slicing.name();
  });
}

TEST(DecodeAnswer, TakesStreamsWithCarriageReturnsAndComments) {
  const std::string stream = ": hello\r\n\r\ndata: " + chunk(R"({"content":"a"})") +
                             "\r\n\r\n: ping\r\n\r\ndata:" + finish("stop") + "\r\n\r\n";
  EXPECT_EQ(described_stream(stream), std::string(kHead) + "  text \"a\"\nstop_raw stop\n");
}

TEST(DecodeAnswer, ReadsUsageOnAChunkThatStillHasChoices) {
  std::string with_usage = finish("stop");
  with_usage.insert(1, std::string(R"("service_tier":"flex",)") + kUsageMembers + ",");
  EXPECT_EQ(described_stream(sse({chunk(R"({"content":"a"})"), with_usage, "[DONE]"})),
            std::string(kHead) + "  text \"a\"\n" + kUsage + "service_tier flex\nstop_raw stop\n");
}

TEST(DecodeAnswer, OpensATextBlockBehindToolCalls) {
  EXPECT_EQ(described_stream(sse(
                {chunk(R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"f",)"
                       R"("arguments":"{}"}}]})"),
                 chunk(R"({"content":"after"})"), finish("stop"), "[DONE]"})),
            std::string(kHead) + "  tool_call c f {}\n  text \"after\"\nstop_raw stop\n");
}

TEST(DecodeAnswer, TellsCallsApartThatShareAnIndex) {
  EXPECT_EQ(described_stream(sse(
                {chunk(R"({"tool_calls":[{"index":0,"id":"c1","function":{"name":"f",)"
                       R"("arguments":"{}"}}]})"),
                 chunk(R"({"tool_calls":[{"index":0,"id":"c2","function":{"name":"f",)"
                       R"("arguments":"{}"}}]})"),
                 finish("stop"), "[DONE]"})),
            std::string(kHead) + "  tool_call c1 f {}\n  tool_call c2 f {}\nstop_raw stop\n");
}

TEST(DecodeAnswer, WaitsForAnIdWhereTheFirstChunkHasNone) {
  EXPECT_EQ(described_stream(sse({R"({"id":"","model":"","created":0,"choices":[],)"
                                  R"("prompt_filter_results":[]})",
                                  chunk(R"({"content":"a"})"), finish("stop"), "[DONE]"})),
            std::string(kHead) + "  text \"a\"\nstop_raw stop\n");
}

TEST(DecodeAnswer, ReadsOnlyTheFirstChoice) {
  EXPECT_EQ(described_stream(sse({R"({"id":"a1","created":7,"model":"gpt","choices":[
                {"index":1,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a"}}]})",
                                  finish("stop"), "[DONE]"})),
            std::string(kHead) + "  text \"a\"\nstop_raw stop\n");
}

TEST(DecodeAnswer, KeepsExtrasAndCitations) {
  EXPECT_EQ(described_unary(R"({"id":"a1","created":7,"model":"gpt","choices":[{"index":0,
      "logprobs":{"content":[]},"message":{"content":"a","annotations":[{"type":"url_citation"}],
      "safety_ratings":[1]},"finish_reason":"stop"}]})"),
            std::string(kHead) +
                "  text \"a\"\n    citations [{\"type\":\"url_citation\"}]\nstop_raw stop\n"
                "extra safety_ratings [1]\nextra logprobs {\"content\":[]}\n");
}

TEST(DecodeAnswer, MakesFaultsOfErrors) {
  const std::string text = chunk(R"({"content":"a"})");
  EXPECT_EQ(described_stream(sse({text, R"({"error":{"message":"slow down",)"
                                        R"("type":"rate_limit_error"}})"})),
            "fault 429 rate_limit_error: slow down");
  EXPECT_EQ(described_stream(sse({R"({"error":{"message":"m","type":"","code":503}})"})),
            "fault 503 : m");
  EXPECT_EQ(described_stream(sse({R"({"error":"gone wrong"})"})), "fault 500 : gone wrong");
  EXPECT_EQ(described_stream("event: error\n" +
                             sse({R"({"message":"m","code":"invalid_api_key"})"})),
            "fault 401 : m");
  EXPECT_EQ(described_unary(R"({"error":{"message":"m","type":"server_error"}})"),
            "fault 500 server_error: m");
}

TEST(DecodeAnswer, NeverEndsSilently) {
  const std::string text = chunk(R"({"content":"a"})");
  const std::string cut = "fault 502 : the provider's stream ended before the answer did";
  EXPECT_EQ(described_stream(""), cut);
  EXPECT_EQ(described_stream(sse({text})), cut);
  EXPECT_EQ(described_stream(sse({text, "[DONE]"})),
            "fault 502 : the provider's stream ended without a reason to stop");
  EXPECT_EQ(described_stream("data: " + text.substr(0, 20)).substr(0, 61),
            "fault 502 : an event of the provider's stream cannot be read:");
  EXPECT_EQ(described_stream(sse({text, "[]"})),
            "fault 502 : an event of the provider's stream is no JSON object");
  EXPECT_EQ(described_stream(sse({text, finish("stop"), text})),
            "fault 502 : the provider goes on after a reason to stop");
  EXPECT_EQ(described_stream(sse({chunk(R"({"content":7})")})),
            "fault 502 : an event of the provider's stream cannot be read: "
            "choices[0].delta.content: must be a string");
  EXPECT_EQ(described_stream(sse({chunk(R"({"tool_calls":[{"index":0,)"
                                        R"("function":{"arguments":"{"}}]})")})),
            "fault 502 : the provider goes on with a tool call that is not open");
}

// Whatever the provider sends, the events are a list as the hub has it, ended by Done or Fault.
TEST(DecodeAnswer, KeepsTheGrammarForEveryCutAndEveryWrongByte) {
  for (const Pair& pair : pairs()) {
    const std::string stream = sse(pair.stream);
    const size_t reason = stream.find("finish_reason");
    for (size_t at = 0; at < stream.size(); ++at) {
      const std::string cut = described_stream(stream.substr(0, at));
      ASSERT_EQ(cut.find("not a list"), std::string::npos) << cut << at;
      ASSERT_TRUE(at >= reason || cut.starts_with("fault ")) << pair.what << at;
      std::string wrong = stream;
      wrong[at] = at % 2 == 0 ? '"' : '1';
      const std::string read = described_stream(wrong);
      ASSERT_EQ(read.find("not a list"), std::string::npos) << read << wrong;
    }
  }
}

TEST(DecodeAnswer, EndsAtTheReasonToStopWhereNothingFollows) {
  EXPECT_EQ(described_stream(sse({chunk(R"({"content":"a"})"), finish("stop")})),
            std::string(kHead) + "  text \"a\"\nstop_raw stop\n");
}

TEST(DecodeAnswer, TakesAnEventAtTheLimit) {
  const std::string spaces(limits::sse_event_max - 2, ' ');
  EXPECT_EQ(described_stream("data: {" + spaces + "}\n\n").find("too large"), std::string::npos);
  EXPECT_EQ(described_stream("data: {" + spaces + " }\n\n"),
            "fault 502 : an event of the provider's stream is too large");
}

TEST(DecodeAnswer, BoundsAnEvent) {
  Bench bench;
  EXPECT_EQ(described_answer(bench.arena, [&](chat::EventSink& sink) {
              StreamDecoder decoder(bench.parser, sink);
              decoder.feed("data: ");
              const std::string piece(1 << 20, ' ');
              for (size_t fed = 0; fed <= limits::sse_event_max; fed += piece.size()) {
                decoder.feed(piece);
              }
              decoder.feed("\n\n");
              decoder.finish();
            }),
            "fault 502 : an event of the provider's stream is too large");
}

TEST(DecodeAnswer, FailsOnAnUnaryAnswerThatIsNone) {
  EXPECT_EQ(described_unary(R"({"choices":[]})"),
            "the provider's answer cannot be read: it has no choice");
  EXPECT_EQ(described_unary("{}"), "the provider's answer cannot be read: it has no choice");
  EXPECT_EQ(described_unary(R"({"choices":[{"message":{"content":3}}]})"),
            "the provider's answer cannot be read: choices[0].message.content: must be a string or "
            "an array of parts");
}

}  // namespace
}  // namespace aigw::dialect::openai_chat
