#include "dialect/openai_responses/decode_answer.h"

#include <gtest/gtest.h>

#include "dialect/openai_responses/codec_test_support.h"

namespace aigw::dialect::openai_responses {
namespace {

const char* const kUsage =
    R"("usage":{"input_tokens":15,"input_tokens_details":{"cached_tokens":2},"output_tokens":5,)"
    R"("output_tokens_details":{"reasoning_tokens":1},"total_tokens":20})";

std::string response(const std::string& rest) {
  return R"({"id":"resp_1","object":"response","created_at":7.0,"model":"gpt-5","error":null,)" +
         rest + "}";
}

std::string unary(const std::string& output, const std::string& status = R"("completed")") {
  return response(R"("service_tier":"default","output":[)" + output + R"(],"status":)" + status +
                  "," + kUsage);
}

std::string begin() {
  return R"({"type":"response.created","response":)" +
         response(R"("status":"in_progress","output":[],"usage":null)") + "}";
}

std::string end(const std::string& type = "completed", const std::string& rest = "") {
  return R"({"type":"response.)" + type + R"(","response":)" +
         response(R"("service_tier":"default","status":")" + type + "\"," + rest + kUsage) + "}";
}

std::string added(int index, const std::string& item) {
  return R"({"type":"response.output_item.added","output_index":)" + std::to_string(index) +
         R"(,"item":)" + item + "}";
}

std::string done(int index, const std::string& item) {
  return R"({"type":"response.output_item.done","output_index":)" + std::to_string(index) +
         R"(,"item":)" + item + "}";
}

std::string delta(const std::string& type, int index, const std::string& text,
                  const std::string& rest = "") {
  return R"({"type":"response.)" + type + R"(.delta","output_index":)" + std::to_string(index) +
         rest + R"(,"delta":")" + text + "\"}";
}

struct Pair {
  const char* what;
  std::string unary;
  std::vector<std::string> stream;
  std::string blocks;
  std::string stop;
};

const char* const kMessage =
    R"({"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[)"
    R"({"type":"output_text","text":"Hi \u00df","annotations":[{"type":"url_citation"}]},)"
    R"({"type":"refusal","refusal":"No."}]})";
const char* const kThought =
    R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"one"},)"
    R"({"type":"summary_text","text":"two"}],"encrypted_content":"gAAA"})";
const char* const kCall =
    R"({"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"a\":1}"})";
const char* const kCustom =
    R"({"type":"custom_tool_call","id":"ctc_1","call_id":"c2","name":"sh","input":"ls"})";

std::string call_added() {
  return R"({"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":""})";
}

Pair text_pair() {
  return {"text", unary(kMessage),
          {begin(), added(0, R"({"type":"message","id":"msg_1","content":[]})"),
           R"({"type":"response.content_part.added","output_index":0,"content_index":0,)"
           R"("part":{"type":"output_text","text":""}})",
           delta("output_text", 0, "Hi ", R"(,"content_index":0)"),
           delta("output_text", 0, "\\u00df", R"(,"content_index":0)"),
           R"({"type":"response.output_text.annotation.added","output_index":0,"content_index":0,)"
           R"("annotation":{"type":"url_citation"}})",
           R"({"type":"response.output_text.done","output_index":0,"content_index":0,)"
           R"("text":"Hi \u00df"})",
           R"({"type":"response.content_part.done","output_index":0,"content_index":0,)"
           R"("part":{"type":"output_text","text":"Hi \u00df","annotations":[)"
           R"({"type":"url_citation"}]}})",
           delta("refusal", 0, "No.", R"(,"content_index":1)"),
           R"({"type":"response.content_part.done","output_index":0,"content_index":1,)"
           R"("part":{"type":"refusal","refusal":"No."}})",
           done(0, kMessage), end()},
          "  text \"Hi \xC3\x9F\"\n    citations [{\"type\":\"url_citation\"}]\n"
          "  refusal \"No.\"\n",
          "stop_raw completed\n"};
}

