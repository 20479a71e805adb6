// The texts wanted here are those of the peer's facts, 13.2 and 13.3.

#include "dialect/openai_chat/encode_answer.h"

#include <gtest/gtest.h>

#include "dialect/openai_chat/codec_test_support.h"

namespace aigw::dialect::openai_chat {
namespace {

namespace e = chat::event;
using Kind = e::BlockOpen::Kind;
using chat::Block;

constexpr AnswerStyle kPlain;

// Counts, 0 for what was not reported.
chat::Usage tokens(uint64_t input, uint64_t output, uint64_t total = 0, uint64_t cached = 0) {
  const auto told = [](uint64_t count) {
    return count == 0 ? std::nullopt : std::optional<uint64_t>(count);
  };
  chat::Usage usage;
  usage.input = told(input);
  usage.output = told(output);
  usage.total = told(total);
  usage.cached_input = told(cached);
  return usage;
}

std::string streamed(const AnswerStyle& style, const std::vector<chat::Event>& events,
                     std::string* dropped = nullptr) {
  Bench bench;
  const AnswerContext context{.model = "m", .id = "r", .now = 1};
  std::string out;
  StreamEncoder encoder(style, context, bench.drops, out);
  chat::Grammar grammar(&encoder);
  for (const chat::Event& event : events) grammar.on_event(event);
  EXPECT_EQ(grammar.violation(), "");
  if (dropped != nullptr) *dropped = bench.dropped();
  return out;
}

std::string unary(const AnswerStyle& style, const chat::Answer& answer) {
  Bench bench;
  const AnswerContext context{.model = "m", .id = "r", .now = 1};
  std::string out;
  encode_answer(answer, style, context, bench.drops, out);
  return out;
}

// A chunk with this in the place of its delta and what follows in the choice.
std::string chunk(const std::string& delta, const std::string& rest = "") {
  return R"(data: {"id":"r","choices":[{"index":0,"delta":)" + delta + rest +
         R"(}],"created":1,"model":"m","object":"chat.completion.chunk"})" + "\n\n";
}

TEST(StreamEncoder, SpeaksLikeThePeerFromConverse) {
  EXPECT_EQ(
      streamed(kConverseStyle,
               {e::Start{.language = "converse"},
                e::BlockOpen{.index = 0, .kind = Kind::reasoning}, e::ReasoningDelta{0, "t"},
                e::SignatureDelta{0, "S"}, e::BlockClose{0},
                e::BlockOpen{.index = 1, .kind = Kind::reasoning}, e::Redacted{1, "UkVE"},
                e::BlockClose{1}, e::BlockOpen{.index = 2, .kind = Kind::text},
                e::TextDelta{2, "Hi"}, e::BlockClose{2},
                e::BlockOpen{.index = 3, .kind = Kind::tool_call, .id = "t1", .name = "f"},
                e::ArgsDelta{3, "{"}, e::ArgsDelta{3, "}"}, e::BlockClose{3},
                e::Finish{chat::StopReason::tool_use, "tool_use", ""},
                e::UsageReport{tokens(15, 5, 20, 2), "flex"},
                e::Done{}}),
      chunk(R"({"content":"","role":"assistant"})") +
          chunk(R"({"role":"assistant","reasoning_content":"t"})") +
          chunk(R"({"role":"assistant","thinking_blocks":[{"type":"thinking","signature":"S"}]})") +
          chunk(R"({"role":"assistant","thinking_blocks":[{"type":"redacted_thinking",)"
                R"("data":"UkVE"}]})") +
          chunk(R"({"content":"Hi","role":"assistant"})") +
          chunk(R"({"role":"assistant","tool_calls":[{"index":0,"id":"t1",)"
                R"("function":{"arguments":"","name":"f"},"type":"function"}]})") +
          chunk(R"({"role":"assistant","tool_calls":[{"index":0,"id":null,)"
                R"("function":{"arguments":"{","name":""},"type":"function"}]})") +
          chunk(R"({"role":"assistant","tool_calls":[{"index":0,"id":null,)"
                R"("function":{"arguments":"}","name":""},"type":"function"}]})") +
          chunk(R"({"content":"","role":"assistant"})", R"(,"finish_reason":"tool_calls")") +
          R"(data: {"id":"r","choices":[],"created":1,"model":"m","service_tier":"flex",)"
          R"("object":"chat.completion.chunk","usage":{"prompt_tokens":15,"completion_tokens":5,)"
          R"("total_tokens":20,"prompt_tokens_details":{"cached_tokens":2}}})"
          "\n\ndata: [DONE]\n\n");
}

TEST(StreamEncoder, SpeaksLikeThePeerFromMessages) {
  EXPECT_EQ(
      streamed(kMessagesStyle,
               {e::Ping{}, e::Start{.language = "messages", .id = "r", .model = "claude"},
                e::UsageReport{tokens(15, 1, 0, 2), "standard"},
                e::Ping{}, e::BlockOpen{.index = 0, .kind = Kind::reasoning},
                e::ReasoningDelta{0, "t"}, e::SignatureDelta{0, "S"}, e::BlockClose{0},
                e::BlockOpen{.index = 1, .kind = Kind::text}, e::TextDelta{1, "Hi"},
                e::BlockClose{1},
                e::BlockOpen{.index = 2, .kind = Kind::tool_call, .id = "t1", .name = "f"},
                e::ArgsDelta{2, "{}"}, e::BlockClose{2},
                e::BlockOpen{.index = 3, .kind = Kind::tool_call, .id = "t2", .name = "g"},
                e::BlockClose{3}, e::Finish{chat::StopReason::tool_use, "tool_use", ""},
                e::UsageReport{tokens(0, 7), ""}, e::Done{}}),
      chunk(R"({"role":"assistant","reasoning_content":"t"})") +
          chunk(R"({"thinking_blocks":[{"type":"thinking","signature":"S"}]})") +
          chunk(R"({"content":"Hi"})") +
          chunk(R"({"tool_calls":[{"index":0,"id":"t1","function":{"arguments":"","name":"f"},)"
                R"("type":"function"}]})") +
          chunk(R"({"tool_calls":[{"index":0,"id":null,"function":{"arguments":"{}",)"
                R"("name":""}}]})") +
          chunk(R"({"tool_calls":[{"index":1,"id":"t2","function":{"arguments":"","name":"g"},)"
                R"("type":"function"}]})") +
          chunk(R"({"tool_calls":[{"index":1,"id":null,"function":{"arguments":"{}",)"
                R"("name":""}}]})") +
          chunk("{}", R"(,"finish_reason":"tool_calls")") +
          R"(data: {"id":"r","choices":[],"created":1,"model":"m",)"
          R"("object":"chat.completion.chunk","usage":{"prompt_tokens":15,"completion_tokens":7,)"
          R"("total_tokens":22,"completion_tokens_details":{},)"
          R"("prompt_tokens_details":{"cached_tokens":2}}})"
          "\n\ndata: [DONE]\n\n");
}

// Thoughts may have nothing but a signature, and that in pieces.
TEST(StreamEncoder, ThoughtsWithoutTextStayApart) {
  const std::string text =
      streamed(kMessagesStyle,
               {e::Start{.language = "messages", .id = "r"},
                e::BlockOpen{.index = 0, .kind = Kind::reasoning}, e::SignatureDelta{0, "S"},
                e::SignatureDelta{0, "T"}, e::BlockClose{0},
                e::BlockOpen{.index = 1, .kind = Kind::reasoning}, e::SignatureDelta{1, "U"},
                e::SignatureDelta{1, "V"}, e::BlockClose{1},
                e::Finish{chat::StopReason::end_turn, "", ""}, e::Done{}});
  const auto block = [](const std::string& members) {
    return R"("thinking_blocks":[{"type":"thinking",)" + members + "}]}";
  };
  EXPECT_EQ(text, chunk(R"({"role":"assistant",)" + block(R"("signature":"S")")) +
                      chunk("{" + block(R"("signature":"T")")) +
                      chunk("{" + block(R"("thinking":"","signature":"U")")) +
                      chunk("{" + block(R"("signature":"V")")) +
                      chunk("{}", R"(,"finish_reason":"stop")") + "data: [DONE]\n\n");
  const std::string described = described_stream(text);
  EXPECT_NE(described.find("signature ST"), std::string::npos) << described;
  EXPECT_NE(described.find("signature UV"), std::string::npos) << described;
}

TEST(StreamEncoder, NamesTheRoleOfAnEmptyAnswer) {
  EXPECT_EQ(streamed(kMessagesStyle, {e::Start{}, e::Finish{chat::StopReason::refusal, "", ""},
                                      e::Done{}}),
            chunk(R"({"role":"assistant"})", R"(,"finish_reason":"content_filter")") +
                "data: [DONE]\n\n");
}

TEST(StreamEncoder, EndsWithAnErrorEventAndNothingElse) {
  EXPECT_EQ(streamed(kMessagesStyle,
                     {e::Start{}, e::BlockOpen{.index = 0, .kind = Kind::text},
                      e::TextDelta{0, "Hi"},
                      e::Fault{.status = 529, .type = "overloaded_error", .message = "busy"}}),
            chunk(R"({"content":"Hi","role":"assistant"})") +
                R"(data: {"type":"error","error":{"type":"overloaded_error","code":"529",)"
                R"("message":"busy"}})"
                "\n\n");
  EXPECT_EQ(streamed(kPlain, {e::Fault{.status = 502, .message = "cut"}}),
            R"(data: {"type":"error","error":{"type":"server_error","code":"502","message":"cut"}})"
            "\n\n");
}

TEST(StreamEncoder, TellsTheTimeOfEachChunkWhereThePeerDoes) {
  Bench bench;
  const AnswerContext context{.model = "m", .now = 1};
  std::string out;
  for (const AnswerStyle& style : {kConverseStyle, kMessagesStyle}) {
    out.clear();
    StreamEncoder encoder(style, context, bench.drops, out);
    encoder.on_event(e::Start{});
    encoder.set_now(2);
    encoder.on_event(e::Finish{chat::StopReason::end_turn, "", ""});
    EXPECT_NE(out.find(style.created_per_chunk ? R"("created":2)" : R"("created":1)"),
              std::string::npos)
        << out;
  }
}

TEST(StreamEncoder, ReportsWhatItCannotSay) {
  std::string dropped;
  const Block opaque = chat::Opaque{"server_tool_use", "{}"};
  streamed(kMessagesStyle,
           {e::Start{.language = "messages"}, e::BlockOpen{.index = 0, .kind = Kind::text},
            e::Citation{0, "{}"}, e::BlockClose{0}, e::BlockWhole{1, &opaque},
            e::AnswerExtra{{"container", "{}"}}, e::Finish{chat::StopReason::end_turn, "", ""},
            e::Done{}},
           &dropped);
  EXPECT_EQ(dropped, "content[].citations content[] of type server_tool_use container");
}

TEST(EncodeAnswer, SpeaksLikeThePeerFromConverse) {
  const std::vector<Block> blocks = {chat::Text{"Hi"}};
  chat::Answer answer{.blocks = std::span<const Block>(blocks),
                      .usage = tokens(10, 5, 15)};
  EXPECT_EQ(unary(kConverseStyle, answer),
            R"({"id":"r","choices":[{"finish_reason":"stop","index":0,"message":{"content":"Hi",)"
            R"("role":"assistant"}}],"created":1,"model":"m","object":"chat.completion",)"
            R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})");
}

TEST(EncodeAnswer, JoinsTextsAndKeepsAllReasoning) {
  const std::vector<Block> blocks = {
      chat::Reasoning{.text = "t", .signature = "S"}, chat::Reasoning{.redacted = "UkVE"},
      chat::Text{"a"}, chat::ToolCall{"t1", "f", R"({"x":1})"}, chat::ToolCall{"t2", "g", ""},
      chat::Text{"b"}};
  chat::Answer answer{.id = "i", .model = "provider", .blocks = std::span<const Block>(blocks),
                      .service_tier = "flex", .stop = chat::StopReason::tool_use};
  const std::string calls =
      R"("tool_calls":[{"id":"t1","function":{"arguments":"{\"x\":1}","name":"f"},)"
      R"("type":"function"},)"
      R"({"id":"t2","function":{"arguments":"{}","name":"g"},"type":"function"}],)";
  const std::string thoughts =
      R"("thinking_blocks":[{"type":"thinking","thinking":"t","signature":"S"},)"
      R"({"type":"redacted_thinking","data":"UkVE"}])";
  const std::string head =
      R"({"id":"i","choices":[{"finish_reason":"tool_calls","index":0,"message":{"content":"ab",)"
      R"("role":"assistant",)";
  EXPECT_EQ(unary(kConverseStyle, answer),
            head + calls + R"("reasoning_content":"t",)" + thoughts +
                R"(}}],"created":1,"model":"m","service_tier":"flex","object":"chat.completion"})");
  EXPECT_EQ(unary(kMessagesStyle, answer),
            head + calls +
                R"("reasoning_content":{"reasoningContent":{"redactedContent":"UkVE"}},)" +
                thoughts + R"(}}],"created":1,"model":"provider","object":"chat.completion"})");
}

