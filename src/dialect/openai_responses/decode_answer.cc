#include "dialect/openai_responses/decode_answer.h"

#include <algorithm>
#include <string>
#include <variant>

#include "chat/fold.h"
#include "dialect/openai_responses/answer_words.h"
#include "dialect/openai_responses/decode_items.h"
#include "dialect/openai_responses/language.h"
#include "json/reader.h"

namespace aigw::dialect::openai_responses {
namespace {

Failure unreadable(Bytes why) {
  return {FailureKind::bad_upstream, "the provider's answer cannot be read: " + std::string(why)};
}

bool is_call(const chat::Block& block) {
  return std::holds_alternative<chat::ToolCall>(block.value);
}

}  // namespace

Result<void> decode_answer(const json::Value& root, Arena& arena, chat::Drops& drops,
                           chat::EventSink& sink) {
  const json::Value& error = root["error"];
  if (error.exists_and_not_null()) {
    sink.on_event(read_error(error));
    return {};
  }
  const Bytes status = root["status"].text();
  if (status == "failed" || status == "cancelled") {
    sink.on_event(chat::event::Fault{.status = 500, .message = "the provider's answer has failed"});
    return {};
  }
  if (status == "queued" || status == "in_progress") return unreadable("it has not ended");
  json::Reader reader(root, FailureKind::bad_upstream);
  ItemDecoder items(reader, arena, drops, "output[].");
  ArenaVector<chat::Block> blocks(arena);
  for (const json::Value& item : reader.required_elements(root, "output")) {
    items.output_item(item, blocks);
  }
  const std::span<const chat::Block> found = blocks.items();
  const chat::event::Finish finish =
      read_finish(root, std::any_of(found.begin(), found.end(), is_call));
  const chat::Answer answer{.language = kLanguage,
                            .id = reader.string(root["id"]),
                            .model = reader.string(root["model"]),
                            .created = reader.count(root["created_at"]),
                            .blocks = found,
                            .usage = read_usage(reader, root["usage"]),
                            .service_tier = reader.string(root["service_tier"]),
                            .stop = finish.reason,
                            .stop_raw = finish.raw};
  if (!reader.ok()) return unreadable(reader.result().error().message);
  chat::unfold(answer, sink);
  return {};
}

}  // namespace aigw::dialect::openai_responses
