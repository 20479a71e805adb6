#include "dialect/anthropic/decode_answer.h"

#include "chat/fold.h"
#include "dialect/anthropic/decode_block.h"
#include "dialect/anthropic/error.h"
#include "dialect/anthropic/language.h"
#include "dialect/anthropic/members.h"
#include "dialect/anthropic/stop_reason.h"
#include "dialect/anthropic/usage.h"
#include "json/reader.h"

namespace aigw::dialect::anthropic {
namespace {

using json::Value;

// The blocks that come in deltas when streamed are the hub's, any other travels whole, so that both
// forms of an answer are the same.
chat::Blocks decode_blocks(const Value& root, json::Reader& reader, Arena& arena,
                           chat::Drops& drops) {
  BlockDecoder decoder(reader, arena, drops);
  ArenaVector<chat::Block> blocks(arena);
  for (const Value& block : reader.required_elements(root, "content")) {
    const Bytes type = reader.required_string(block, "type");
    if (!is_one_of(type, {"text", "thinking", "redacted_thinking", "tool_use"})) {
      blocks.push_back(chat::Opaque{.type = type, .raw = block.raw()});
      continue;
    }
    // A cache marker, which only requests have, stands behind its block and is left there.
    ArenaVector<chat::Block> decoded(arena);
    decoder.append(block, "content[].", decoded);
    if (!reader.ok()) break;
    blocks.push_back(decoded.items().front());
  }
  return chat::Blocks(blocks.items());
}

}  // namespace

Result<void> decode_answer(const Value& root, Arena& arena, chat::Drops& drops,
                           chat::EventSink& sink) {
  if (!root.is_object()) {
    return Failure{FailureKind::bad_upstream, "the provider's answer is no JSON object"};
  }
  if (root["type"].text() == "error") {
    sink.on_event(decode_error_event(root));
    return {};
  }
  json::Reader reader(root, FailureKind::bad_upstream);
  chat::Answer answer;
  answer.language = kLanguage;
  answer.id = reader.string(root["id"]);
  answer.model = reader.string(root["model"]);
  answer.blocks = decode_blocks(root, reader, arena, drops);
  answer.stop_raw = reader.string(root["stop_reason"]);
  answer.stop = decode_stop_reason(answer.stop_raw);
  answer.stop_sequence = reader.string(root["stop_sequence"]);
  Counts counts;
  counts.take(root["usage"], drops);
  answer.usage = counts.unified();
  answer.service_tier = root["usage"]["service_tier"].text();
  ArenaVector<chat::Extra> extras(arena);
  for (const Value& member : root.members()) {
    if (member.exists_and_not_null() &&
        !is_one_of(member.name(), {"id", "type", "role", "content", "model", "stop_reason",
                                   "stop_sequence", "usage"})) {
      extras.push_back({.name = member.name(), .raw = member.raw()});
    }
  }
  answer.extras = extras.items();
  AIGW_TRY(reader.result());
  chat::unfold(answer, sink);
  return {};
}

}  // namespace aigw::dialect::anthropic
