#include "dialect/bedrock_converse/read_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/test_slices.h"
#include "chat/fold.h"
#include "chat/grammar.h"
#include "chat/testing/describe.h"

namespace aigw::dialect::bedrock_converse {
namespace {

std::string frame(Bytes kind, Bytes type_header, Bytes type, Bytes payload) {
  using wire::HeaderType;
  const wire::EventHeader headers[] = {
      {":message-type", HeaderType::string, kind},
      {type_header, HeaderType::string, type},
      {kind == "error" ? ":error-message" : ":content-type", HeaderType::string,
       kind == "error" ? payload : "application/json"}};
  std::string out;
  wire::append_event(out, headers, kind == "error" ? Bytes() : payload);
  return out;
}

std::string event(Bytes type, Bytes payload) {
  return frame("event", ":event-type", type, payload);
}

const std::string kStart = event("messageStart", R"({"role":"assistant"})");
const std::string kText =
    event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"a\u00e9"}})");
const std::string kEnd = event("messageStop", R"({"stopReason":"end_turn"})");
const std::string kUsage = event("metadata", R"({"usage":{"inputTokens":1,"outputTokens":2}})");

std::string outcome(const Slicing& slicing) {
  Arena arena(1 << 20);
  json::Parser parser;
  chat::Drops drops(arena);
  chat::Fold fold(arena);
  chat::Grammar grammar(&fold);
  StreamReader reader({"id", "m", {}}, parser, drops, grammar);
  slicing.for_each_piece([&](Bytes piece) { reader.feed(piece); });
  reader.finish();
  EXPECT_TRUE(reader.ended() && grammar.complete()) << grammar.violation();
  if (!fold.fault()) return chat::testing::describe(fold.answer());
  std::string text;
  for (const chat::Block& block : fold.answer().blocks) {
    text += std::get<chat::Text>(block.value).text;
  }
  return text + " fault " + std::to_string(fold.fault()->status) + " " +
         std::string(fold.fault()->type) + ": " + std::string(fold.fault()->message);
}

// What the stream comes to, which must be the same for every slicing.
std::string read(const std::string& stream) {
  const std::string first = outcome(whole(stream));
  for_every_slicing(stream, [&](const Slicing& slicing) {
    EXPECT_EQ(outcome(slicing), first) << slicing.name();
  });
  return first;
}

TEST(ReadStream, AnswerInEverySlicing) {
  EXPECT_EQ(read(kStart + kText + kEnd + kUsage),
            "language bedrock_converse\nid id\nmodel m\n  text \"a\xC3\xA9\"\ninput 1\noutput 2\n"
            "total 3\nstop_raw end_turn\n");
}

TEST(ReadStream, ExceptionsAndErrors) {
  EXPECT_EQ(read(kStart + frame("exception", ":exception-type", "throttlingException",
                                R"({"message":"slow down"})")),
            " fault 429 throttlingException: slow down");
  EXPECT_EQ(read(frame("error", ":error-code", "InternalFailure", "it broke")),
            " fault 500 InternalFailure: it broke");
}

TEST(ReadStream, CutsAndDamage) {
  const std::string cut = read(kStart + kText);
  EXPECT_EQ(cut, " fault 502 : Bedrock's stream ended in the middle of the answer");
  const std::string inside = read((kStart + kText).substr(0, kStart.size() + 20));
  EXPECT_TRUE(inside.starts_with(" fault 502 : ")) << inside;
  EXPECT_NE(inside, cut);
  std::string damaged = kStart + kText + kEnd;
  damaged[kStart.size() + kText.size() - 6] ^= 1;
  const std::string broken = read(damaged);
  EXPECT_TRUE(broken.starts_with(" fault 502 : ")) << broken;
  EXPECT_NE(broken, cut);
}

}  // namespace
}  // namespace aigw::dialect::bedrock_converse
