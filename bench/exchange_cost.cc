// What the core alone costs: one exchange with one attempt after the other, without an Envoy, over
// header maps in memory. Made to be run under callgrind (see callgrind.py), which counts what
// happens inside run_exchange: instruction counts are the same from run to run, where times are
// not. The maps in memory are slower at headers than Envoy's; callgrind.py shows them apart.
//
//   exchange_cost DOCUMENT REQUEST ANSWER COUNT
//
// DOCUMENT is a filterapi document with a backend named "bench". REQUEST and ANSWER are files with
// whole HTTP/1.1 messages whose bodies are not chunked. Bodies are handed over in slices of 16 KiB,
// as Envoy holds them; the answer of a stream event by event.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "config/compile.h"
#include "config/load.h"
#include "credential/store.h"
#include "endpoint/table.h"
#include "exchange/attempt.h"
#include "exchange/exchange.h"
#include "http/testing/vector_header_map.h"
#include "http1.h"

namespace aigw::bench {

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "exchange_cost: %s\n", what.c_str());
  std::exit(1);
}

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Message {
  std::vector<http::VectorHeaderMap::Entry> headers;  // pseudo-headers first
  std::string body;
};

// "POST /path HTTP/1.1" or "HTTP/1.1 200 OK", headers, and the rest as the body.
Message parse_message(const std::string& text) {
  const size_t head = head_size(text);
  if (head == 0) fail("a message without an end of its head");
  Message message;
  message.body = text.substr(head);
  size_t at = text.find("\r\n");
  const std::string line = text.substr(0, at);
  const size_t first = line.find(' ');
  const std::string second = line.substr(first + 1, line.find(' ', first + 1) - first - 1);
  if (line.starts_with("HTTP/")) {
    message.headers = {{":status", second}};
  } else {
    message.headers = {{":method", line.substr(0, first)},
                       {":path", second},
                       {":scheme", "http"},
                       {":authority", "gateway.example"}};
  }
  while (at + 4 < head) {
    const size_t begin = at + 2;
    at = text.find("\r\n", begin);
    const size_t colon = text.find(": ", begin);
    message.headers.emplace_back(text.substr(begin, colon - begin),
                                 text.substr(colon + 2, at - colon - 2));
  }
  return message;
}

std::vector<Bytes> slices_of(const std::string& body) {
  constexpr size_t slice = 16 * 1024;
  std::vector<Bytes> slices;
  for (size_t at = 0; at < body.size(); at += slice)
    slices.push_back(Bytes(body).substr(at, slice));
  return slices;
}

// An answer in the pieces in which the upstream writes it.
std::vector<Bytes> pieces_of(const std::string& body) {
  std::vector<Bytes> pieces;
  for (size_t at = 0; at < body.size();) {
    const size_t end = body.find("\n\n", at);
    const size_t next = end == std::string::npos ? body.size() : end + 2;
    pieces.push_back(Bytes(body).substr(at, next - at));
    at = next;
  }
  return pieces;
}

class CountingMetadata final : public exchange::MetadataSink {
 public:
  void number(Bytes key, double value) override {
    if (key == "llm_total_token") total_tokens = value;
  }
  void text(Bytes, Bytes) override {}
  double total_tokens = 0;
};

class CountingSink final : public ByteSink {
 public:
  void append(Bytes piece) override { size += piece.size(); }
  size_t size = 0;
};

// Callgrind's --toggle-collect names this function, so it is not inlined. Returns the total tokens
// that the exchange has charged.
extern "C" [[gnu::noinline]] double run_exchange(const exchange::Setup& setup,
                                                 http::VectorHeaderMap& request,
                                                 http::VectorHeaderMap& response,
                                                 Slices request_slices,
                                                 std::span<const Bytes> answer) {
  using exchange::Step;
  auto exchange = std::make_unique<exchange::Exchange>(setup);
  if (exchange->on_request_headers(request, false) != Step::hold) fail(exchange->reply().body);
  if (exchange->on_request_body(request_slices) != Step::hold) fail(exchange->reply().body);
  if (exchange->on_request_end(request) != Step::proceed) fail(exchange->reply().body);

  auto attempt = std::make_unique<exchange::Attempt>(*exchange);
  exchange::Pick pick;
  pick.backend = "bench";
  if (attempt->start(request, pick) != Step::proceed) fail(attempt->reply().body);
  CountingSink sink;
  if (attempt->edits_body() &&
      attempt->on_request_body(request, request_slices, true, sink).piece ==
          exchange::BodyStep::Piece::fail) {
    fail(attempt->reply().body);
  }
  if (attempt->on_response_headers(response, false) == Step::reply) fail(attempt->reply().body);
  for (size_t i = 0; i < answer.size(); ++i) {
    attempt->on_response_body(response, answer.subspan(i, 1), i + 1 == answer.size(), sink);
  }
  exchange->undo_request_edits(request);
  CountingMetadata metadata;
  exchange->finish(metadata);
  return metadata.total_tokens;
}

uint64_t now() {
  static uint64_t time = 0;
  return time += 1000;
}

int run(char** argv) {
  const config::Loaded loaded = config::load_file(argv[1], {});
  for (const config::Diagnostic& one : loaded.diagnostics) {
    std::fprintf(stderr, "%s\n", config::to_string(one).c_str());
  }
  if (!loaded.ok()) fail("the document is wrong");
  credential::Store store;
  auto compiled = config::compile(loaded.document.filter, store);
  if (!compiled) fail(compiled.error().message);
  exchange::Setup setup;
  setup.config = *compiled;
  setup.endpoints = std::make_shared<const endpoint::Table>(endpoint::Prefixes{});
  setup.now = now;

  const Message request = parse_message(read_file(argv[2]));
  const Message answer = parse_message(read_file(argv[3]));
  const std::vector<Bytes> slices = slices_of(request.body);
  const std::vector<Bytes> pieces = pieces_of(answer.body);
  for (long left = std::atol(argv[4]); left > 0; --left) {
    http::VectorHeaderMap request_headers;
    for (const auto& [name, value] : request.headers) request_headers.add(name, value);
    http::VectorHeaderMap response_headers;
    for (const auto& [name, value] : answer.headers) response_headers.add(name, value);
    const double tokens = run_exchange(setup, request_headers, response_headers, slices, pieces);
    if (tokens <= 0) fail("no tokens were charged");
  }
  return 0;
}

}  // namespace aigw::bench

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: exchange_cost DOCUMENT REQUEST ANSWER COUNT\n");
    return 2;
  }
  return aigw::bench::run(argv);
}
