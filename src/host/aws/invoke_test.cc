#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/base64.h"
#include "host/aws/betas.h"
#include "host/aws/invoke_stream.h"

namespace aigw::host::aws {
namespace {

TEST(Betas, OnlyWhatBedrockKnowsEachOnce) {
  EXPECT_TRUE(known_betas("").empty());
  EXPECT_EQ(known_betas(" pdfs-2024-09-25 ,, unknown-1,advanced-tool-use-2025-11-20,"
                        "tool-search-tool-2025-10-19,\tcontext-1m-2025-08-07"),
            (std::vector<Bytes>{"pdfs-2024-09-25", "tool-search-tool-2025-10-19",
                                "context-1m-2025-08-07"}));
}

class Log final : public InvokeSink {
 public:
  void on_event(Bytes event) override { text += "event " + std::string(event) + "\n"; }
  void on_failure(Bytes type, Bytes message, Limit) override {
    text += "failure " + std::string(type) + ": " + std::string(message) + "\n";
  }
  std::string text;
};

void append(std::string& to, Bytes kind, Bytes type_header, Bytes type, Bytes payload) {
  const wire::EventHeader headers[] = {
      {.name = ":message-type", .bytes = kind},
      {.name = type_header, .bytes = type},
  };
  append_event(to, headers, payload);
}

void append_chunk(std::string& to, Bytes event) {
  append(to, "event", ":event-type", "chunk",
         R"({"p":"abc","bytes":")" + crypto::to_base64(event) + R"("})");
}

std::string read(const std::string& stream, size_t chunk) {
  Log log;
  InvokeStream decoder(log);
  for (size_t at = 0; at < stream.size(); at += chunk) decoder.feed(Bytes(stream).substr(at, chunk));
  decoder.finish();
  decoder.finish();
  return log.text;
}

TEST(InvokeStream, EventsAtEveryChunking) {
  std::string stream;
  append_chunk(stream, R"({"type":"ping"})");
  append(stream, "event", ":event-type", "chunk", R"({"bytes":"e30\u003d"})");
  append(stream, "event", ":event-type", "chunk", R"({"bytes":"not base64"})");
  append(stream, "event", ":event-type", "other", "not JSON");
  append_chunk(stream, "?>");
  for (size_t chunk = 1; chunk <= stream.size(); ++chunk) {
    ASSERT_EQ(read(stream, chunk), "event {\"type\":\"ping\"}\nevent {}\nevent ?>\n") << chunk;
  }
}

TEST(InvokeStream, Failures) {
  std::string stream;
  append_chunk(stream, "1");
  const std::string good = stream;
  append(stream, "exception", ":exception-type", "throttlingException", R"({"message":"slow"})");
  append_chunk(stream, "2");
  EXPECT_EQ(read(stream, 7), "event 1\nfailure throttlingException: slow\n");
  stream = good;
  append(stream, "exception", ":exception-type", "x", "text");
  EXPECT_EQ(read(stream, 7), "event 1\nfailure x: text\n");
  const std::string cut = read(good.substr(0, good.size() - 1), 5);
  EXPECT_EQ(cut.substr(0, 10), "failure : ") << cut;
}

}  // namespace
}  // namespace aigw::host::aws
