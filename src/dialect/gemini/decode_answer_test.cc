#include "dialect/gemini/decode_answer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "dialect/gemini/test_support.h"

namespace aigw::dialect::gemini {
namespace {

std::string candidate(const std::string& parts, const std::string& more = "") {
  return R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"})" + more +
         R"(}],"modelVersion":"gemini-x","responseId":"r+1","createTime":)"
         R"("2025-01-02T03:04:05.678901Z"})";
}

std::string sse(const std::vector<std::string>& chunks) {
  std::string stream;
  for (const std::string& chunk : chunks) stream += "data: " + chunk + "\r\n\r\n";
  return stream;
}

constexpr Bytes kHead = "language gemini\nid r+1\nmodel gemini-x\ncreated 1735787045\n";
std::string answer(const std::string& rest) { return std::string(kHead) + rest; }

TEST(GeminiAnswer, Text) {
  const std::string body =
      R"({"candidates":[{"content":{"parts":[{"text":"Hel"},{"text":"lo"}],"role":"model"},)"
      R"("finishReason":"STOP","safetyRatings":[{"category":"C"}],"avgLogprobs":-0.1}],)"
      R"("usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":18,)"
      R"("thoughtsTokenCount":3,"cachedContentTokenCount":2},"modelVersion":"gemini-x",)"
      R"("responseId":"r+1","createTime":"2025-01-02T04:04:05+01:00"})";
  EXPECT_EQ(decode_unary(body),
            answer("  text \"Hello\"\ninput 10\noutput 8\ntotal 18\ncached_input 2\nreasoning 3\n"
                   "stop_raw STOP\nextra safety_ratings [{\"category\":\"C\"}]\n"
                   "extra avgLogprobs -0.1\n"));
}

TEST(GeminiAnswer, CallsWithTheSignatureOfTheThoughts) {
  const std::string calls = candidate(
      R"({"text":"hm","thought":true},{"functionCall":{"name":"f","args":{"a": 1}},)"
      R"("thoughtSignature":"c2ln"},{"functionCall":{"name":"g","id":"own"}})",
      R"(,"finishReason":"STOP")");
  EXPECT_EQ(decode_unary(calls),
            answer("  reasoning \"hm\"\n    signature c2ln\n  tool_call call_r_1_0 f {\"a\": 1}\n"
                   "  tool_call own g {}\nstop #3\nstop_raw STOP\n"));
}

TEST(GeminiAnswer, TheIdOfACallHasSoMuchOfTheAnswers) {
  const std::string most(limits::gemini_call_id_max, 'a');
  const auto call_of = [](const std::string& id) {
    const std::string text =
        decode_unary(R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}],"responseId":")" + id +
                     "\"}");
    const size_t at = text.find("tool_call ");
    return text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(call_of(most), "tool_call call_" + most + "_0 f {}");
  EXPECT_EQ(call_of(most + "b"), "tool_call call_" + most + "_0 f {}");
}

TEST(GeminiAnswer, ASignatureWithoutThoughtsIsAThoughtWithoutWords) {
  EXPECT_EQ(decode_unary(candidate(R"({"text":"Hi","thoughtSignature":"S"})")),
            answer("  text \"Hi\"\n  reasoning \"\"\n    signature S\nstop #15\n"));
  EXPECT_EQ(decode_unary(candidate(
                R"({"text":"a","thought":true},{"text":"b"},{"functionCall":{"name":"f"},)"
                R"("thoughtSignature":"S"})")),
            answer("  reasoning \"a\"\n  text \"b\"\n  reasoning \"\"\n    signature S\n"
                   "  tool_call call_r_1_0 f {}\nstop #15\n"));
}

TEST(GeminiAnswer, PicturesAndPartsNobodyKnows) {
  EXPECT_EQ(decode_unary(candidate(
                R"({"inlineData":{"mimeType":"image/png","data":"AA=="}},)"
                R"({"inlineData":{"mimeType":"audio/L16","data":"AA=="}},)"
                R"({"executableCode":{"code":"1"}})",
                R"(,"finishReason":"MAX_TOKENS")")),
            answer("  image #0 image/png AA==\n  audio #0 audio/L16 AA==\n"
                   "  opaque executableCode {\"executableCode\":{\"code\":\"1\"}}\nstop #2\n"
                   "stop_raw MAX_TOKENS\n"));
}

TEST(GeminiAnswer, ReasonsToStop) {
  const auto stop = [](const std::string& word) {
    const std::string text =
        decode_unary(R"({"candidates":[{"finishReason":")" + word + R"("}]})");
    return text.substr(0, text.find("stop_raw"));
  };
  const auto is = [](chat::StopReason reason) {
    return "language gemini\nstop #" + std::to_string(static_cast<int>(reason)) + "\n";
  };
  for (const char* word : {"SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
                           "IMAGE_PROHIBITED_CONTENT"}) {
    EXPECT_EQ(stop(word), is(chat::StopReason::content_filter)) << word;
  }
  EXPECT_EQ(stop("IMAGE_RECITATION"), is(chat::StopReason::recitation));
  EXPECT_EQ(stop("MALFORMED_FUNCTION_CALL"), is(chat::StopReason::malformed_tool_call));
  EXPECT_EQ(stop("UNEXPECTED_TOOL_CALL"), is(chat::StopReason::unexpected_tool_call));
  EXPECT_EQ(stop("LANGUAGE"), is(chat::StopReason::language));
  EXPECT_EQ(stop("NO_IMAGE"), is(chat::StopReason::no_image));
  EXPECT_EQ(stop("OTHER"), is(chat::StopReason::unknown));
}

TEST(GeminiAnswer, ABlockedPromptIsFiltered) {
  EXPECT_EQ(decode_unary(R"({"promptFeedback":{"blockReason":"SAFETY"}})"),
            "language gemini\nstop #4\nstop_raw SAFETY\n"
            "extra promptFeedback {\"blockReason\":\"SAFETY\"}\n");
}

TEST(GeminiAnswer, LogProbabilitiesInTheFormOfChat) {
  const std::string text = decode_unary(candidate(
      R"({"text":"a"})",
      R"(,"logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.25}],)"
      R"("topCandidates":[{"candidates":[{"token":"a","logProbability":-0.25}]}]})"));
  EXPECT_NE(text.find(R"(extra logprobs {"content":[{"token":"a","logprob":-0.25,)"
                      R"("top_logprobs":[{"token":"a","logprob":-0.25}]}]})"),
            std::string::npos)
      << text;
}

