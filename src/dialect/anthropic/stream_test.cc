// Streams in: decode_stream.h.
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "dialect/anthropic/test_support.h"

namespace aigw::dialect::anthropic {
namespace {

std::string sse(std::initializer_list<Bytes> events) {
  std::string all;
  for (Bytes event : events) {
    const size_t at = event.find("\"type\":\"") + 8;
    all += "event: ";
    all += event.substr(at, event.find('"', at) - at);
    all += "\ndata: ";
    all += event;
    all += "\n\n";
  }
  return all;
}

std::string start_of(int index, Bytes block) {
  return R"({"type":"content_block_start","index":)" + std::to_string(index) +
         R"(,"content_block":)" + std::string(block) + "}";
}
std::string delta_of(int index, Bytes delta) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" +
         std::string(delta) + "}";
}
std::string stop_of(int index) {
  return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}";
}
std::string input_of(int index, Bytes escaped) {
  return delta_of(index, R"({"type":"input_json_delta","partial_json":")" + std::string(escaped) +
                             "\"}");
}

constexpr Bytes kStart =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",)"
    R"("content":[],"model":"claude-x","stop_reason":null,"stop_sequence":null,"usage":)"
    R"({"input_tokens":10,"cache_read_input_tokens":2,"cache_creation_input_tokens":3,)"
    R"("output_tokens":1,"service_tier":"standard"}}})";
constexpr Bytes kDelta =
    R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},)"
    R"("usage":{"output_tokens":7,"output_tokens_details":{"thinking_tokens":4}}})";
constexpr Bytes kStop = R"({"type":"message_stop"})";

std::string whole_stream() {
  return sse({
      kStart,
      R"({"type":"ping"})",
      start_of(0, R"({"type":"thinking","thinking":"","signature":""})"),
      delta_of(0, R"({"type":"thinking_delta","thinking":"H\u00e9"})"),
      delta_of(0, R"({"type":"thinking_delta","thinking":"m 😀"})"),
      delta_of(0, R"({"type":"signature_delta","signature":"S="})"),
      stop_of(0),
      start_of(1, R"({"type":"redacted_thinking","data":"R"})"),
      stop_of(1),
      start_of(2, R"({"type":"text","text":""})"),
      delta_of(2, R"({"type":"text_delta","text":"a\n"})"),
      delta_of(2, R"({"type":"citations_delta","citation":{"type":"char_location"}})"),
      delta_of(2, R"({"type":"text_delta","text":" b"})"),
      stop_of(2),
      start_of(3, R"({"type":"server_tool_use","id":"s1","name":"web_search","input":{}})"),
      input_of(3, R"({\"q\":)"),
      input_of(3, "1}"),
      stop_of(3),
      start_of(4, R"({"type":"web_search_tool_result","tool_use_id":"s1","content":[]})"),
      stop_of(4),
      start_of(5, R"({"type":"tool_use","id":"t1","name":"f","input":{}})"),
      input_of(5, ""),
      input_of(5, R"({\"a\")"),
      input_of(5, ":1.50}"),
      stop_of(5),
      start_of(6, R"({"type":"tool_use","id":"t2","name":"g","input":{}})"),
      stop_of(6),
      start_of(7, R"({"type":"tool_use","id":"t3","name":"h","input":{"b":2}})"),
      stop_of(7),
      kDelta,
      kStop,
  });
}

constexpr Bytes kWholeUnary =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[)"
    R"({"type":"thinking","thinking":"Hém 😀","signature":"S="},)"
    R"({"type":"redacted_thinking","data":"R"},)"
    R"({"type":"text","text":"a\n b","citations":[{"type":"char_location"}]},)"
    R"({"type":"server_tool_use","id":"s1","name":"web_search","input":{"q":1}},)"
    R"({"type":"web_search_tool_result","tool_use_id":"s1","content":[]},)"
    R"({"type":"tool_use","id":"t1","name":"f","input":{"a":1.50}},)"
    R"({"type":"tool_use","id":"t2","name":"g","input":{}},)"
    R"({"type":"tool_use","id":"t3","name":"h","input":{"b":2}}],)"
    R"("stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,)"
    R"("cache_read_input_tokens":2,"cache_creation_input_tokens":3,"output_tokens":7,)"
    R"("output_tokens_details":{"thinking_tokens":4},"service_tier":"standard"}})";

