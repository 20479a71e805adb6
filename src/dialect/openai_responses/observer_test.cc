#include "dialect/openai_responses/observer.h"

#include <gtest/gtest.h>

#include <string>

namespace aigw::dialect::openai_responses {
namespace {

// `written`: what the provider calls the tokens that it wrote to its cache.
std::string usage(const std::string& written = "cache_write_tokens") {
  return R"("usage":{"input_tokens":15,"output_tokens":7,"total_tokens":22,)"
         R"("input_tokens_details":{"cached_tokens":2,")" +
         written + R"(":3},"output_tokens_details":{"reasoning_tokens":4}})";
}

struct Seen {
  chat::Usage usage;
  std::string model;
};

template <class Kind>
Seen observe(Bytes body, size_t chunk) {
  Seen seen;
  Kind observer({seen.usage, seen.model});
  for (size_t at = 0; at < body.size(); at += chunk) observer.feed(body.substr(at, chunk));
  observer.finish();
  return seen;
}

void expect_all(const Seen& seen, size_t chunk) {
  EXPECT_EQ(seen.model, "gpt-5") << chunk;
  EXPECT_EQ(seen.usage.input, 15u) << chunk;
  EXPECT_EQ(seen.usage.output, 7u) << chunk;
  EXPECT_EQ(seen.usage.total, 22u) << chunk;
  EXPECT_EQ(seen.usage.cached_input, 2u) << chunk;
  EXPECT_EQ(seen.usage.cache_creation_input, 3u) << chunk;
  EXPECT_EQ(seen.usage.reasoning, 4u) << chunk;
}

TEST(ResponsesObserver, ReadsAWholeAnswerAtEveryChunking) {
  for (const char* written : {"cache_write_tokens", "cache_creation_input_tokens"}) {
    const std::string body =
        R"({"id":"r","output":[{"usage":{"input_tokens":99}}],"model":"gpt-5",)" + usage(written) +
        "}";
    for (size_t chunk = 1; chunk <= body.size(); ++chunk) {
      expect_all(observe<UnaryObserver>(body, chunk), chunk);
    }
  }
}

TEST(ResponsesObserver, ReadsTheLastEventOfAStreamAtEveryChunking) {
  for (const char* last : {"completed", "incomplete", "failed"}) {
    const std::string stream =
        "event: response.created\n"
        R"(data: {"type":"response.created","response":{"model":"gpt-5","usage":null}})"
        "\n\n"
        R"(data: {"type":"response.output_text.delta","delta":"{\"input_tokens\":1}"})"
        "\n\ndata: {broken\n\n"
        R"(data: {"type":"response.)" +
        std::string(last) + R"(","response":{"model":"gpt-5",)" + usage() + "}}\n\n";
    for (size_t chunk = 1; chunk <= stream.size(); ++chunk) {
      expect_all(observe<StreamObserver>(stream, chunk), chunk);
    }
  }
}

TEST(ResponsesObserver, LeavesUsageUnsetWhereThereIsNone) {
  for (Bytes body : {Bytes("null"), Bytes(R"({"usage":null})"), Bytes("{\"model\":"), Bytes("<")}) {
    const Seen seen = observe<UnaryObserver>(body, 1);
    EXPECT_FALSE(seen.usage.input.has_value());
    EXPECT_EQ(seen.model, "");
  }
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
