#include "dialect/openai_chat/observer.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace aigw::dialect::openai_chat {
namespace {

constexpr Bytes kUsage =
    R"("usage":{"prompt_tokens":15,"completion_tokens":7,"total_tokens":22,)"
    R"("prompt_tokens_details":{"cached_tokens":2,"cache_creation_input_tokens":3},)"
    R"("completion_tokens_details":{"reasoning_tokens":4}})";

template <class Kind>
void observe(Bytes body, size_t chunk, chat::Usage& usage, std::string& model) {
  Kind observer({usage, model});
  for (size_t at = 0; at < body.size(); at += chunk) observer.feed(body.substr(at, chunk));
  observer.finish();
}

TEST(UnaryObserver, ReadsUsageAndModelAtEveryChunking) {
  std::string body = R"({"id":"1","model":"gpt-x","choices":[{"usage":{"prompt_tokens":99}}],)" +
                     std::string(kUsage) + "}";
  for (size_t chunk = 1; chunk <= body.size(); ++chunk) {
    chat::Usage usage;
    std::string model;
    observe<UnaryObserver>(body, chunk, usage, model);
    EXPECT_EQ(model, "gpt-x");
    EXPECT_EQ(usage.input, 15u);
    EXPECT_EQ(usage.output, 7u);
    EXPECT_EQ(usage.total, 22u);
    EXPECT_EQ(usage.cached_input, 2u);
    EXPECT_EQ(usage.cache_creation_input, 3u);
    EXPECT_EQ(usage.reasoning, 4u);
  }
}

TEST(UnaryObserver, LeavesUsageUnsetWhenTheAnswerHasNoneOrIsNotJson) {
  for (Bytes body :
       {Bytes("null"), Bytes(R"({"usage":null})"), Bytes("{\"model\":"), Bytes("<html>")}) {
    chat::Usage usage;
    std::string model = "kept";
    observe<UnaryObserver>(body, 1, usage, model);
    EXPECT_FALSE(usage.input.has_value());
    EXPECT_EQ(model, "kept");
  }
}

TEST(StreamObserver, TheLastUsageHoldsAtEveryChunking) {
  std::string body =
      "data: "
      "{\"model\":\"gpt-x\",\"usage\":null,\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
      ": keep-alive\n\n"
      "data:{\"model\":\"\",\"usage\":{\"prompt_tokens\":15,\"completion_tokens\":1,\"total_"
      "tokens\":16}}\r\n\r\n"
      "data: {broken\n\n"
      "data: {\"choices\":[],\ndata: " +
      std::string(kUsage) +
      "}\n\n"
      "data: [DONE]";
  for (size_t chunk = 1; chunk <= body.size(); ++chunk) {
    chat::Usage usage;
    std::string model;
    observe<StreamObserver>(body, chunk, usage, model);
    EXPECT_EQ(model, "gpt-x");
    EXPECT_EQ(usage.output, 7u);
    EXPECT_EQ(usage.total, 22u);
    EXPECT_EQ(usage.reasoning, 4u);
  }
}

template <class Kind>
bool is_whole(Bytes body, size_t chunk) {
  chat::Usage usage;
  std::string model;
  Kind observer({usage, model});
  for (size_t at = 0; at < body.size(); at += chunk) observer.feed(body.substr(at, chunk));
  return observer.finish();
}

TEST(UnaryObserver, AnAnswerIsWholeAtItsEndOnly) {
  const Bytes body = R"({"choices":[{"message":{"content":"\"}"}}],"usage":{"total_tokens":1}})";
  for (size_t size = 0; size <= body.size(); ++size) {
    for (const size_t chunk : {1, 7, 1000}) {
      EXPECT_EQ(is_whole<UnaryObserver>(body.substr(0, size), chunk), size == body.size()) << size;
    }
  }
  // What is no JSON has no end that could be missing.
  for (Bytes other : {"<html>", "{]", "{}}", "oops"}) EXPECT_TRUE(is_whole<UnaryObserver>(other, 1)) << other;
}

TEST(StreamObserver, AStreamIsWholeBetweenEventsOnly) {
  const Bytes first = "event: x\ndata: {\"a\":1}\n\n";
  const Bytes last = "data: [DONE]\n\n";
  const std::string body = std::string(first) + std::string(last);
  // The last line ends may be missing.
  const auto ends_event = [&](size_t size) { return size + 2 >= first.size() && size <= first.size(); };
  const auto ends_stream = [&](size_t size) { return size + 2 >= body.size(); };
  for (size_t size = 1; size <= body.size(); ++size) {
    for (const size_t chunk : {1, 5, 1000}) {
      EXPECT_EQ(is_whole<StreamObserver>(Bytes(body).substr(0, size), chunk), ends_event(size) || ends_stream(size))
          << body.substr(0, size);
    }
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
  std::string filler(1 << 20, 'x');
  chat::Usage usage;
  std::string model;
  StreamObserver observer({usage, model});
  observer.feed("data: {\"model\":\"big\",\"pad\":\"");
  for (size_t fed = 0; fed <= limits::sse_event_max; fed += filler.size()) observer.feed(filler);
  observer.feed("\"}\n\ndata: {\"model\":\"next\"}\n\n");
  observer.finish();
  EXPECT_EQ(model, "next");
}

}  // namespace
}  // namespace aigw::dialect::openai_chat
