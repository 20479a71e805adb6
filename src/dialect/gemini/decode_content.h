// Contents and the system instruction of a request, for the hub.
//
// The API tells results of functions by the function's name, and its ids are optional on both sides.
// The hub and most languages tell them by id: a call without one gets "call_<n>", counted through
// the request, and a result without one answers the oldest call of its name that is still open.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/block.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/cursor.h"
#include "json/reader.h"

namespace aigw::dialect::gemini {

class ContentDecoder {
 public:
  // All of them outlive the decoder. What the blocks show is the document's or the arena's.
  ContentDecoder(json::Reader& reader, Arena& arena, chat::Drops& drops)
      : reader_(reader), arena_(arena), drops_(drops) {}

  std::span<const chat::Message> contents(const json::Value& contents);

  // A content, or plain text.
  chat::Blocks system(const json::Value& instruction);

 private:
  struct OpenCall {
    Bytes id;
    Bytes name;
    bool answered = false;
  };

  chat::Blocks parts(const json::Value& content);
  void part(const json::Value& part, ArenaVector<chat::Block>& to);
  void text(const json::Value& part, Bytes signature, ArenaVector<chat::Block>& to);
  void call(const json::Value& part, Bytes signature, ArenaVector<chat::Block>& to);
  void response(const json::Value& part, ArenaVector<chat::Block>& to);
  void media(const json::Value& source, bool uri, Bytes resolution, ArenaVector<chat::Block>& to);
  Bytes answered_id(Bytes id, Bytes name);

  json::Reader& reader_;
  Arena& arena_;
  chat::Drops& drops_;
  std::vector<OpenCall> calls_;
};

}  // namespace aigw::dialect::gemini
