// What runs into a limit is counted under that limit's name, whether it ends the request, its answer, or only the
// reading of the answer: the label is the failure's own, and no text decides it.
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "config/compile.h"
#include "config/load.h"
#include "credential/store.h"
#include "exchange/attempt.h"
#include "exchange/exchange.h"
#include "http/testing/vector_header_map.h"
#include "wire/eventstream.h"
#include "wire/gzip.h"

namespace aigw::exchange {
namespace {

using Names = std::vector<std::string>;

// Keeps the name of each limit that it is told of.
class Recorder final : public observe::Recorder {
 public:
  void request_began(Bytes) override {}
  void attempt_began(const observe::AttemptRecord&) override {}
  void attempt_ended(const observe::AttemptRecord&) override {}
  void request_ended(const observe::RequestRecord&) override {}
  void refused(Bytes, FailureKind) override {}
  void limited(Limit limit) override { names.emplace_back(name_of(limit)); }
  void dropped(Bytes, Bytes, uint64_t) override {}
  Names names;
};

class Thrown final : public ByteSink {
 public:
  void append(Bytes) override {}
};

constexpr Bytes kBackends = R"(backends:
  - name: openai
    schema: {name: OpenAI}
  - name: chat
    schema: {name: OpenAIChat}
  - name: responses
    schema: {name: OpenAIResponses}
  - name: anthropic
    schema: {name: Anthropic}
  - name: gemini
    schema: {name: GeminiAPI}
  - name: bedrock
    schema: {name: AWSBedrock}
  - name: aws-anthropic
    schema: {name: AWSAnthropic}
)";

constexpr Bytes kChat = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]})";
constexpr Bytes kMessage =
    R"({"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})";
constexpr Bytes kGenerate = R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}]})";
constexpr Bytes kConverse = R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})";

constexpr Bytes kEvents = "text/event-stream";
constexpr Bytes kFrames = "application/vnd.amazon.eventstream";

struct Answer {
  Bytes type = "application/json";
  std::string body = {};
  Bytes coding = {};
};

// What a request and its answer run into.
struct Story {
  std::string path = "/v1/chat/completions";
  std::string content_type = "application/json";
  std::string body = std::string(kChat);
  std::string accept_encoding = {};
  std::string backend = "openai";
  Answer answer = {};
  uint64_t request_body_max = limits::request_body_max;
  Budget budget = {};

  Names limits() const {
    credential::Store store;
    const config::Loaded loaded = config::load_text(std::string(kBackends), "test.yaml", {});
    EXPECT_TRUE(loaded.ok());
    Recorder recorder;
    Setup setup;
    setup.config = *config::compile(loaded.document.filter, store);
    setup.endpoints = std::make_shared<const endpoint::Table>(endpoint::Prefixes{});
    setup.recorder = &recorder;
    setup.request_body_max = request_body_max;
    setup.budget = budget;
    Exchange exchange(std::move(setup));
    Attempt attempt(exchange);
    http::VectorHeaderMap request{{":method", "POST"}, {":path", path}, {"content-type", content_type}};
    if (!accept_encoding.empty()) request.add("accept-encoding", accept_encoding);
    if (goes_on(exchange, request)) answers(attempt, request);
    NoMetadata metadata;
    exchange.finish(metadata);
    return recorder.names;
  }

 private:
  bool goes_on(Exchange& exchange, http::HeaderMap& request) const {
    const Bytes all = body;
    return exchange.on_request_headers(request, false) == Step::hold &&
           exchange.on_request_body(Slices(&all, 1)) == Step::hold &&
           exchange.on_request_end(request) == Step::proceed;
  }

  void answers(Attempt& attempt, http::HeaderMap& request) const {
    Thrown out;
    const Bytes all = body;
    ASSERT_NE(attempt.start(request, {backend, {}, {}}), Step::reply) << attempt.reply().body;
    if (attempt.edits_body()) {
      const BodyStep step = attempt.on_request_body(request, Slices(&all, 1), true, out);
      if (step.piece == BodyStep::Piece::fail) return;
    }
    http::VectorHeaderMap response{{":status", "200"}, {"content-type", std::string(answer.type)}};
    if (!answer.coding.empty()) response.add("content-encoding", answer.coding);
    attempt.on_response_headers(response, false);
    const Bytes first = answer.body;
    const BodyStep step = attempt.on_response_body(response, Slices(&first, 1), false, out);
    if (step.piece != BodyStep::Piece::fail) attempt.on_response_body(response, {}, true, out);
  }
};

