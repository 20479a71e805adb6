#include "dialect/openai_chat/encode_answer.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "dialect/openai_chat/answer_words.h"
#include "dialect/openai_chat/language.h"

namespace aigw::dialect::openai_chat {
namespace {

class AnswerEncoder {
 public:
  AnswerEncoder(const chat::Answer& answer, const AnswerStyle& style, const AnswerContext& context,
                chat::Drops& drops, std::string& out)
      : answer_(answer),
        style_(style),
        context_(context),
        drops_(drops),
        writer_(out),
        own_(answer.language == kLanguage) {
    for (const chat::Block& block : answer.blocks) sort(block);
  }

  void encode() {
    writer_.begin_object();
    writer_.member_unless_empty("id", answer_.id.empty() ? context_.id : answer_.id);
    writer_.member_array("choices");
    choice();
    writer_.end_array();
    const uint64_t created = answer_.created.value_or(context_.now);
    if (created != 0) writer_.member_number("created", created);
    const bool clients = style_.clients_model || answer_.model.empty();
    writer_.member("model", clients ? context_.model : answer_.model);
    if (style_.service_tier) writer_.member_unless_empty("service_tier", answer_.service_tier);
    writer_.member("object", "chat.completion");
    if (any_tokens(answer_.usage)) {
      writer_.key("usage");
      write_usage(writer_, answer_.usage, style_.details_always);
    }
    writer_.end_object();
    writer_.finish();
  }

 private:
  void sort(const chat::Block& block) {
    std::visit(chat::Overload{
                   [&](const chat::Text& text) {
                     (text.refusal ? refusals_ : texts_).push_back(&text);
                   },
                   [&](const chat::ToolCall& call) { calls_.push_back(&call); },
                   [&](const chat::Reasoning& reasoning) { thoughts_.push_back(&reasoning); },
                   [&](const chat::Opaque& opaque) { drop("content[] of type ", opaque.type); },
                   [&](const chat::Image&) { drop("content[] of type ", "image"); },
                   [&](const chat::File&) { drop("content[] of type ", "file"); },
                   [&](const chat::Audio&) { drop("content[] of type ", "audio"); },
                   [](const chat::ToolResult&) {},  // no answer holds these two
                   [](const chat::CachePoint&) {}},
               block.value);
  }
  void drop(Bytes head, Bytes tail) { drops_.add(head, tail); }

  void choice() {
    writer_.begin_object();
    const bool own_word = own_ && !answer_.stop_raw.empty();
    writer_.member("finish_reason", own_word ? answer_.stop_raw
                                             : finish_reason(answer_.stop,
                                                             style_.other_finish_reason));
    writer_.member_number("index", 0u);
    for (const chat::Extra& extra : answer_.extras) {
      if (extra.name == kChoiceExtra) writer_.member_raw(kChoiceExtra, extra.raw);
    }
    writer_.member_object("message");
    if (!texts_.empty()) joined("content", texts_);
    if (!refusals_.empty()) joined("refusal", refusals_);
    writer_.member("role", "assistant");
    tool_calls();
    reasoning();
    annotations();
    extras();
    writer_.end_object();
    writer_.end_object();
  }

  void joined(Bytes name, const std::vector<const chat::Text*>& texts) {
    writer_.key(name);
    writer_.begin_string();
    for (const chat::Text* text : texts) writer_.string_part(text->text);
    writer_.end_string();
  }

  void tool_calls() {
    if (calls_.empty()) return;
    writer_.member_array("tool_calls");
    for (const chat::ToolCall* call : calls_) {
      const Bytes type = call->freeform ? "custom" : "function";
      const bool none = call->arguments.empty() && !own_ && !call->freeform;
      writer_.begin_object();
      writer_.member("id", call->id);
      writer_.member_object(type);
      writer_.member(call->freeform ? "input" : "arguments", none ? Bytes("{}") : call->arguments);
      writer_.member("name", call->name);
      writer_.end_object();
      writer_.member("type", type);
      writer_.end_object();
      if (!call->signature.empty()) drop("tool_calls[].signature", "");
    }
    writer_.end_array();
  }