std::vector<Pair> pairs() {
  const std::string calls = std::string(kThought) + "," + kCall + "," + kCustom;
  const std::string said_calls =
      "  reasoning \"one\n\ntwo\"\n    signature openai:rs_1:gAAA\n"
      "  tool_call c1 f {\"a\":1}\n  freeform_call c2 sh ls\n";
  const std::string called = "stop #3\nstop_raw completed\n";
  return {
      text_pair(),
      {"reasoning and parallel tools", unary(calls),
       {begin(), added(0, R"({"type":"reasoning","id":"rs_1","summary":[]})"),
        delta("reasoning_summary_text", 0, "o", R"(,"summary_index":0)"),
        delta("reasoning_summary_text", 0, "ne", R"(,"summary_index":0)"),
        delta("reasoning_summary_text", 0, "two", R"(,"summary_index":1)"), done(0, kThought),
        added(1, call_added()), delta("function_call_arguments", 1, R"({\"a\")"),
        delta("function_call_arguments", 1, ":1}"), done(1, kCall),
        added(2, R"({"type":"custom_tool_call","call_id":"c2","name":"sh","input":""})"),
        delta("custom_tool_call_input", 2, "l"), delta("custom_tool_call_input", 2, "s"),
        done(2, kCustom), end()},
       said_calls, called},
      {"items that are only done", unary(calls),
       {begin(), done(0, kThought), done(1, kCall), done(2, kCustom), end()}, said_calls, called},
      {"a message that is only done", unary(kMessage), {begin(), done(0, kMessage), end()},
       text_pair().blocks, text_pair().stop},
      {"reasoning that nobody can read",
       unary(R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"E"},)"
             R"({"type":"reasoning","id":"rs_2","summary":[]})"),
       {begin(), added(0, R"({"type":"reasoning","id":"rs_1","summary":[]})"),
        done(0, R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"E"})"),
        added(1, R"({"type":"reasoning","id":"rs_2","summary":[]})"),
        done(1, R"({"type":"reasoning","id":"rs_2","summary":[]})"), end()},
       "  reasoning \"\"\n    redacted openai:rs_1:E\n", "stop_raw completed\n"},
      {"reasoning of an open model",
       unary(R"({"type":"reasoning","id":"rs_1","summary":[],)"
             R"("content":[{"type":"reasoning_text","text":"t"}]})"),
       {begin(), added(0, R"({"type":"reasoning","id":"rs_1","summary":[]})"),
        delta("reasoning_text", 0, "t", R"(,"content_index":0)"),
        done(0, R"({"type":"reasoning","id":"rs_1","summary":[]})"), end()},
       "  reasoning \"t\"\n    signature openai:rs_1:\n", "stop_raw completed\n"},
      {"an item of a hosted tool", unary(R"({"type":"web_search_call","id":"ws_1"})"),
       {begin(), added(0, R"({"type":"web_search_call","id":"ws_1","status":"in_progress"})"),
        R"({"type":"response.web_search_call.searching","output_index":0,"item_id":"ws_1"})",
        done(0, R"({"type":"web_search_call","id":"ws_1"})"), end()},
       "  opaque web_search_call {\"type\":\"web_search_call\",\"id\":\"ws_1\"}\n",
       "stop_raw completed\n"},
      {"an item that ends without itself", unary(""),
       {begin(), added(0, R"({"type":"web_search_call","id":"ws_1"})"),
        R"({"type":"response.output_item.done","output_index":0})", end()},
       "", "stop_raw completed\n"},
      {"a cut",
       unary(R"({"type":"message","content":[{"type":"output_text","text":"x"}]})",
             R"("incomplete","incomplete_details":{"reason":"max_output_tokens"})"),
       {begin(), added(0, R"({"type":"message","content":[]})"), delta("output_text", 0, "x"),
        done(0, R"({"type":"message","content":[{"type":"output_text","text":"x"}]})"),
        end("incomplete", R"("incomplete_details":{"reason":"max_output_tokens"},)")},
       "  text \"x\"\n", "stop #2\nstop_raw max_output_tokens\n"},
      {"a filter", unary("", R"("incomplete","incomplete_details":{"reason":"content_filter"})"),
       {begin(), end("incomplete", R"("incomplete_details":{"reason":"content_filter"},)")}, "",
       "stop #4\nstop_raw content_filter\n"},
  };
}

const char* const kHead = "language openai_responses\nid resp_1\nmodel gpt-5\ncreated 7\n";
const char* const kCounts =
    "input 15\noutput 5\ntotal 20\ncached_input 2\nreasoning 1\nservice_tier default\n";

TEST(DecodeAnswer, StreamsFoldIntoWhatTheUnaryAnswerSays) {
  for (const Pair& pair : pairs()) {
    const std::string want = kHead + pair.blocks + kCounts + pair.stop;
    EXPECT_EQ(described_unary(pair.unary), want) << pair.what;
    EXPECT_EQ(described_stream(sse(pair.stream)), want) << pair.what;
  }
}

