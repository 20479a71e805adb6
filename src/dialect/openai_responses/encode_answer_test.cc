#include "dialect/openai_responses/encode_answer.h"

#include <gtest/gtest.h>

#include <vector>

#include "dialect/openai_responses/codec_test_support.h"

namespace aigw::dialect::openai_responses {
namespace {

using chat::Block;
using Contents = std::vector<Block>;

const AnswerContext kContext = {.model = "claude", .id = "h1", .now = 9, .echo = R"("tools":[])"};

chat::Answer answer_of(const Contents& blocks, chat::StopReason stop = chat::StopReason::end_turn) {
  return {.language = "other", .id = "a1", .model = "claude-x", .created = 7,
          .blocks = std::span<const Block>(blocks),
          .usage = {.input = 15, .output = 5, .total = {}, .cached_input = 2,
                    .cache_creation_input = {}, .reasoning = 1},
          .stop = stop};
}

std::string whole_answer(const chat::Answer& answer, std::string* dropped = nullptr) {
  Bench bench;
  std::string out;
  encode_answer(answer, kContext, bench.drops, out);
  if (dropped != nullptr) *dropped = bench.dropped();
  return out;
}

std::string streamed_answer(const chat::Answer& answer) {
  Bench bench;
  std::string out;
  StreamEncoder encoder(kContext, bench.drops, out);
  chat::unfold(answer, encoder);
  return out;
}

// The response in the last event of a stream.
std::string last_response(const std::string& stream) {
  const std::string member = "\"response\":";
  const size_t at = stream.rfind(member) + member.size();
  return stream.substr(at, stream.size() - at - 3);  // "}\n\n"
}

// The types of a stream's events, each once where it comes in a row, numbered from 0 without a gap.
std::string types(const std::string& stream) {
  std::string all;
  std::string last;
  size_t number = 0;
  for (size_t at = 0; at < stream.size();) {
    const size_t end = stream.find("\n\n", at);
    const std::string event = stream.substr(at, end - at);
    at = end + 2;
    const std::string type = event.substr(7, event.find('\n') - 7);
    const std::string want = "event: " + type + "\ndata: {\"type\":\"" + type +
                             "\",\"sequence_number\":" + std::to_string(number++) + ",";
    EXPECT_EQ(event.substr(0, want.size()), want);
    if (type == last) continue;
    last = type;
    all += (all.empty() ? "" : " ") + type.substr(type.starts_with("response.") ? 9 : 0);
  }
  return all;
}

const Contents kAll = {
    chat::Reasoning{.text = "hm", .signature = "EqQB"}, chat::Text{"Hi \"there\"\n"},
    chat::Text{"No.", {}, true}, chat::ToolCall{"c1", "f", R"({"a": 1})"},
    chat::ToolCall{.id = "c2", .name = "g", .signature = "c2ln"},
    chat::ToolCall{.id = "c3", .name = "sh", .arguments = "ls", .freeform = true},
    chat::Reasoning{.redacted = "R="}};

TEST(EncodeAnswer, TheIdOfAnItemHasSoMuchOfTheResponses) {
  const Contents text = {chat::Text{"a"}};
  const auto shows = [&](const std::string& id, const std::string& item) {
    chat::Answer answer = answer_of(text);
    answer.id = id;
    for (const std::string& written : {whole_answer(answer), streamed_answer(answer)}) {
      EXPECT_NE(written.find("\"id\":\"" + id + "\""), std::string::npos) << written;
      EXPECT_NE(written.find("\"id\":\"" + item + "\""), std::string::npos) << written;
    }
  };
  const std::string most = "resp_" + std::string(limits::responses_id_base_max - 5, 'a');
  shows(most, "msg_" + most + "_0");
  shows(most + "b", "msg_" + most + "_0");
}

TEST(EncodeAnswer, WritesTheWholeResponse) {
  EXPECT_EQ(
      whole_answer(answer_of(kAll)),
      R"({"id":"resp_a1","object":"response","created_at":7,"status":"completed",)"
      R"("background":false,"error":null,"incomplete_details":null,"model":"claude-x","output":[)"
      R"({"id":"rs_resp_a1_0","type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],)"
      R"("encrypted_content":"aigw.signature:EqQB"},)"
      R"({"id":"msg_resp_a1_1","type":"message","status":"completed","role":"assistant","content":[)"
      R"({"type":"output_text","text":"Hi \"there\"\n","annotations":[],"logprobs":[]},)"
      R"({"type":"refusal","refusal":"No."}]},)"
      R"({"id":"fc_resp_a1_2","type":"function_call","status":"completed","call_id":"c1",)"
      R"("name":"f","arguments":"{\"a\": 1}"},)"
      R"({"id":"fc_resp_a1_3","type":"function_call","status":"completed","call_id":"c2",)"
      R"("name":"g","arguments":"{}"},)"
      R"({"id":"rs_resp_a1_4","type":"reasoning","summary":[],)"
      R"("encrypted_content":"aigw.call:c2:c2ln"},)"
      R"({"id":"ctc_resp_a1_5","type":"custom_tool_call","status":"completed","call_id":"c3",)"
      R"("name":"sh","input":"ls"},)"
      R"({"id":"rs_resp_a1_6","type":"reasoning","summary":[],)"
      R"("encrypted_content":"aigw.redacted:R="}],)"
      R"("previous_response_id":null,"store":false,"usage":{"input_tokens":15,)"
      R"("input_tokens_details":{"cached_tokens":2,"cache_write_tokens":0},"output_tokens":5,)"
      R"("output_tokens_details":{"reasoning_tokens":1},"total_tokens":20},"tools":[]})");
}

