#include "dialect/openai_responses/portable.h"

#include <algorithm>
#include <string>
#include <variant>

#include "base/limits.h"
#include "dialect/openai_responses/language.h"
#include "dialect/openai_responses/seal.h"

namespace aigw::dialect::openai_responses {
namespace {

Failure needs_provider(std::string what) {
  what += ": that needs a backend that speaks the Responses API";
  return {FailureKind::unprocessable, "this backend cannot take " + what};
}

std::string of_type(Bytes where, Bytes type) {
  std::string text(where);
  text += " of type ";
  text += type.substr(0, limits::quoted_in_error_max);
  return text;
}

bool is_refused(const chat::Extra& extra) {
  constexpr Bytes kStateful[] = {"previous_response_id", "conversation", "prompt"};
  if (std::find(std::begin(kStateful), std::end(kStateful), extra.name) != std::end(kStateful)) {
    return true;
  }
  return (extra.name == "background" || extra.name == "store") && extra.raw == "true";
}

// Records of what hosted tools did can be left out; what stands for content, or answers a call, is
// missed.
bool is_refused(const chat::Opaque& item) {
  return item.type == "item_reference" || item.type == "compaction" ||
         item.type == "mcp_approval_response" || item.type.ends_with("_output");
}

const chat::Reasoning* sealed(const chat::Block& block) {
  const auto* reasoning = std::get_if<chat::Reasoning>(&block.value);
  if (reasoning == nullptr) return nullptr;
  return open_own(reasoning->signature) || open_own(reasoning->redacted) ? reasoning : nullptr;
}

bool any_sealed(const chat::Message& message) {
  return std::any_of(message.content.begin(), message.content.end(),
                     [](const chat::Block& block) { return sealed(block) != nullptr; });
}

}  // namespace

Result<void> check_portable(const chat::Conversation& conversation) {
  if (conversation.language != kLanguage) return {};
  for (const chat::Extra& extra : conversation.extras) {
    if (!is_refused(extra)) continue;
    const bool flag = extra.name == "background" || extra.name == "store";
    return needs_provider(std::string(extra.name) + (flag ? ": true" : ""));
  }
  for (const chat::Tool& tool : conversation.tools) {
    if (tool.kind == chat::Tool::Kind::opaque) {
      return needs_provider(of_type("tools[]", tool.name));
    }
  }
  for (const chat::Message& message : conversation.messages) {
    for (const chat::Block& block : message.content) {
      const auto* opaque = std::get_if<chat::Opaque>(&block.value);
      if (opaque != nullptr && is_refused(*opaque)) {
        return needs_provider(of_type("input[]", opaque->type));
      }
    }
  }
  return {};
}

chat::Conversation without_own_seals(const chat::Conversation& from, Arena& arena,
                                     chat::Drops& drops) {
  const std::span<const chat::Message> messages = from.messages;
  if (std::none_of(messages.begin(), messages.end(), any_sealed)) return from;
  chat::Conversation to = from;
  ArenaVector<chat::Message> kept(arena);
  for (const chat::Message& message : messages) {
    if (!any_sealed(message)) {
      kept.push_back(message);
      continue;
    }
    ArenaVector<chat::Block> blocks(arena);
    for (const chat::Block& block : message.content) {
      const chat::Reasoning* reasoning = sealed(block);
      if (reasoning == nullptr) {
        blocks.push_back(block);
        continue;
      }
      drops.add("reasoning that another provider encrypted");
      if (!reasoning->text.empty()) blocks.push_back(chat::Reasoning{.text = reasoning->text});
    }
    kept.push_back({message.role, blocks.items(), message.name});
  }
  to.messages = kept.items();
  return to;
}

}  // namespace aigw::dialect::openai_responses