// Becomes more than limits::decoded_free and limits::decoded_ratio_max allow, and less than limits::hub_answer_max.
Answer bomb() {
  const std::string blanks(limits::hub_answer_max - (1 << 20), ' ');
  return {"application/json", wire::gzip(blanks), "gzip"};
}

std::string frame(Bytes event, Bytes payload) {
  const wire::EventHeader headers[] = {{.name = ":message-type", .bytes = "event"},
                                       {.name = ":event-type", .bytes = event}};
  std::string out;
  wire::append_event(out, headers, payload);
  return out;
}

std::string big_endian(uint32_t number) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
  return out;
}

// The beginning of a message of an AWS event stream with these sizes.
std::string prelude(size_t headers, size_t payload) {
  constexpr size_t kFrame = 16;
  std::string out = big_endian(static_cast<uint32_t>(kFrame + headers + payload));
  out += big_endian(static_cast<uint32_t>(headers));
  return out + big_endian(static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(out.data()), 8)));
}

std::string large_event() { return "data: {\"x\":\"" + std::string(limits::sse_event_max, 'x') + "\"}\n\n"; }

std::string deep(size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(Limits, OfRequests) {
  EXPECT_EQ(Story{.request_body_max = 9}.limits(), Names{"request_body"});
  uint64_t used = 0;
  EXPECT_EQ((Story{.budget = Budget(&used, 9)}.limits()), Names{"buffered"});
  EXPECT_EQ(Story{.body = "{\"x\":" + deep(limits::json_depth_max + 1)}.limits(), Names{"json_depth"});
  EXPECT_EQ(Story{.body = "{\"model\":\"" + std::string(limits::model_name_max + 1, 'm') + "\"}"}.limits(),
            Names{"model_name"});
  EXPECT_EQ(Story{.body = "{\"model\":\"" + std::string(limits::json_capture_max + 1, 'm') + "\"}"}.limits(),
            Names{"model_name"});
  // Wrong, and no limit's business.
  EXPECT_EQ(Story{.body = "{\"model\":7}"}.limits(), Names{});
  EXPECT_EQ(Story{.path = "/nested deeper than 512 levels"}.limits(), Names{});
}

TEST(Limits, OfForms) {
  const std::string part = "--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\ny\r\n";
  std::string parts;
  for (size_t i = 0; i <= limits::form_parts_max; ++i) parts += part;
  Story story{.path = "/v1/audio/transcriptions", .content_type = "multipart/form-data; boundary=b"};
  story.body = parts + "--b--\r\n";
  EXPECT_EQ(story.limits(), Names{"form_parts"});
  story.body = "--b\r\nx: " + std::string(limits::form_part_headers_max, 'y') + "\r\n\r\n";
  EXPECT_EQ(story.limits(), Names{"form_part_headers"});
  story.body = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n" +
               std::string(limits::model_name_max + 1, 'm') + "\r\n--b--\r\n";
  EXPECT_EQ(story.limits(), Names{"model_name"});
}

TEST(Limits, OfTranslatedRequests) {
  std::string values = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],"metadata":[0)";
  for (size_t i = 0; i <= limits::json_values_max; ++i) values += ",0";
  EXPECT_EQ((Story{.path = "/anthropic/v1/messages", .body = values + "]}"}.limits()), Names{"json_values"});
  std::string nested = R"({"type":"string"})";
  for (size_t i = 0; i <= limits::gemini_schema_depth_max; ++i) {
    nested = R"({"type":"array","items":)" + nested + "}";
  }
  const std::string head = R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function",)"
                           R"("function":{"name":"f","parameters":)";
  EXPECT_EQ((Story{.body = head + nested + "}}]}", .backend = "gemini"}.limits()), Names{"schema_depth"});
  const std::string wide = R"({"type":"object","description":")" + std::string(limits::schema_expanded_max, 'x') +
                           R"(","properties":{"a":{"type":"string"}}})";
  EXPECT_EQ((Story{.body = head + wide + "}}]}", .backend = "gemini"}.limits()), Names{"schema_expanded"});
}

TEST(Limits, OfAnswers) {
  Story story{.path = "/anthropic/v1/messages",
              .body = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})"};
  story.answer.body = std::string(limits::hub_answer_max + 1, ' ');
  EXPECT_EQ(story.limits(), Names{"hub_answer"});
  story.answer.body = R"({"x":)" + deep(limits::json_depth_max + 1) + "}";
  EXPECT_EQ(story.limits(), Names{"json_depth"});
  story.answer = bomb();
  EXPECT_EQ(story.limits(), Names{"decoded"});
  uint64_t used = 0;
  story.answer = {"application/json", std::string(1000, ' ')};
  story.budget = Budget(&used, 500);
  EXPECT_EQ(story.limits(), Names{"buffered"});
}