TEST(DecodeMessagesStream, EveryKindOfBlockAtEveryChunkingAsTheUnaryAnswer) {
  const std::string unary = decode_unary(kWholeUnary);
  EXPECT_EQ(unary, R"(language anthropic
id msg_1
model claude-x
  reasoning "Hém 😀"
    signature S=
  reasoning ""
    redacted R
  text "a
 b"
    citations [{"type":"char_location"}]
  opaque server_tool_use {"type":"server_tool_use","id":"s1","name":"web_search","input":{"q":1}}
  opaque web_search_tool_result {"type":"web_search_tool_result","tool_use_id":"s1","content":[]}
  tool_call t1 f {"a":1.50}
  tool_call t2 g {}
  tool_call t3 h {"b":2}
input 15
output 7
total 22
cached_input 2
cache_creation_input 3
reasoning 4
service_tier standard
stop #3
stop_raw tool_use
)");
  const std::string stream = whole_stream();
  for (size_t chunk = 1; chunk <= 40; ++chunk) EXPECT_EQ(decode_streamed(stream, chunk), unary);
  for (size_t chunk : {size_t{97}, size_t{512}, stream.size()}) {
    EXPECT_EQ(decode_streamed(stream, chunk), unary);
  }
}

TEST(DecodeMessagesStream, EveryStopReasonIsThatOfTheUnaryAnswer) {
  for (Bytes reason : {Bytes("end_turn"), Bytes("max_tokens"), Bytes("stop_sequence"),
                       Bytes("tool_use"), Bytes("pause_turn"), Bytes("refusal"),
                       Bytes("model_context_window_exceeded"), Bytes("compaction")}) {
    const std::string tail = "\"stop_reason\":\"" + std::string(reason) +
                             "\",\"stop_sequence\":\"END\",\"stop_details\":{\"a\":1},"
                             "\"container\":null}";
    const std::string streamed = decode_streamed(
        sse({R"({"type":"message_start","message":{"id":"m","model":"c","usage":)"
             R"({"input_tokens":1,"output_tokens":0}}})",
             R"({"type":"message_delta","delta":{)" + tail + R"(,"usage":{"output_tokens":2}})",
             kStop}),
        1000);
    EXPECT_EQ(streamed,
              decode_unary(R"({"id":"m","model":"c","type":"message","content":[],"usage":)"
                           R"({"input_tokens":1,"output_tokens":2},)" +
                           tail));
    EXPECT_NE(streamed.find("extra stop_details {\"a\":1}"), std::string::npos);
  }
}

TEST(DecodeMessagesStream, AnErrorEventIsAFaultOfItsStatus) {
  const std::string open = sse({kStart, start_of(0, R"({"type":"text","text":""})")});
  EXPECT_EQ(decode_streamed(
                open + sse({R"({"type":"error","error":{"type":"overloaded_error","message":"B"}})",
                            kStop}),
                7),
            "fault 529 overloaded_error B");
  EXPECT_EQ(decode_streamed(
                sse({R"({"type":"error","error":{"type":"rate_limit_error","message":"R"}})"}), 7),
            "fault 429 rate_limit_error R");
}

TEST(DecodeMessagesStream, ACutAnywhereBeforeTheEndIsAFault) {
  const std::string stream = whole_stream();
  json::Parser parser;  // there are many cuts
  const size_t last_data = stream.rfind("data: ");
  for (size_t size = 0; size < stream.size(); ++size) {
    Arena arena(limits::hub_arena_max(1 << 20));
    chat::Drops drops(arena);
    Folded folded(arena);
    StreamDecoder decoder(parser, drops, folded.grammar);
    decoder.feed(Bytes(stream).substr(0, size));
    decoder.finish();
    const std::string text = folded.text();
    // The line of the last event is whole from here on.
    if (size >= last_data + 6 + kStop.size()) {
      EXPECT_FALSE(text.starts_with("fault"));
    } else {
      EXPECT_TRUE(text.starts_with("fault 502  ")) << size << text;
    }
  }
}

