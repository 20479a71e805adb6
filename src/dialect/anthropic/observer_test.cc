#include "dialect/anthropic/observer.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace aigw::dialect::anthropic {
namespace {

template <class Kind>
void observe(Bytes body, size_t chunk, chat::Usage& usage, std::string& model) {
  Kind observer({usage, model});
  for (size_t at = 0; at < body.size(); at += chunk) observer.feed(body.substr(at, chunk));
  observer.finish();
}

TEST(UnaryObserver, SumsTheInputAtEveryChunking) {
  const Bytes body =
      R"({"id":"m","content":[{"usage":{"input_tokens":99}}],"model":"claude-x","usage":)"
      R"({"input_tokens":10,"cache_read_input_tokens":2,"cache_creation_input_tokens":3,)"
      R"("output_tokens":7,"output_tokens_details":{"thinking_tokens":4}}})";
  for (size_t chunk = 1; chunk <= body.size(); ++chunk) {
    chat::Usage usage;
    std::string model;
    observe<UnaryObserver>(body, chunk, usage, model);
    EXPECT_EQ(model, "claude-x");
    EXPECT_EQ(usage.input, 15u);
    EXPECT_EQ(usage.cached_input, 2u);
    EXPECT_EQ(usage.cache_creation_input, 3u);
    EXPECT_EQ(usage.output, 7u);
    EXPECT_EQ(usage.total, 22u);
    EXPECT_EQ(usage.reasoning, 4u);
  }
}

TEST(UnaryObserver, LeavesUsageUnsetWhenTheAnswerHasNoneOrIsNotJson) {
  for (Bytes body : {Bytes("null"), Bytes(R"({"usage":null})"), Bytes("{\"model\":"),
                     Bytes("<html>"), Bytes("{}")}) {
    chat::Usage usage;
    std::string model = "kept";
    observe<UnaryObserver>(body, 1, usage, model);
    EXPECT_FALSE(usage.input.has_value());
    EXPECT_FALSE(usage.total.has_value());
    EXPECT_EQ(model, "kept");
  }
}

TEST(StreamObserver, MergesStartAndDeltaCountByCountAtEveryChunking) {
  const std::string body =
      "event: message_start\n"
      "data: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-x\",\"usage\":"
      "{\"input_tokens\":10,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}\n\n"
      "event: ping\ndata: {\"type\":\"ping\"}\n\n"
      "event: content_block_delta\r\n"
      "data: {\"type\":\"content_block_delta\",\"delta\":{\"usage\":{\"output_tokens\":99}}}"
      "\r\n\r\n"
      "data: {broken\n\n"
      "event: message_delta\n"
      "data: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":7,\"input_tokens\":null}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}";
  for (size_t chunk = 1; chunk <= body.size(); ++chunk) {
    chat::Usage usage;
    std::string model;
    observe<StreamObserver>(body, chunk, usage, model);
    EXPECT_EQ(model, "claude-x");
    EXPECT_EQ(usage.input, 15u);
    EXPECT_EQ(usage.output, 7u);
    EXPECT_EQ(usage.total, 22u);
    EXPECT_EQ(usage.cached_input, 5u);
    EXPECT_FALSE(usage.cache_creation_input.has_value());
  }
}

TEST(StreamObserver, AnEventAtTheLimitIsRead) {
  const auto model_of = [](size_t size) {
    chat::Usage usage;
    std::string model;
    StreamObserver observer({usage, model});
    const std::string begin = R"({"message":{"model":"big"},"model":"big")";
    observer.feed("data: " + begin + std::string(size - begin.size() - 1, ' ') + "}\n\n");
    observer.finish();
    return model;
  };
  EXPECT_EQ(model_of(limits::sse_event_max), "big");
  EXPECT_EQ(model_of(limits::sse_event_max + 1), "");
}

TEST(StreamObserver, AnEventOverTheLimitIsPassedOverAndTheNextOneRead) {
  const std::string filler(1 << 20, 'x');
  chat::Usage usage;
  std::string model;
  StreamObserver observer({usage, model});
  observer.feed("data: {\"model\":\"big\",\"pad\":\"");
  for (size_t fed = 0; fed <= limits::sse_event_max; fed += filler.size()) observer.feed(filler);
  observer.feed("\"}\n\ndata: {\"message\":{\"model\":\"next\"}}\n\n");
  observer.finish();
  EXPECT_EQ(model, "next");
}

}  // namespace
}  // namespace aigw::dialect::anthropic
