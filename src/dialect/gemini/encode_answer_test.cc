#include "dialect/gemini/encode_answer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dialect/gemini/answer_words.h"
#include "dialect/gemini/test_support.h"

namespace aigw::dialect::gemini {
namespace {

using chat::Answer;
using chat::Block;

// Whole, or as the events of one delta a block.
std::string whole(const Answer& answer, std::string* dropped = nullptr) {
  Room room;
  std::string out;
  encode_answer(answer, {.model = "asked", .id = "header"}, room.drops, out);
  if (dropped != nullptr) *dropped = room.dropped();
  return out;
}

std::string streamed(const Answer& answer, Framing framing) {
  Room room;
  std::string out;
  StreamEncoder encoder(framing, {.model = "asked", .id = "header"}, room.drops, out);
  chat::unfold(answer, encoder);
  return out;
}

Answer sample() {
  static const std::vector<Block> blocks = {
      chat::Reasoning{.text = "hm", .signature = "not base64"}, chat::Reasoning{.redacted = "R"},
      chat::Text{.text = "Hi\n"},
      chat::ToolCall{.id = "t1", .name = "f", .arguments = R"({"a":1})"},
      chat::ToolCall{.id = "t2", .name = "g", .arguments = "{"},
      chat::Image{{.data = "AA==", .media_type = "image/png"}}};
  static constexpr chat::Extra kExtras[] = {{"safety_ratings", "[1,\n2]"}, {"trace", "{}"}};
  Answer answer;
  answer.language = "other";
  answer.id = "a1";
  answer.model = "m";
  answer.blocks = std::span<const Block>(blocks);
  answer.usage = {.input = 10, .output = 7, .total = 17, .cached_input = 2, .reasoning = 3};
  answer.stop = chat::StopReason::tool_use;
  answer.extras = kExtras;
  return answer;
}

const std::string kCalls =
    R"({"functionCall":{"id":"t1","name":"f","args":{"a":1}}})";
const std::string kUsage =
    R"("usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":4,"totalTokenCount":17,)"
    R"("cachedContentTokenCount":2,"thoughtsTokenCount":3})";

TEST(GeminiEncodeAnswer, Whole) {
  std::string dropped;
  EXPECT_EQ(
      whole(sample(), &dropped),
      R"({"candidates":[{"content":{"parts":[{"text":"hm","thought":true,)"
      R"("thoughtSignature":"YWlndy1yYXc6bm90IGJhc2U2NA=="},{"text":"","thought":true,)"
      R"("thoughtSignature":"YWlndy1yZWQ6Ug=="},{"text":"Hi\n"},)" +
          kCalls +
          R"(,{"functionCall":{"id":"t2","name":"g","args":{}}},)"
          R"({"inlineData":{"mimeType":"image/png","data":"AA=="}}],"role":"model"},)"
          R"("finishReason":"STOP","index":0,"safetyRatings":[1, 2]}],)" +
          kUsage + R"(,"modelVersion":"m","responseId":"a1"})");
  EXPECT_EQ(dropped, "trace; tool arguments that are no JSON object");
}

TEST(GeminiEncodeAnswer, NamesThatTheProviderDoesNotGive) {
  EXPECT_EQ(whole({}),
            R"({"candidates":[{"content":{"parts":[],"role":"model"},"finishReason":"STOP",)"
            R"("index":0}],"usageMetadata":{"promptTokenCount":0,"totalTokenCount":0},)"
            R"("modelVersion":"asked","responseId":"header"})");
}

// The objects of a stream.
std::vector<std::string> items(const std::string& stream, Framing framing) {
  std::vector<std::string> all;
  if (framing == Framing::events) {
    for (size_t at = 0; at < stream.size();) {
      const size_t end = stream.find("\r\n\r\n", at);
      EXPECT_EQ(stream.substr(at, 6), "data: ");
      if (end == std::string::npos) break;
      all.push_back(stream.substr(at + 6, end - at - 6));
      at = end + 4;
    }
    return all;
  }
  Room room;
  for (const json::Value& item : room.parse(stream).elements()) all.emplace_back(item.raw());
  return all;
}

TEST(GeminiEncodeAnswer, StreamsInBothFramings) {
  for (Framing framing : {Framing::events, Framing::array}) {
    const std::vector<std::string> all = items(streamed(sample(), framing), framing);
    ASSERT_EQ(all.size(), 8u);
    const std::string tail = R"(],"role":"model"},"index":0}],"modelVersion":"m","responseId":"a1"})";
    const std::string head = R"({"candidates":[{"content":{"parts":[)";
    EXPECT_EQ(all[0], head + R"({"text":"hm","thought":true})" + tail);
    EXPECT_EQ(all[1], head + R"({"text":"","thought":true,)"
                             R"("thoughtSignature":"YWlndy1yYXc6bm90IGJhc2U2NA=="})" + tail);
    EXPECT_EQ(all[4], head + kCalls + tail);
    EXPECT_EQ(all[7], head + R"({"text":""}],"role":"model"},"finishReason":"STOP","index":0,)"
                             R"("safetyRatings":[1, 2]}],)" +
                          kUsage + R"(,"modelVersion":"m","responseId":"a1"})");
  }
}

// What we write as a stream our own decoder reads as what we write whole.
TEST(GeminiEncodeAnswer, TheStreamIsTheWhole) {
  Answer answer = sample();
  const std::string stream = streamed(answer, Framing::events);
  EXPECT_EQ(decode_streamed(stream, 11), decode_unary(whole(answer)));
}

TEST(GeminiEncodeAnswer, FailuresMidStream) {
  for (Framing framing : {Framing::events, Framing::array}) {
    Room room;
    std::string out;
    StreamEncoder encoder(framing, {}, room.drops, out);
    encoder.on_event(chat::event::Start{});
    encoder.on_event(chat::event::BlockOpen{.index = 0, .kind = chat::event::BlockOpen::Kind::text});
    encoder.on_event(chat::event::TextDelta{0, "a"});
    encoder.on_event(chat::event::Fault{.status = 429, .type = "t", .message = "slow"});
    const std::vector<std::string> all = items(out, framing);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[1], R"({"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}})");
  }
}

TEST(GeminiEncodeAnswer, ReasonsToStop) {
  using Reason = chat::StopReason;
  EXPECT_EQ(encode_finish_reason(Reason::max_tokens), "MAX_TOKENS");
  EXPECT_EQ(encode_finish_reason(Reason::refusal), "SAFETY");
  EXPECT_EQ(encode_finish_reason(Reason::guardrail), "SAFETY");
  EXPECT_EQ(encode_finish_reason(Reason::recitation), "RECITATION");
  EXPECT_EQ(encode_finish_reason(Reason::malformed_tool_call), "MALFORMED_FUNCTION_CALL");
  EXPECT_EQ(encode_finish_reason(Reason::language), "LANGUAGE");
  EXPECT_EQ(encode_finish_reason(Reason::unknown), "OTHER");
}

TEST(GeminiEncodeAnswer, FreeformCallsAreObjects) {
  const std::vector<Block> blocks = {
      chat::ToolCall{.id = "1", .name = "f", .arguments = "a\"b", .freeform = true}};
  Answer answer;
  answer.blocks = std::span<const Block>(blocks);
  EXPECT_NE(whole(answer).find(R"("args":{"input":"a\"b"})"), std::string::npos);
}

}  // namespace
}  // namespace aigw::dialect::gemini