// The client gets every byte: only usage and model are read no further.
TEST(Limits, OfAnswersThatPass) {
  Story story{.answer = {kEvents, large_event()}};
  EXPECT_EQ(story.limits(), Names{"sse_event"});
  story.answer.body = "data: {\"x\":" + deep(limits::json_depth_max + 1) + "}\n\n";
  EXPECT_EQ(story.limits(), Names{"json_depth"});
  story.answer.body = "data: {\"x\":nothing}\n\n";
  EXPECT_EQ(story.limits(), Names{});

  Story whole{.body = R"({"model":"m","messages":[]})"};
  whole.answer.body = R"({"x":)" + deep(limits::json_depth_max + 1) + "}";
  EXPECT_EQ(whole.limits(), Names{"json_depth"});
  whole.answer = bomb();
  EXPECT_EQ(whole.limits(), Names{"decoded"});
  whole.accept_encoding = "gzip";
  EXPECT_EQ(whole.limits(), Names{"decoded"});

  Story array{.path = "/v1beta/models/m:streamGenerateContent", .body = std::string(kGenerate), .backend = "gemini"};
  array.answer.body = "[{\"x\":\"" + std::string(limits::sse_event_max, 'x') + "\"}]";
  EXPECT_EQ(array.limits(), Names{"sse_event"});

  Story frames{.path = "/model/m/converse-stream", .body = std::string(kConverse), .backend = "bedrock"};
  frames.answer = {kFrames, prelude(limits::eventstream_headers_max + 1, 0)};
  EXPECT_EQ(frames.limits(), Names{"eventstream_headers"});
  Story invoked{.path = "/anthropic/v1/messages", .body = std::string(kMessage), .backend = "aws-anthropic"};
  invoked.answer = {kFrames, prelude(0, limits::eventstream_payload_max + 1)};
  EXPECT_EQ(invoked.limits(), Names{"eventstream_payload"});
}

TEST(Limits, OfTranslatedStreams) {
  for (const char* backend : {"openai", "responses", "gemini"}) {
    Story story{.path = "/anthropic/v1/messages", .body = std::string(kMessage), .backend = backend};
    story.answer = {kEvents, large_event()};
    EXPECT_EQ(story.limits(), Names{"sse_event"}) << backend;
    story.answer.body = "data: {\"x\":" + deep(limits::json_depth_max + 1) + "}\n\n";
    EXPECT_EQ(story.limits(), Names{"json_depth"}) << backend;
  }
  Story story{.backend = "anthropic", .answer = {kEvents, large_event()}};
  EXPECT_EQ(story.limits(), Names{"sse_event"});
  for (const char* backend : {"bedrock", "aws-anthropic"}) {
    story.backend = backend;
    story.answer = {kFrames, prelude(limits::eventstream_headers_max + 1, 0)};
    EXPECT_EQ(story.limits(), Names{"eventstream_headers"}) << backend;
    story.answer.body = prelude(0, limits::eventstream_payload_max + 1);
    EXPECT_EQ(story.limits(), Names{"eventstream_payload"}) << backend;
  }
}

TEST(Limits, OfWhatAStreamGathers) {
  Story story{.backend = "bedrock", .answer = {kFrames}};
  const std::string piece = R"({"contentBlockIndex":0,"delta":{"image":{"source":{"bytes":")" +
                            std::string(limits::streamed_image_max / 2 - 3, 'A') + R"("}}}})";
  story.answer.body = frame("messageStart", R"({"role":"assistant"})") +
                      frame("contentBlockStart", R"({"contentBlockIndex":0,"start":{"image":{"format":"png"}}})") +
                      frame("contentBlockDelta", piece) + frame("contentBlockDelta", piece) +
                      frame("contentBlockDelta", piece);
  EXPECT_EQ(story.limits(), Names{"streamed_image"});

  // The last event of the Responses API repeats the answer, so that all of it is kept.
  Story responses{.path = "/v1/responses", .body = R"({"model":"m","stream":true,"input":"Hi"})"};
  responses.answer.type = kEvents;
  const std::string delta = R"(data: {"id":"i","choices":[{"index":0,"delta":{"content":")" +
                            std::string(limits::sse_event_max / 2, 'x') + "\"},\"finish_reason\":null}]}\n\n";
  for (size_t size = 0; size <= limits::hub_answer_max; size += limits::sse_event_max / 2) {
    responses.answer.body += delta;
  }
  responses.backend = "chat";
  EXPECT_EQ(responses.limits(), Names{"hub_answer"});
}

}  // namespace
}  // namespace aigw::exchange