TEST(DecodeMessagesStream, WhatBreaksTheGrammarIsAFaultAndNeverAWrongList) {
  const auto text = [](std::initializer_list<Bytes> events) {
    return decode_streamed(sse(events), 4096);
  };
  const std::string open = start_of(0, R"({"type":"text","text":"x"})");
  const std::string more = delta_of(0, R"({"type":"text_delta","text":"y"})");
  const std::string close = stop_of(0);
  constexpr Bytes kNoBlock = "fault 502  a delta of the provider's stream is for no open block";
  EXPECT_EQ(text({open}), "fault 502  the provider's stream does not begin with message_start");
  EXPECT_EQ(text({kStart, kStart}), "fault 502  the provider's stream has a second message_start");
  EXPECT_EQ(text({kStart, more}), kNoBlock);
  EXPECT_EQ(text({kStart, open, close, more}), kNoBlock);
  EXPECT_EQ(text({kStart, close}),
            "fault 502  a content_block_stop of the provider's stream is for no open block");
  EXPECT_EQ(text({kStart, kDelta, open}),
            "fault 502  the provider's stream has a block after its stop reason");
  EXPECT_EQ(text({kStart, R"({"type":"content_block_start","index":0})"}),
            "fault 502  a content_block_start of the provider has no block");
  EXPECT_EQ(decode_streamed("data: {broken\n\n", 3),
            "fault 502  an event of the provider's stream is no JSON object");
  EXPECT_EQ(text({kStart, start_of(0, R"({"type":"server_tool_use"})"), input_of(0, "{"), close}),
            "fault 502  the input of a block of the provider's stream is no JSON");
  // The next one begins without an end of the broken one.
  EXPECT_EQ(text({kStart, start_of(0, R"({"type":"server_tool_use"})"), input_of(0, "{"),
                  start_of(1, R"({"type":"text","text":"x"})")}),
            "fault 502  the input of a block of the provider's stream is no JSON");
}

TEST(DecodeMessagesStream, WhatIsUnknownIsReportedAndPassedOver) {
  Room room;
  Folded folded(room.arena);
  feed_stream(sse({kStart, start_of(0, R"({"type":"text","text":"x"})"),
                   delta_of(0, R"({"type":"mood_delta"})"), stop_of(0), R"({"type":"weather"})",
                   R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":)"
                   R"({"output_tokens":7,"server_tool_use":{"web_search_requests":1}}})",
                   kStop}) +
                  "data: [DONE]\n\n",
              11, room, folded.grammar);
  EXPECT_NE(folded.text().find("text \"x\""), std::string::npos);
  EXPECT_EQ(room.dropped(),
            "content_block_delta of type mood_delta; event weather; usage.server_tool_use");
}

TEST(DecodeMessagesStream, AnEventAtTheLimitIsRead) {
  const std::string spaces(limits::sse_event_max - 2, ' ');
  EXPECT_EQ(decode_streamed("data: {" + spaces + "}\n\n", 1 << 20).find("too large"), std::string::npos);
  EXPECT_EQ(decode_streamed("data: {" + spaces + " }\n\n", 1 << 20),
            "fault 502  an event of the provider's stream is too large");
}

TEST(DecodeMessagesStream, AnEventOverTheLimitIsAFault) {
  Room room;
  Folded folded(room.arena);
  StreamDecoder decoder(room.parser, room.drops, folded.grammar);
  const std::string filler(1 << 20, 'x');
  decoder.feed("data: {\"a\":\"");
  for (size_t fed = 0; fed <= limits::sse_event_max; fed += filler.size()) decoder.feed(filler);
  decoder.feed("\"}\n\n");
  decoder.finish();
  EXPECT_EQ(folded.text(), "fault 502  an event of the provider's stream is too large");
}

TEST(DecodeMessagesAnswer, BlocksThatOnlyRequestsHaveTravelWholeInBothForms) {
  constexpr Bytes kBlock = R"({"type":"image","source":{"type":"url","url":"u"}})";
  const std::string streamed = decode_streamed(
      sse({R"({"type":"message_start","message":{"id":"m","model":"c"}})",
           start_of(0, kBlock), stop_of(0), kStop}),
      1000);
  EXPECT_EQ(streamed, decode_unary(R"({"id":"m","model":"c","content":[)" + std::string(kBlock) +
                                   "]}"));
  EXPECT_NE(streamed.find("opaque image "), std::string::npos);
}

TEST(DecodeMessagesAnswer, AnErrorWithAGoodStatusIsAFault) {
  EXPECT_EQ(decode_unary(R"({"type":"error","error":{"type":"api_error","message":"X"}})"),
            "fault 500 api_error X");
}

TEST(DecodeMessagesAnswer, NoAnswerIsAFailureThatNamesTheMember) {
  EXPECT_EQ(decode_unary("[]"), "failure: the provider's answer is no JSON object");
  EXPECT_EQ(decode_unary("{}"), "failure: content: required");
  EXPECT_EQ(decode_unary(R"({"content":[{"type":"text"}]})"), "failure: content[0].text: required");
}

}  // namespace
}  // namespace aigw::dialect::anthropic
