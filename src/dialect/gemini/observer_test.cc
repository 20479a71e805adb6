#include "dialect/gemini/observer.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "dialect/gemini/request.h"

namespace aigw::dialect::gemini {
namespace {

template <class Observer>
std::string observed(Bytes answer, size_t chunk) {
  chat::Usage usage;
  std::string model;
  Observer observer({usage, model});
  for (size_t at = 0; at < answer.size(); at += chunk) observer.feed(answer.substr(at, chunk));
  observer.finish();
  const auto number = [](const std::optional<uint64_t>& count) {
    return count ? std::to_string(*count) : std::string("-");
  };
  return model + " " + number(usage.input) + " " + number(usage.output) + " " +
         number(usage.total) + " " + number(usage.cached_input) + " " + number(usage.reasoning);
}

const std::string kFirst = R"({"candidates":[{"content":{"parts":[{"text":"[{\"}\\"}]}}],)"
                           R"("modelVersion":"g","usageMetadata":{"promptTokenCount":4}})";
const std::string kLast =
    R"({"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"thoughtsTokenCount":3,)"
    R"("totalTokenCount":9,"cachedContentTokenCount":1}})";

TEST(GeminiObserver, WholeAnswers) {
  EXPECT_EQ(observed<UnaryObserver>(kFirst, 3), "g 4 - - - -");
  EXPECT_EQ(observed<UnaryObserver>(kLast, 1000), " 4 5 9 1 3");
}

TEST(GeminiObserver, StreamsInBothFramingsAtEveryChunking) {
  const std::string events = "data: " + kFirst + "\r\n\r\ndata: " + kLast + "\r\n\r\n";
  const std::string array = "[" + kFirst + "\n,\r\n" + kLast + "\n]\n";
  for (size_t chunk = 1; chunk <= array.size(); ++chunk) {
    ASSERT_EQ(observed<StreamObserver>(events, chunk), "g 4 5 9 1 3");
    ASSERT_EQ(observed<ArrayObserver>(array, chunk), "g 4 5 9 1 3") << chunk;
  }
}

TEST(GeminiObserver, AnArrayIsWholeBehindItsBracketOnly) {
  const std::string array = "[" + kFirst + ",\n" + kLast + "]";
  for (size_t size = 1; size <= array.size(); ++size) {
    chat::Usage usage;
    std::string model;
    ArrayObserver observer({usage, model});
    observer.feed(Bytes(array).substr(0, size));
    EXPECT_EQ(observer.finish(), size == array.size()) << size;
  }
}

TEST(GeminiObserver, WhatCannotBeReadIsPassedOver) {
  EXPECT_EQ(observed<ArrayObserver>("[{]}, " + kLast + "]", 5), " 4 5 9 1 3");
  EXPECT_EQ(observed<ArrayObserver>("no array", 5), " - - - - -");
  const std::string usage = R"(,"usageMetadata":{"promptTokenCount":11,"candidatesTokenCount":12}})";
  const std::string most = R"([{"a":")" + std::string(limits::sse_event_max - 7 - usage.size(), 'x') + "\"";
  EXPECT_NE(observed<ArrayObserver>(most + usage + "]", 1 << 20), " - - - - -");
  EXPECT_EQ(observed<ArrayObserver>(most + " " + usage + "]", 1 << 20), " - - - - -");
  EXPECT_EQ(observed<ArrayObserver>(most + " " + usage + "," + kLast + "]", 1 << 20), " 4 5 9 1 3");
}

std::string checked(Bytes body, Bytes model = "m") {
  Arena arena(1 << 10);
  Request request({.model = model});
  const Result<void> fed = request.feed(body);
  if (!fed) return fed.error().message;
  const Result<void> finished = request.finish(arena);
  return finished ? "good" : finished.error().message;
}

TEST(GeminiRequestScan, ChecksBodyAndModel) {
  EXPECT_EQ(checked(R"({"contents":[]})"), "good");
  EXPECT_EQ(checked("[]"), "invalid request body: a JSON object is expected");
  EXPECT_EQ(checked("{").substr(0, 61),
            "malformed request: failed to parse JSON for generateContent: ");
  EXPECT_EQ(checked("{}", ""), "invalid request body: the path names no model");
  EXPECT_EQ(checked("{}", "a\nb"), "invalid request body: model holds a control character");
  EXPECT_EQ(checked("{}", "\xff"), "invalid request body: model is not UTF-8");
  EXPECT_EQ(checked("{}", std::string(limits::model_name_max, 'm')), "good");
  EXPECT_EQ(checked("{}", std::string(limits::model_name_max + 1, 'm')),
            "invalid request body: model is longer than 256 bytes");
}

}  // namespace
}  // namespace aigw::dialect::gemini
