// What clients of this language send and get.
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "chat/fold.h"
#include "chat/testing/describe.h"
#include "dialect/bedrock_converse/decode_answer.h"
#include "dialect/bedrock_converse/decode_request.h"
#include "dialect/bedrock_converse/encode_answer.h"
#include "dialect/bedrock_converse/observer.h"
#include "dialect/bedrock_converse/read_stream.h"
#include "dialect/bedrock_converse/redacted.h"
#include "wire/eventstream.h"

namespace aigw::dialect::bedrock_converse {
namespace {

namespace event = chat::event;
using chat::testing::describe;

struct Room {
  Arena arena{limits::hub_arena_max(4 << 20)};
  json::Parser parser;
  chat::Drops drops{arena};

  std::string dropped() const {
    std::string all;
    for (const chat::Drops::Drop& drop : drops.kept()) all += std::string(drop.path) + "; ";
    return all;
  }
  // The conversation, described; or the status and the message.
  std::string decode(Bytes body) {
    const Result<json::Value> root = parser.parse(body, arena);
    if (!root) return root.error().message;
    const Result<chat::Conversation> result = decode_request(*root, "m", false, arena, drops);
    if (result) return describe(*result);
    return std::to_string(traits(result.error().kind).status) + ": " + result.error().message;
  }
};

std::string refused(Bytes body) { return Room().decode(body); }

TEST(ConverseClient, WhatIsWrongIsNamed) {
  EXPECT_EQ(refused("{}"), "400: messages: required");
  EXPECT_EQ(refused("[]"), "400: invalid request body: a JSON object is expected");
  EXPECT_EQ(refused(R"({"messages":[{"role":"bot","content":[]}]})"),
            "400: messages[0].role: must be user, assistant or system");
  EXPECT_EQ(refused(R"({"messages":[{"role":"user"}]})"), "400: messages[0].content: required");
  EXPECT_EQ(refused(R"({"messages":[{"role":"user","content":[{}]}]})"),
            "400: messages[0].content[0]: must have a member that says of what kind it is");
  EXPECT_EQ(refused(R"({"messages":[{"role":"user","content":[{"text":1}]}]})"),
            "400: messages[0].content[0].text: must be a string");
  EXPECT_EQ(refused(R"({"messages":[],"outputConfig":{"textFormat":{"structure":{"jsonSchema":{"schema":"{"}}}}})"),
            "400: outputConfig.textFormat.structure.jsonSchema.schema: must be the text of a "
            "JSON object");
}

TEST(ConverseClient, WhatOnlyBedrockCanDoIsRefused) {
  const auto content = [](const std::string& block) {
    return refused(R"({"messages":[{"role":"user","content":[)" + block + "]}]}");
  };
  EXPECT_EQ(content(R"({"image":{"format":"png","source":{"s3Location":{"uri":"s3://b/k"}}}})"),
            "422: this backend cannot take messages[].content[].image.source.s3Location: only Bedrock can");
  EXPECT_EQ(content(R"({"video":{"format":"mp4","source":{"bytes":"AA=="}}})"),
            "422: this backend cannot take messages[].content[].video: only Bedrock can");
  EXPECT_EQ(content(R"({"toolResult":{"toolUseId":"t","content":[{"searchResult":{}}]}})"),
            "422: this backend cannot take messages[].content[].toolResult.content[].searchResult: only Bedrock can");
}

TEST(ConverseClient, WhatNobodyReadsIsReported) {
  Room room;
  room.decode(
      R"({"messages":[{"role":"user","content":[{"text":"a"}],"id":1}],"inferenceConfig":{"minTokens":1},)"
      R"("serviceTier":{"type":"flex","more":1},"outputConfig":{"x":1},"toolConfig":{"tools":[)"
      R"({"cachePoint":{"type":"default"}},{"toolSpec":{"name":"f","inputSchema":{"json":{}},"y":1}}]},)"
      R"("additionalModelRequestFields":{"thinking":{"type":"enabled","z":1}}})");
  EXPECT_EQ(room.dropped(),
            "messages[].id; inferenceConfig.minTokens; toolConfig.tools[].cachePoint; toolConfig.tools[].toolSpec.y; "
            "outputConfig.x; serviceTier.more; additionalModelRequestFields.thinking.z; ");
}

TEST(ConverseClient, OtherWaysToSayTheSame) {
  EXPECT_EQ(Room().decode(R"({"messages":[{"role":"user","content":[{"guardContent":{"text":{"text":"a"}}}]}]})"),
            Room().decode(R"({"messages":[{"role":"user","content":[{"text":"a"}]}]})"));
  EXPECT_EQ(Room().decode(R"({"messages":[],"additionalModelRequestFields":{"reasoning_effort":"low"}})"),
            Room().decode(R"({"messages":[],"outputConfig":{"effort":"low"}})"));
  EXPECT_EQ(Room().decode(R"({"messages":[],"inferenceConfig":{"topK":5}})"),
            Room().decode(R"({"messages":[],"additionalModelRequestFields":{"top_k":5}})"));
  EXPECT_EQ(Room().decode(R"({"messages":[],"additionalModelRequestFields":{"reasoning_config":{"type":"enabled"}}})"),
            Room().decode(R"({"messages":[],"additionalModelRequestFields":{"thinking":{"type":"enabled"}}})"));
}

TEST(ConverseClient, RedactedThoughtsAreBase64OnTheWire) {
  Arena arena(1 << 20);
  EXPECT_EQ(wire_redacted("UmVk"), "UmVk");
  EXPECT_EQ(read_redacted("UmVk", arena), "UmVk");
  for (Bytes data : {"openai:rs_1:abc", "ab-_", "YWlndy1yZWQ6", "YWlndy1yZWQ6UmVk"}) {
    const std::string wire = wire_redacted(data);
    EXPECT_TRUE(wire.starts_with("YWlndy1yZWQ6")) << data;
    EXPECT_EQ(read_redacted(wire, arena), data);
  }
}

// The messages of a stream, one a line.
class Frames final : private wire::EventStreamSink {
 public:
  explicit Frames(Bytes stream) {
    wire::EventStreamDecoder decoder;
    EXPECT_TRUE(decoder.feed(stream, *this));
    EXPECT_TRUE(decoder.finish());
  }
  std::string text;

 private:
  void on_message(const wire::EventMessage& message) override {
    EXPECT_EQ(message.content_type, "application/json");
    text += message.message_type == "event" ? message.event_type : message.exception_type;
    text += ' ';
    text += message.payload;
    text += '\n';
  }
};

uint64_t later() { return 5'999'999; }

TEST(ConverseClient, AStreamTellsEverything) {
  Room room;
  std::string out;
  StreamEncoder encoder({.now = later, .started_ns = 1'000'000}, room.drops, out);
  const chat::Block picture(chat::Image{{.data = "AA==", .media_type = "image/png"}});
  using Open = event::BlockOpen;
  const chat::Event events[] = {
      event::Start{.language = "another"},
      event::Ping{},
      Open{.index = 0, .kind = Open::Kind::reasoning},
      event::ReasoningDelta{0, "h\n"},
      event::SignatureDelta{0, "sig"},
      event::BlockClose{0},
      Open{.index = 1, .kind = Open::Kind::reasoning},
      event::Redacted{1, "a secret"},
      event::BlockClose{1},
      Open{.index = 2, .kind = Open::Kind::text},
      event::Citation{2, "{}"},
      event::BlockClose{2},
      Open{.index = 3, .kind = Open::Kind::tool_call, .id = "t", .name = "f"},
      event::BlockClose{3},
      Open{.index = 4, .kind = Open::Kind::tool_call, .id = "u", .name = "g", .freeform = true},
      event::ArgsDelta{4, "a\""},
      event::ArgsDelta{4, "b"},
      event::BlockClose{4},
      event::BlockWhole{5, &picture},
      event::Finish{chat::StopReason::tool_use},
      event::UsageReport{{.input = 9, .output = 5, .cached_input = 4, .cache_creation_input = 2}, "standard"},
      event::Done{}};
  for (const chat::Event& one : events) encoder.on_event(one);
  EXPECT_EQ(Frames(out).text, R"~(messageStart {"role":"assistant"}
contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"h\n"}}}
contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"sig"}}}
contentBlockStop {"contentBlockIndex":0}
contentBlockDelta {"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"YWlndy1yZWQ6YSBzZWNyZXQ="}}}
contentBlockStop {"contentBlockIndex":1}
contentBlockDelta {"contentBlockIndex":2,"delta":{"text":""}}
contentBlockStop {"contentBlockIndex":2}
contentBlockStart {"contentBlockIndex":3,"start":{"toolUse":{"name":"f","toolUseId":"t"}}}
contentBlockDelta {"contentBlockIndex":3,"delta":{"toolUse":{"input":"{}"}}}
contentBlockStop {"contentBlockIndex":3}
contentBlockStart {"contentBlockIndex":4,"start":{"toolUse":{"name":"g","toolUseId":"u"}}}
contentBlockDelta {"contentBlockIndex":4,"delta":{"toolUse":{"input":"{\"input\":\"a\\\""}}}
contentBlockDelta {"contentBlockIndex":4,"delta":{"toolUse":{"input":"b"}}}
contentBlockDelta {"contentBlockIndex":4,"delta":{"toolUse":{"input":"\"}"}}}
contentBlockStop {"contentBlockIndex":4}
contentBlockStart {"contentBlockIndex":5,"start":{"image":{"format":"png"}}}
contentBlockDelta {"contentBlockIndex":5,"delta":{"image":{"source":{"bytes":"AA=="}}}}
contentBlockStop {"contentBlockIndex":5}
messageStop {"stopReason":"tool_use"}
metadata {"metrics":{"latencyMs":4},"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":14,)~"
                              R"~("cacheReadInputTokens":4,"cacheWriteInputTokens":2},"serviceTier":{"type":"default"}}
)~");
  EXPECT_EQ(room.dropped(), "citations of the answer; ");
}