TEST(EncodeAnswer, NestsReasoningAsThePeerDoesFromMessages) {
  const std::vector<Block> blocks = {chat::Reasoning{.text = "why", .signature = "S"}};
  chat::Answer answer{.model = "claude", .blocks = std::span<const Block>(blocks),
                      .usage = tokens(1, 2)};
  EXPECT_EQ(unary(kMessagesStyle, answer),
            R"({"id":"r","choices":[{"finish_reason":"stop","index":0,)"
            R"("message":{"role":"assistant",)"
            R"("reasoning_content":{"reasoningContent":{"reasoningText":{"text":"why",)"
            R"("signature":"S"}}}}}],"created":1,"model":"claude","object":"chat.completion",)"
            R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,)"
            R"("completion_tokens_details":{},"prompt_tokens_details":{}}})");
}

// Both forms, read back, are the answer again.
TEST(EncodeAnswer, IsReadBackAsItWas) {
  const std::vector<std::vector<Block>> answers = {
      {},
      {chat::Text{"a\n"}},
      {chat::Text{.text = "no", .refusal = true}},
      {chat::Reasoning{.text = "t", .signature = "S"}, chat::Text{"a"}},
      {chat::Reasoning{.text = "t"}, chat::Text{"a"}},
      {chat::Reasoning{.redacted = "R"}, chat::Reasoning{.text = "t", .signature = "S"}},
      {chat::Text{"a"}, chat::ToolCall{"c1", "f", "{}"}, chat::ToolCall{"c2", "g", "[1"},
       chat::ToolCall{.id = "c3", .name = "sh", .arguments = "ls", .freeform = true}}};
  for (const std::vector<Block>& blocks : answers) {
    const chat::Answer answer{.language = kLanguage, .id = "i", .model = "p", .created = 9,
                              .blocks = std::span<const Block>(blocks),
                              .usage = {.input = 1, .output = 2, .total = 3, .cached_input = 1,
                                        .cache_creation_input = 4, .reasoning = 1},
                              .service_tier = "flex", .stop = chat::StopReason::unknown,
                              .stop_raw = "eos"};
    const std::string want = chat::testing::describe(answer);
    EXPECT_EQ(described_unary(unary(kPlain, answer)), want);
    Bench bench;
    const AnswerContext context{.model = "m", .now = 1};
    std::string out;
    StreamEncoder encoder(kPlain, context, bench.drops, out);
    chat::unfold(answer, encoder);
    EXPECT_EQ(described_stream(out), want) << out;
  }
}

}  // namespace
}  // namespace aigw::dialect::openai_chat
