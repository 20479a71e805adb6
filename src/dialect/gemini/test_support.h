// For tests only: documents in, events and bodies out, each with its own arena.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "chat/fold.h"
#include "chat/grammar.h"
#include "chat/testing/describe.h"
#include "dialect/gemini/decode_answer.h"
#include "dialect/gemini/decode_request.h"
#include "dialect/gemini/encode_answer.h"
#include "dialect/gemini/encode_request.h"
#include "json/cursor.h"

namespace aigw::dialect::gemini {

// One translation's surroundings.
struct Room {
  Arena arena{limits::hub_arena_max(4 << 20)};
  json::Parser parser;
  chat::Drops drops{arena};

  // The paths reported, as "a; b=2" where one came twice.
  std::string dropped() const {
    std::string all;
    for (const chat::Drops::Drop& drop : drops.kept()) {
      if (!all.empty()) all += "; ";
      all += drop.path;
      if (drop.count > 1) all += "=" + std::to_string(drop.count);
    }
    return all;
  }

  json::Value parse(Bytes text) {
    Result<json::Value> value = parser.parse(text, arena);
    EXPECT_TRUE(value.has_value()) << text;
    return value ? *value : json::Value();
  }

  // The conversation, described; or the failure.
  std::string decode(Bytes body, Bytes model = "m", bool stream = false) {
    const Result<chat::Conversation> result =
        decode_request(parse(body), model, stream, arena, drops);
    return result ? chat::testing::describe(*result) : result.error().message;
  }

  // The body, or "<status>: <message>".
  std::string encode(const chat::Conversation& conversation, const Target& target = {}) {
    std::string out;
    const Result<void> result = encode_request(conversation, target, arena, drops, out);
    if (result) return out;
    return std::to_string(traits(result.error().kind).status) + ": " + result.error().message;
  }
};

// Events, checked against the grammar and folded.
struct Folded {
  explicit Folded(Arena& arena) : fold(arena), grammar(&fold) {}

  // What came, as text; a fault as its status, type and message.
  std::string text() {
    EXPECT_EQ(grammar.violation(), "");
    EXPECT_TRUE(grammar.complete());
    if (const auto& fault = fold.fault()) {
      return "fault " + std::to_string(fault->status) + " " + std::string(fault->type) + " " +
             std::string(fault->message);
    }
    return chat::testing::describe(fold.answer());
  }

  chat::Fold fold;
  chat::Grammar grammar;
};

inline std::string decode_unary(Bytes body, const AnswerContext& context = {}) {
  Room room;
  Folded folded(room.arena);
  const Result<void> result =
      decode_answer(room.parse(body), context, room.arena, room.drops, folded.grammar);
  return result ? folded.text() : "failure: " + result.error().message;
}

// In pieces of `chunk` bytes.
inline std::string decode_streamed(Bytes stream, size_t chunk, const AnswerContext& context = {}) {
  Room room;
  Folded folded(room.arena);
  StreamDecoder decoder(context, room.parser, room.drops, folded.grammar);
  for (size_t at = 0; at < stream.size(); at += chunk) {
    const std::string piece(stream.substr(at, chunk));  // gone when the next one comes
    decoder.feed(piece);
  }
  decoder.finish();
  decoder.finish();
  EXPECT_TRUE(decoder.ended());
  return folded.text();
}

}  // namespace aigw::dialect::gemini