TEST(ConverseClient, AFaultEndsAStream) {
  const auto written = [](const event::Fault& fault) {
    Room room;
    std::string out;
    StreamEncoder encoder({}, room.drops, out);
    encoder.on_event(fault);
    return Frames(out).text;
  };
  EXPECT_EQ(written({.status = 429, .type = "t", .message = "slow \"down\""}),
            "throttlingException {\"message\":\"slow \\\"down\\\"\"}\n");
  EXPECT_EQ(written({.status = 400, .type = "t"}), "validationException {\"message\":\"t\"}\n");
  EXPECT_EQ(written({.status = 502}), "modelStreamErrorException {\"message\":\"\"}\n");
  EXPECT_EQ(written({.status = 529}), "serviceUnavailableException {\"message\":\"\"}\n");
  EXPECT_EQ(written({.status = 500}), "internalServerException {\"message\":\"\"}\n");
}

// An answer of this language, whole and as a stream, written anew: the same is read from both.
TEST(ConverseClient, OwnAnswersComeBack) {
  constexpr Bytes kAnswer =
      R"({"output":{"message":{"content":[{"citationsContent":{"content":[{"text":"a"}],)"
      R"("citations":[{"title":"b"}]}},{"toolUse":{"toolUseId":"t","name":"f","input":{"x":1.0}}},)"
      R"({"image":{"format":"png","source":{"bytes":"AA=="}}}],)"
      R"("role":"assistant"}},"stopReason":"guardrail_intervened","usage":{"inputTokens":3,"outputTokens":5},)"
      R"("serviceTier":{"type":"flex"},"trace":{"guardrail":{}},"additionalModelResponseFields":{"a":1},)"
      R"("metrics":{"latencyMs":7}})";
  Room room;
  const auto fold = [&](Bytes body) {
    auto* folded = new chat::Fold(room.arena);
    const Result<json::Value> root = room.parser.parse(body, room.arena);
    EXPECT_TRUE(root && decode_answer(*root, {}, room.arena, room.drops, *folded)) << body;
    return std::unique_ptr<chat::Fold>(folded);
  };
  // How long it took is told anew.
  const auto told = [](chat::Answer answer) {
    std::vector<chat::Extra> extras;
    for (const chat::Extra& extra : answer.extras) {
      if (extra.name != "metrics") extras.push_back(extra);
    }
    answer.extras = extras;
    return describe(answer);
  };
  const auto first = fold(kAnswer);
  std::string whole;
  encode_answer(first->answer(), {}, room.drops, whole);
  EXPECT_EQ(told(fold(whole)->answer()), told(first->answer()));
  std::string stream;
  StreamEncoder encoder({}, room.drops, stream);
  chat::unfold(first->answer(), encoder);
  chat::Fold streamed(room.arena);
  StreamReader reader({}, room.parser, room.drops, streamed);
  reader.feed(stream);
  reader.finish();
  EXPECT_FALSE(streamed.fault());
  EXPECT_EQ(told(streamed.answer()), told(first->answer()));
  EXPECT_EQ(room.drops.count(), 0u) << room.dropped();
}

TEST(ConverseClient, UsageIsReadFromWhatPasses) {
  const auto check = [](const chat::Usage& usage) {
    EXPECT_EQ(usage.input, 9u);
    EXPECT_EQ(usage.output, 5u);
    EXPECT_EQ(usage.total, 14u);
    EXPECT_EQ(usage.cached_input, 4u);
    EXPECT_EQ(usage.cache_creation_input, 2u);
  };
  const std::string payload =
      R"({"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8,)"
      R"("cacheReadInputTokens":4,"cacheWriteInputTokens":2}})";
  chat::Usage usage;
  std::string model;
  UnaryObserver unary({usage, model});
  unary.feed(payload);
  unary.finish();
  check(usage);
  const wire::EventHeader headers[] = {{":event-type", wire::HeaderType::string, "metadata"}};
  std::string stream;
  wire::append_event(stream, headers, payload);
  usage = {};
  StreamObserver observer({usage, model});
  for (char c : stream) observer.feed(Bytes(&c, 1));
  observer.finish();
  check(usage);
  EXPECT_EQ(model, "");
}

}  // namespace
}  // namespace aigw::dialect::bedrock_converse