TEST(EncodeAnswer, EndsAStreamWithWhatTheWholeAnswerIs) {
  for (size_t size = 0; size <= kAll.size(); ++size) {
    const Contents some(kAll.begin(), kAll.begin() + static_cast<std::ptrdiff_t>(size));
    const chat::Answer answer = answer_of(some);
    EXPECT_EQ(last_response(streamed_answer(answer)), whole_answer(answer));
  }
}

TEST(EncodeAnswer, WritesEveryEventOfAStreamInOrder) {
  EXPECT_EQ(types(streamed_answer(answer_of(kAll))),
            "created in_progress "
            "output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
            "reasoning_summary_text.done reasoning_summary_part.done output_item.done "
            "output_item.added content_part.added output_text.delta output_text.done "
            "content_part.done content_part.added refusal.delta refusal.done content_part.done "
            "output_item.done "
            "output_item.added function_call_arguments.delta function_call_arguments.done "
            "output_item.done "
            "output_item.added function_call_arguments.delta function_call_arguments.done "
            "output_item.done output_item.added output_item.done "
            "output_item.added custom_tool_call_input.delta custom_tool_call_input.done "
            "output_item.done "
            "output_item.added output_item.done completed");
}

TEST(EncodeAnswer, WritesEventsExactly) {
  const std::string head =
      R"({"id":"resp_h1","object":"response","created_at":9,"status":"in_progress",)"
      R"("background":false,"error":null,"incomplete_details":null,"model":"claude","output":[],)"
      R"("previous_response_id":null,"store":false,"usage":null,"tools":[]}})";
  const std::string item =
      R"({"id":"msg_resp_h1_0","type":"message","status":"completed","role":"assistant",)"
      R"("content":[{"type":"output_text","text":"Hi","annotations":[],"logprobs":[]}]})";
  const std::string place = R"("item_id":"msg_resp_h1_0","output_index":0,"content_index":0,)";
  const auto event = [](const std::string& type, int number, const std::string& rest) {
    return "event: " + type + "\ndata: {\"type\":\"" + type +
           "\",\"sequence_number\":" + std::to_string(number) + "," + rest + "\n\n";
  };
  const Contents blocks = {chat::Text{"Hi"}};
  chat::Answer answer = answer_of(blocks);
  answer.id = answer.model = {};
  answer.created.reset();
  answer.service_tier = "flex";
  EXPECT_EQ(
      streamed_answer(answer),
      event("response.created", 0, "\"response\":" + head) +
          event("response.in_progress", 1, "\"response\":" + head) +
          event("response.output_item.added", 2,
                R"("output_index":0,"item":{"id":"msg_resp_h1_0","type":"message",)"
                R"("status":"in_progress","role":"assistant","content":[]}})") +
          event("response.content_part.added", 3,
                place + R"("part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}})") +
          event("response.output_text.delta", 4, place + R"("delta":"Hi","logprobs":[]})") +
          event("response.output_text.done", 5, place + R"("text":"Hi","logprobs":[]})") +
          event("response.content_part.done", 6,
                place + R"("part":{"type":"output_text","text":"Hi","annotations":[],)"
                        R"("logprobs":[]}})") +
          event("response.output_item.done", 7, R"("output_index":0,"item":)" + item + "}") +
          event("response.completed", 8,
                R"("response":{"id":"resp_h1","object":"response","created_at":9,)"
                R"("status":"completed","background":false,"error":null,)"
                R"("incomplete_details":null,"model":"claude","output":[)" + item +
                    R"(],"previous_response_id":null,"service_tier":"flex","store":false,)"
                    R"("usage":{"input_tokens":15,"input_tokens_details":{"cached_tokens":2,"cache_write_tokens":0},)"
                    R"("output_tokens":5,"output_tokens_details":{"reasoning_tokens":1},)"
                    R"("total_tokens":20},"tools":[]}})"));
}