TEST(GeminiAnswer, WhatIsNone) {
  EXPECT_EQ(decode_unary(R"({"error":{"code":503,"message":"m","status":"UNAVAILABLE"}})"),
            "fault 503 UNAVAILABLE m");
  EXPECT_EQ(decode_unary("{}"), "failure: Gemini's answer has no candidates");
}

TEST(GeminiAnswer, ChoicesAndQuotedTextsLoseWhatIsAroundThem) {
  const AnswerContext choice{.form = TextForm::choice};
  const AnswerContext quoted{.form = TextForm::quoted};
  const std::string parts = R"({"text":" \n"},{"text":" red "},{"text":"wine"},{"text":" \n"})";
  EXPECT_EQ(decode_unary(candidate(parts), choice), answer("  text \"red wine\"\nstop #15\n"));
  const std::string string = R"({"text":"\"a\""},{"text":"b\""},{"text":"\""})";
  EXPECT_EQ(decode_unary(candidate(string), quoted), answer("  text \"a\"b\"\"\nstop #15\n"));
  EXPECT_EQ(decode_unary(candidate(R"({"text":"bare"})"), quoted),
            answer("  text \"bare\"\nstop #15\n"));
}

TEST(GeminiStream, FoldsToTheWholeAnswerAtEveryChunking) {
  const std::vector<std::string> chunks = {
      candidate(R"({"text":"th","thought":true})"),
      candidate(R"({"text":"ink","thought":true},{"text":"He"})"),
      candidate(R"({"text":"llo"})"),
      candidate(R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"S"},)"
                R"({"functionCall":{"name":"g"}})",
                R"(,"safetyRatings":[1])"),
      R"({"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP",)"
      R"("safetyRatings":[2]}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,)"
      R"("totalTokenCount":6}})"};
  const std::string whole = decode_unary(
      R"({"candidates":[{"content":{"parts":[{"text":"think","thought":true},{"text":"Hello"},)"
      R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"S"},)"
      R"({"functionCall":{"name":"g"}}]},"finishReason":"STOP","safetyRatings":[2]}],)"
      R"("usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"totalTokenCount":6},)"
      R"("modelVersion":"gemini-x","responseId":"r+1","createTime":"2025-01-02T03:04:05Z"})");
  EXPECT_EQ(whole, answer("  reasoning \"think\"\n  text \"Hello\"\n  reasoning \"\"\n"
                          "    signature S\n  tool_call call_r_1_0 f {}\n"
                          "  tool_call call_r_1_1 g {}\ninput 4\noutput 2\ntotal 6\nstop #3\n"
                          "stop_raw STOP\nextra safety_ratings [2]\n"));
  const std::string stream = sse(chunks);
  for (size_t chunk = 1; chunk <= stream.size(); ++chunk) {
    ASSERT_EQ(decode_streamed(stream, chunk), whole) << chunk;
  }
}

TEST(GeminiStream, EndsThatAreNone) {
  const std::string text = candidate(R"({"text":"a"})");
  EXPECT_EQ(decode_streamed(sse({text}), 7),
            "fault 502  the provider's stream ended before its finishReason");
  EXPECT_EQ(decode_streamed("", 1),
            "fault 502  the provider's stream ended before its finishReason");
  EXPECT_EQ(decode_streamed(sse({text, "{"}), 7),
            "fault 502  an event of the provider's stream is no JSON object");
  EXPECT_EQ(decode_streamed(sse({text, "[1]"}), 7),
            "fault 502  an event of the provider's stream is no JSON object");
  EXPECT_EQ(decode_streamed(
                sse({text, R"({"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}})",
                     text}),
                9),
            "fault 429 RESOURCE_EXHAUSTED m");
  const std::string spaces(limits::sse_event_max - 2, ' ');
  EXPECT_EQ(decode_streamed("data: {" + spaces + "}\n\n", 1 << 20).find("too large"), std::string::npos);
  EXPECT_EQ(decode_streamed("data: {" + spaces + " }\n\n", 1 << 20),
            "fault 502  an event of the provider's stream is too large");
}

TEST(GeminiStream, IdsOfCallsWithoutAnIdOfTheAnswer) {
  const std::string body = R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}]})";
  const auto id = [&](uint64_t salt) {
    const std::string text = decode_unary(body, {.salt = salt});
    const size_t at = text.find("call_", text.find("tool_call") + 5);
    return text.substr(at, text.find(' ', at) - at);
  };
  EXPECT_EQ(id(1), id(1));
  EXPECT_NE(id(1), id(2));
  EXPECT_EQ(id(1).size(), 23u);
}

}  // namespace
}  // namespace aigw::dialect::gemini
