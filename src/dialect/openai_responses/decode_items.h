// Input items as messages, and output items as blocks.
//
// The wire has a flat list; the hub has messages. What the assistant said, thought and called in a
// row is one message of the assistant, results of tools in a row are one message of the user, and
// every message item of another role is a message of its own.
#pragma once

#include <initializer_list>
#include <span>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/block.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "json/cursor.h"
#include "json/reader.h"

namespace aigw::dialect::openai_responses {

class ItemDecoder {
 public:
  // All three outlive the decoder. What is not as it must be is noted in `reader`. `items` is the
  // path of the items in reports: "input[].".
  ItemDecoder(json::Reader& reader, Arena& arena, chat::Drops& drops, Bytes items)
      : reader_(reader),
        arena_(arena),
        drops_(drops),
        items_(items),
        messages_(arena),
        system_(arena),
        run_(arena) {}

  // What stands before all items.
  void instructions(Bytes text);
  // An element of `input`, in order.
  void input_item(const json::Value& item);
  // `input` where it is a string.
  void input_text(Bytes text);
  // After the last one.
  void finish();
  chat::Blocks system() const { return system_.items(); }
  std::span<const chat::Message> messages() const { return messages_.items(); }

  // An element of `output`.
  void output_item(const json::Value& item, ArenaVector<chat::Block>& to);

  // Adds `head` with the name of each member of `object` that says something and is not among
  // `known`. Null and an empty array say nothing.
  void drop_others(const json::Value& object, std::initializer_list<Bytes> known, Bytes head);

 private:
  // Whose items are coming in a row.
  enum class Run : uint8_t { none, assistant, results };

  void message(const json::Value& item);
  void results_item(const json::Value& item, bool freeform);
  void assistant_item(Bytes type, const json::Value& item, ArenaVector<chat::Block>& to);
  void assistant_message(const json::Value& item, ArenaVector<chat::Block>& to);
  void call(const json::Value& item, bool freeform, ArenaVector<chat::Block>& to);
  void reasoning(const json::Value& item, ArenaVector<chat::Block>& to);
  void sign_call(Bytes call_id, Bytes signature, ArenaVector<chat::Block>& to);
  void content(const json::Value& content, bool assistant, ArenaVector<chat::Block>& to);
  void part(const json::Value& part, bool assistant, ArenaVector<chat::Block>& to);
  bool media_part(Bytes type, const json::Value& part, ArenaVector<chat::Block>& to);
  void image(const json::Value& part, ArenaVector<chat::Block>& to);
  void file(const json::Value& part, ArenaVector<chat::Block>& to);
  void begin_run(Run run);
  void flush_run() { begin_run(Run::none); }

  json::Reader& reader_;
  Arena& arena_;
  chat::Drops& drops_;
  Bytes items_;
  ArenaVector<chat::Message> messages_;
  ArenaVector<chat::Block> system_;
  ArenaVector<chat::Block> run_;
  Run in_run_ = Run::none;
};

// The texts of a reasoning item, its summary and then its content, with an empty line between two.
Bytes reasoning_text(const json::Value& item, json::Reader& reader, Arena& arena);

// A reasoning item without its text: what is to be given back under its id. `any_text` decides
// whether that is a signature or a redacted block.
chat::Reasoning reasoning_seal(Bytes id, Bytes encrypted, bool any_text, Arena& arena);

inline constexpr Bytes kBetweenParts = "\n\n";

}  // namespace aigw::dialect::openai_responses