TEST(EncodeAnswer, IsReadBackAsItWas) {
  const chat::Answer answer = answer_of(kAll, chat::StopReason::tool_use);
  const std::string want =
      "language openai_responses\nid resp_a1\nmodel claude-x\ncreated 7\n"
      "  reasoning \"hm\"\n    signature EqQB\n  text \"Hi \"there\"\n\"\n  refusal \"No.\"\n"
      "  tool_call c1 f {\"a\": 1}\n  tool_call c2 g {}\n";
  const std::string stream = described_stream(streamed_answer(answer));
  EXPECT_EQ(stream.substr(0, want.size()), want);
  const std::string unary = described_unary(whole_answer(answer));
  EXPECT_EQ(unary.substr(0, want.size()), want);
  EXPECT_NE(unary.find("  reasoning \"\"\n    redacted R=\n"), std::string::npos);
}

TEST(EncodeAnswer, SaysHowItEnded) {
  using chat::StopReason;
  const Contents blocks = {chat::Text{"x"}};
  const auto tail = [&](StopReason stop) {
    const std::string stream = streamed_answer(answer_of(blocks, stop));
    const std::string text = last_response(stream);
    const auto member = [&](const std::string& name) {
      const size_t at = text.find("\"" + name + "\":");
      return text.substr(at, text.find(name == "status" ? "," : ",\"", at) - at);
    };
    const std::string type = types(stream);
    return type.substr(type.rfind(' ') + 1) + " " + member("status") + " " +
           member("incomplete_details") +
           (text.find(R"("type":"message","status":"incomplete")") != std::string::npos ? " cut" : "");
  };
  for (StopReason stop : {StopReason::end_turn, StopReason::stop_sequence, StopReason::tool_use,
                          StopReason::pause, StopReason::unknown}) {
    EXPECT_EQ(tail(stop), R"(completed "status":"completed" "incomplete_details":null)");
  }
  for (StopReason stop : {StopReason::max_tokens, StopReason::context_exceeded}) {
    EXPECT_EQ(tail(stop), R"(incomplete "status":"incomplete" )"
                          R"("incomplete_details":{"reason":"max_output_tokens"} cut)");
  }
  for (StopReason stop : {StopReason::content_filter, StopReason::refusal, StopReason::guardrail,
                          StopReason::recitation, StopReason::language, StopReason::no_image}) {
    EXPECT_EQ(tail(stop), R"(incomplete "status":"incomplete" )"
                          R"("incomplete_details":{"reason":"content_filter"} cut)");
  }
  for (StopReason stop : {StopReason::malformed_tool_call, StopReason::unexpected_tool_call,
                          StopReason::malformed_output}) {
    EXPECT_EQ(tail(stop), R"(failed "status":"failed" "incomplete_details":null cut)");
  }
}

