// How fast the scanner and the event decoder go through the bodies a gateway sees. Bodies come in
// slices of 16 KiB, as a proxy's buffers hold them. Read bytes_per_second; it is in CPU time.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "json/scanner.h"
#include "wire/sse.h"

namespace {

using aigw::Bytes;

const aigw::json::WatchList& watches() {
  static const aigw::json::WatchList list({"model", "stream", "stream_options",
                                           "stream_options.include_usage", "messages",
                                           "max_tokens"});
  return list;
}

// Prose with a line break every `line` bytes, escaped as a client writes it, and a quotation now
// and then.
std::string prose(size_t size, size_t line) {
  std::string text;
  while (text.size() < size) {
    for (size_t i = 0; i < line / 6; ++i) text += "words ";
    text += text.size() % 5 == 0 ? "\\\"said\\\"\\n" : "\\n";
  }
  return text;
}

std::string chat(size_t messages, size_t message_size, size_t line) {
  std::string body = R"({"model":"gpt-4o","messages":[)";
  for (size_t i = 0; i < messages; ++i) {
    body += i == 0 ? "" : ",";
    body += R"({"role":"user","content":")" + prose(message_size, line) + "\"}";
  }
  return body + R"(],"stream":true,"stream_options":{"include_usage":true},"max_tokens":1024})";
}

// Tool schemas: little else than names and brackets.
std::string tools(size_t count, bool pretty) {
  const std::string nl = pretty ? "\n      " : "";
  const std::string colon = pretty ? ": " : ":";
  std::string body = R"({"model":"gpt-4o","tools":[)";
  for (size_t i = 0; i < count; ++i) {
    body += i == 0 ? "" : ",";
    body += nl + "{\"type\"" + colon + "\"function\"," + nl + "\"function\"" + colon + "{" + nl +
            "\"name\"" + colon + "\"tool_" + std::to_string(i) + "\"," + nl + "\"strict\"" + colon +
            "true," + nl + "\"parameters\"" + colon + "{\"type\"" + colon + "\"object\"," + nl +
            "\"required\"" + colon + "[\"a\",\"b\"]," + nl + "\"properties\"" + colon + "{" + nl +
            "\"a\"" + colon + "{\"type\"" + colon + "\"integer\",\"minimum\"" + colon + "0}," + nl +
            "\"b\"" + colon + "{\"enum\"" + colon + "[1,2,3,null,false]}" + nl + "}}}}";
  }
  return body + "]}";
}

std::string numbers(size_t count) {
  std::string body = R"({"model":"embed","input":[)";
  for (size_t i = 0; i < count; ++i)
    body += (i == 0 ? "" : ",") + std::to_string(i * 7919 % 100000);
  return body + "]}";
}

void scan(benchmark::State& state, const std::string& body) {
  constexpr size_t kSlice = 16 << 10;
  for (auto _ : state) {
    aigw::json::Scanner scanner(watches());
    for (size_t at = 0; at < body.size(); at += kSlice) {
      if (!scanner.feed(Bytes(body).substr(at, kSlice))) std::abort();
    }
    if (!scanner.finish()) std::abort();
    benchmark::DoNotOptimize(scanner.found(0).begin);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * body.size()));
}

void decode(benchmark::State& state, const std::string& stream) {
  class Sink : public aigw::wire::SseSink {
   public:
    void on_data(Bytes piece) override { bytes += piece.size(); }
    void on_event(Bytes) override { ++events; }
    size_t bytes = 0, events = 0;
  } sink;
  aigw::wire::SseDecoder decoder;
  for (auto _ : state) decoder.feed(stream, sink);
  benchmark::DoNotOptimize(sink.bytes);
  state.SetItemsProcessed(static_cast<int64_t>(sink.events));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * stream.size()));
}

std::string events(size_t count, size_t size) {
  std::string stream;
  for (size_t i = 0; i < count; ++i) stream += "data: " + std::string(size - 8, 'x') + "\n\n";
  return stream;
}

BENCHMARK_CAPTURE(scan, request_1k, chat(4, 180, 80));
BENCHMARK_CAPTURE(scan, chat_100k, chat(50, 2000, 400));
BENCHMARK_CAPTURE(scan, chat_2m, chat(100, 20000, 2000));
BENCHMARK_CAPTURE(scan, chat_2m_escape_every_80_bytes, chat(100, 20000, 80));
BENCHMARK_CAPTURE(scan, tools_compact_1m, tools(4000, false));
BENCHMARK_CAPTURE(scan, tools_pretty_1m, tools(4000, true));
BENCHMARK_CAPTURE(scan, numbers_1m, numbers(170000));
BENCHMARK_CAPTURE(decode, sse_200_events_of_200_bytes, events(200, 200));

}  // namespace

BENCHMARK_MAIN();