TEST(DecodeAnswer, TakesStreamsInAnySlices) {
  for (const Pair& pair : pairs()) {
    const std::string stream = sse(pair.stream);
    const std::string want = described_stream(stream);
    for (size_t size : {1u, 7u, 100u}) {
      std::vector<size_t> cuts;
      for (size_t cut = size; cut < stream.size(); cut += size) cuts.push_back(cut);
      ASSERT_EQ(described_stream(Slicing(stream, cuts)), want) << pair.what << size;
    }
  }
}

TEST(DecodeAnswer, OfEveryStreamThatIsCutIsAFault) {
  for (const Pair& pair : pairs()) {
    for (size_t events = 0; events < pair.stream.size(); ++events) {
      const std::vector<std::string> some(pair.stream.begin(),
                                          pair.stream.begin() + static_cast<std::ptrdiff_t>(events));
      ASSERT_EQ(described_stream(sse(some)),
                "fault 502 : the provider's stream ended before the answer did")
          << pair.what << events;
    }
  }
}

TEST(DecodeAnswer, ReadsFailures) {
  EXPECT_EQ(described_unary(response(
                R"("status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"})")),
            "fault 429 : slow");
  EXPECT_EQ(described_unary(R"({"error":{"type":"server_error","message":"m"}})"),
            "fault 500 server_error: m");
  EXPECT_EQ(described_stream(sse({begin(), R"({"type":"response.failed","response":)" +
                                               response(R"("status":"failed","error":)"
                                                        R"({"code":"server_error","message":"m"})") +
                                               "}"})),
            "fault 500 : m");
  for (const char* event :
       {R"({"type":"error","code":"rate_limit_exceeded","message":"m","param":null})",
        R"({"type":"error","error":{"type":"","code":"rate_limit_exceeded","message":"m"}})",
        R"({"error":{"code":"rate_limit_exceeded","message":"m"}})"}) {
    EXPECT_EQ(described_stream(sse({begin(), event})), "fault 429 : m") << event;
    EXPECT_EQ(described_stream(sse({event})), "fault 429 : m") << event;
  }
}

TEST(DecodeAnswer, TextAndThoughtsOutsideOfTheirItemsAreNotCarried) {
  EXPECT_EQ(described_stream(sse({begin(), added(0, R"({"type":"other"})"), delta("output_text", 0, "x"),
                                  delta("reasoning_text", 0, "x"), done(0, R"({"type":"other"})")})),
            described_stream(sse({begin(), added(0, R"({"type":"other"})"), done(0, R"({"type":"other"})")})));
  EXPECT_EQ(described_stream(sse({begin(), added(0, call_added()), delta("output_text", 0, "x"), done(0, kCall)})),
            described_stream(sse({begin(), added(0, call_added()), done(0, kCall)})));
}

TEST(DecodeAnswer, FaultsWhereAStreamCannotBeCarried) {
  EXPECT_EQ(described_stream(sse({begin(), "{broken"})).substr(0, 62),
            "fault 502 : an event of the provider's stream cannot be read: ");
  EXPECT_EQ(described_stream(sse({begin(), delta("output_text", 0, "x")})),
            "fault 502 : the provider goes on with an item that is not open");
  EXPECT_EQ(described_stream(sse({begin(), added(0, call_added()), done(0, kCall),
                                  added(0, call_added())})),
            "fault 502 : the provider goes back to an item that is over");
  EXPECT_EQ(described_stream(sse({begin(), added(0, R"({"type":"function_call"})")})),
            "fault 502 : an event of the provider's stream cannot be read: item.call_id: required");
  const std::string spaces(limits::sse_event_max - 2, ' ');
  EXPECT_EQ(described_stream("data: {" + spaces + "}\n\n").find("too large"), std::string::npos);
  EXPECT_EQ(described_stream("data: {" + spaces + " }\n\n"),
            "fault 502 : an event of the provider's stream is too large");
}

TEST(DecodeAnswer, RefusesWhatIsNoAnswer) {
  EXPECT_EQ(described_unary(R"({"id":"x"})"),
            "the provider's answer cannot be read: output: required");
  EXPECT_EQ(described_unary(R"({"output":[1]})"),
            "the provider's answer cannot be read: output[0]: must be an object");
  EXPECT_EQ(described_unary(R"({"status":"queued","output":[]})"),
            "the provider's answer cannot be read: it has not ended");
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