TEST(EncodeAnswer, TellsOfAFaultBeforeAndInTheMiddle) {
  Bench bench;
  std::string out;
  StreamEncoder early(kContext, bench.drops, out);
  early.on_event(chat::event::Fault{.status = 529, .message = "busy \"now\""});
  EXPECT_EQ(out,
            "event: error\n"
            R"(data: {"type":"error","sequence_number":0,"code":"server_error",)"
            R"("message":"busy \"now\"","param":null})"
            "\n\n");
  out.clear();
  StreamEncoder late(kContext, bench.drops, out);
  late.on_event(chat::event::Start{.language = "other", .id = "resp_9"});
  late.on_event(chat::event::BlockOpen{0, chat::event::BlockOpen::Kind::text});
  late.on_event(chat::event::TextDelta{0, "x"});
  late.on_event(chat::event::Fault{.status = 429, .type = "slow"});
  EXPECT_EQ(types(out),
            "created in_progress output_item.added content_part.added output_text.delta error failed");
  const std::string response = last_response(out);
  EXPECT_EQ(response.find(R"({"id":"resp_9","object":"response","created_at":9,"status":"failed",)"
                          R"("background":false,"error":{"code":"rate_limit_exceeded",)"
                          R"("message":"slow"})"),
            0u)
      << response;
  const size_t size = out.size();
  late.on_event(chat::event::TextDelta{0, "y"});
  EXPECT_EQ(out.size(), size);
}

TEST(EncodeAnswer, EndsInAnErrorWhereTheAnswerIsTooLarge) {
  Bench bench;
  std::string out;
  StreamEncoder encoder(kContext, bench.drops, out);
  encoder.on_event(chat::event::Start{.language = "other"});
  encoder.on_event(chat::event::BlockOpen{0, chat::event::BlockOpen::Kind::text});
  const std::string quarter(limits::hub_answer_max / 4, 'a');
  for (int i = 0; i < 4; ++i) {
    out.clear();
    encoder.on_event(chat::event::TextDelta{0, quarter});
    EXPECT_EQ(out.find("too large"), std::string::npos);
  }
  out.clear();
  encoder.on_event(chat::event::TextDelta{0, "b"});
  EXPECT_NE(out.find(R"("message":"the provider's answer is too large")"), std::string::npos);
  EXPECT_NE(out.find("event: response.failed\n"), std::string::npos);
}

TEST(EncodeAnswer, KeepsPicturesAndDropsWhatItHasNoWordFor) {
  const Contents blocks = {
      chat::Image{{chat::Source::Kind::base64, "iVBO", "image/png"}},
      chat::Image{{chat::Source::Kind::url, "https://h/i.png"}}, chat::Opaque{"server_tool_use", "{}"},
      chat::Text{"x", "[{}]"}};
  std::string dropped;
  const std::string text = whole_answer(answer_of(blocks), &dropped);
  EXPECT_NE(text.find(R"("output":[{"id":"ig_resp_a1_0","type":"image_generation_call",)"
                      R"("status":"completed","result":"iVBO"},{"id":"msg_resp_a1_1",)"),
            std::string::npos)
      << text;
  EXPECT_EQ(dropped, "content[] of type media content[] of type server_tool_use citations of the answer");
}

TEST(EncodeAnswer, KeepsCitationsAndItemsOfItsOwnLanguage) {
  const Contents blocks = {chat::Opaque{"web_search_call", "{\"type\":\n\"web_search_call\"}"},
                           chat::Text{"x", R"([{"a":1},{"b":2}])"}};
  chat::Answer answer = answer_of(blocks);
  answer.language = kLanguage;
  const std::string text = whole_answer(answer);
  EXPECT_NE(text.find(R"({"type":"web_search_call"})"), std::string::npos);
  EXPECT_NE(text.find(R"("annotations":[{"a":1},{"b":2}])"), std::string::npos);
  const std::string stream = streamed_answer(answer);
  EXPECT_EQ(last_response(stream), text);
  EXPECT_NE(stream.find(R"("annotation_index":1,"annotation":{"b":2})"), std::string::npos);
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
