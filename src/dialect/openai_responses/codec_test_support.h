// For tests only: whole translations of texts.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/limits.h"
#include "base/test_slices.h"
#include "chat/drops.h"
#include "chat/fold.h"
#include "chat/grammar.h"
#include "chat/testing/describe.h"
#include "dialect/openai_responses/decode_answer.h"
#include "dialect/openai_responses/decode_request.h"
#include "dialect/openai_responses/decode_stream.h"
#include "dialect/openai_responses/encode_answer.h"
#include "dialect/openai_responses/encode_request.h"
#include "dialect/openai_responses/language.h"
#include "json/cursor.h"

namespace aigw::dialect::openai_responses {

// What one translation needs around it.
struct Bench {
  Arena arena{limits::hub_arena_max(1 << 20)};
  chat::Drops drops{arena};
  json::Parser parser;

  Result<chat::Conversation> decode(Bytes body) {
    Result<json::Value> root = parser.parse(body, arena);
    if (!root) return std::move(root).error();
    return decode_request(*root, arena, drops);
  }

  // The conversation as describe() prints it, or the message of the failure.
  std::string described(Bytes body) {
    Result<chat::Conversation> decoded = decode(body);
    return decoded ? chat::testing::describe(*decoded) : decoded.error().message;
  }

  // The body, or the message of the failure.
  std::string encode(const chat::Conversation& from, const RequestOptions& options = {}) {
    std::string out;
    const Result<void> encoded = encode_request(from, options, drops, out);
    return encoded ? out : encoded.error().message;
  }

  std::string dropped() const {
    std::string all;
    for (const chat::Drops::Drop& drop : drops.kept()) {
      if (!all.empty()) all += ' ';
      all += std::string(drop.path) + (drop.count > 1 ? "*" + std::to_string(drop.count) : "");
    }
    return all;
  }
};

// An answer folded and described; "fault <status> <type>: <message>" for one that failed, and what
// is wrong with the events, if anything.
inline std::string described_answer(Arena& arena, auto&& emit) {
  chat::Fold fold(arena);
  chat::Grammar grammar(&fold);
  emit(static_cast<chat::EventSink&>(grammar));
  if (!grammar.complete()) return "not a list of events: " + std::string(grammar.violation());
  if (fold.fault()) {
    return "fault " + std::to_string(fold.fault()->status) + ' ' + std::string(fold.fault()->type) +
           ": " + std::string(fold.fault()->message);
  }
  return chat::testing::describe(fold.answer());
}

inline std::string described_unary(Bytes body) {
  Bench bench;
  Result<json::Value> root = bench.parser.parse(body, bench.arena, FailureKind::bad_upstream);
  if (!root) return root.error().message;
  Result<void> decoded;
  std::string text = described_answer(bench.arena, [&](chat::EventSink& sink) {
    decoded = decode_answer(*root, bench.arena, bench.drops, sink);
  });
  return decoded ? text : decoded.error().message;
}

inline std::string described_stream(const Slicing& slicing) {
  Bench bench;
  return described_answer(bench.arena, [&](chat::EventSink& sink) {
    StreamDecoder decoder(bench.parser, sink);
    slicing.for_each_piece([&](Bytes piece) { decoder.feed(piece); });
    decoder.finish();
  });
}

inline std::string described_stream(Bytes stream) { return described_stream(whole(stream)); }

// Server-sent events with these data, each on one line.
inline std::string sse(std::vector<std::string> data) {
  std::string stream;
  for (std::string& one : data) {
    std::replace(one.begin(), one.end(), '\n', ' ');
    stream += "data: " + one + "\n\n";
  }
  return stream;
}

}  // namespace aigw::dialect::openai_responses
