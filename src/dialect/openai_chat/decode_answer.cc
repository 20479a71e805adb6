#include "dialect/openai_chat/decode_answer.h"

#include <variant>

#include "chat/fold.h"
#include "dialect/openai_chat/answer_words.h"
#include "dialect/openai_chat/decode_message.h"
#include "dialect/openai_chat/fault.h"
#include "dialect/openai_chat/language.h"

namespace aigw::dialect::openai_chat {
namespace {

// Ratings, grounding and log probabilities of `choice`, whose words are in `message`.
void read_extras(const json::Value& choice, const json::Value& message,
                 ArenaVector<chat::Extra>& to) {
  for (Bytes name : kMessageExtras) {
    const json::Value& value = message[name];
    if (value.exists_and_not_null()) to.push_back({name, value.raw()});
  }
  const json::Value& logprobs = choice[kChoiceExtra];
  if (logprobs.exists_and_not_null()) to.push_back({kChoiceExtra, logprobs.raw()});
}

void read_annotations(const json::Value& annotations, std::span<chat::Block> blocks) {
  if (annotations.elements().empty()) return;
  for (chat::Block& block : blocks) {
    if (auto* text = std::get_if<chat::Text>(&block.value)) {
      text->citations = annotations.raw();
      return;
    }
  }
}

Failure unreadable(Bytes why, Limit limit = Limit::none) {
  return {FailureKind::bad_upstream, "the provider's answer cannot be read: " + std::string(why), limit};
}

}  // namespace

Result<void> decode_answer(Slices body, json::Parser& parser, Arena& arena, chat::Drops& drops,
                           chat::EventSink& sink) {
  Result<json::Value> parsed = parser.parse(body, arena, FailureKind::bad_upstream);
  if (!parsed) return unreadable(parsed.error().message, parsed.error().limit);
  const json::Value& root = *parsed;
  if (is_error(root)) {
    sink.on_event(read_error(root, 0));
    return {};
  }
  json::Reader reader(root, FailureKind::bad_upstream);
  const json::Value* choice = first_choice(reader.required_elements(root, "choices"));
  if (choice == nullptr) return unreadable("it has no choice");
  const json::Value& message = (*choice)["message"];
  reader.members(message);

  MessageDecoder decoder(reader, arena, drops);
  ArenaVector<chat::Block> blocks(arena);
  decoder.assistant_blocks(message, blocks);
  read_annotations(message["annotations"], blocks.mutable_items());
  ArenaVector<chat::Extra> extras(arena);
  read_extras(*choice, message, extras);
  const Bytes reason = reader.string((*choice)["finish_reason"]);
  const chat::Answer answer{
      .language = kLanguage,
      .id = reader.string(root["id"]),
      .model = reader.string(root["model"]),
      .created = reader.count(root["created"]),
      .blocks = blocks.items(),
      .usage = read_usage(reader, root["usage"]),
      .service_tier = reader.string(root["service_tier"]),
      .stop = reason.empty() ? chat::StopReason::end_turn : stop_reason(reason),
      .stop_raw = reason,
      .extras = extras.items()};
  if (!reader.ok()) return unreadable(reader.result().error().message);
  chat::unfold(answer, sink);
  return {};
}

}  // namespace aigw::dialect::openai_chat