  // The nested form holds one block: with several, thinking_blocks has them all.
  void reasoning() {
    if (thoughts_.empty()) return;
    if (style_.nested_reasoning) {
      nested(*thoughts_.back());
    } else if (std::any_of(thoughts_.begin(), thoughts_.end(),
                           [](const chat::Reasoning* r) { return !r->text.empty(); })) {
      writer_.key("reasoning_content");
      writer_.begin_string();
      for (const chat::Reasoning* thought : thoughts_) writer_.string_part(thought->text);
      writer_.end_string();
    }
    if (style_.joined_thinking) return joined_thinking();
    const bool plain = own_ && std::all_of(thoughts_.begin(), thoughts_.end(),
                                           [](const chat::Reasoning* r) {
                                             return r->signature.empty() && r->redacted.empty();
                                           });
    if (plain || (style_.nested_reasoning && thoughts_.size() == 1)) return;
    writer_.member_array("thinking_blocks");
    for (const chat::Reasoning* thought : thoughts_) thinking_block(*thought);
    writer_.end_array();
  }

  void joined_thinking() {
    Bytes signature;
    for (const chat::Reasoning* thought : thoughts_) {
      if (!thought->signature.empty()) signature = thought->signature;
    }
    if (signature.empty()) return;
    writer_.member_array("thinking_blocks");
    writer_.begin_object();
    writer_.member("type", "thinking");
    writer_.key("thinking");
    writer_.begin_string();
    for (const chat::Reasoning* thought : thoughts_) writer_.string_part(thought->text);
    writer_.end_string();
    writer_.member("signature", signature);
    writer_.end_object();
    writer_.end_array();
  }

  void nested(const chat::Reasoning& thought) {
    writer_.member_object("reasoning_content");
    writer_.member_object("reasoningContent");
    if (!thought.redacted.empty()) {
      writer_.member("redactedContent", thought.redacted);
    } else {
      writer_.member_object("reasoningText");
      writer_.member("text", thought.text);
      writer_.member_unless_empty("signature", thought.signature);
      writer_.end_object();
    }
    writer_.end_object();
    writer_.end_object();
  }

  void thinking_block(const chat::Reasoning& thought) {
    writer_.begin_object();
    const bool redacted = !thought.redacted.empty();
    writer_.member("type", redacted ? "redacted_thinking" : "thinking");
    writer_.member_unless_empty("thinking", thought.text);
    writer_.member_unless_empty("signature", thought.signature);
    writer_.member_unless_empty("data", thought.redacted);
    writer_.end_object();
  }

  // Citations in another language's words mean nothing to clients of this one.
  void annotations() {
    for (const chat::Text* text : texts_) {
      if (text->citations.empty()) continue;
      if (own_) return writer_.member_raw("annotations", text->citations);
      drop("content[].citations", "");
    }
  }

  void extras() {
    for (const chat::Extra& extra : answer_.extras) {
      if (extra.name == kChoiceExtra) continue;
      if (std::find(std::begin(kMessageExtras), std::end(kMessageExtras), extra.name) !=
          std::end(kMessageExtras)) {
        writer_.member_raw(extra.name, extra.raw);
      } else {
        drop(extra.name, "");
      }
    }
  }

  const chat::Answer& answer_;
  const AnswerStyle& style_;
  const AnswerContext& context_;
  chat::Drops& drops_;
  json::Writer writer_;
  bool own_;
  std::vector<const chat::Text*> texts_;
  std::vector<const chat::Text*> refusals_;
  std::vector<const chat::ToolCall*> calls_;
  std::vector<const chat::Reasoning*> thoughts_;
};

}  // namespace

void encode_answer(const chat::Answer& answer, const AnswerStyle& style,
                   const AnswerContext& context, chat::Drops& drops, std::string& out) {
  AnswerEncoder(answer, style, context, drops, out).encode();
}

}  // namespace aigw::dialect::openai_chat
