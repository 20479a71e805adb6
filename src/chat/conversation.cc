#include "chat/conversation.h"

namespace aigw::chat {

Bytes effort_of(const ReasoningRequest& asked) {
  constexpr uint64_t kMedium = 4096;
  constexpr uint64_t kHigh = 16384;
  if (!asked.effort.empty()) return asked.effort;
  if (asked.mode != ReasoningRequest::Mode::enabled || !asked.budget_tokens) return {};
  return *asked.budget_tokens < kMedium ? "low" : *asked.budget_tokens < kHigh ? "medium" : "high";
}

Blocks all_system(const Conversation& from, Arena& arena) {
  ArenaVector<Block> all(arena);
  for (const Message& message : from.messages) {
    if (message.role != Role::system || message.content.empty()) continue;
    if (all.empty()) {
      for (const Block& block : from.system) all.push_back(block);
    }
    for (const Block& block : message.content) all.push_back(block);
  }
  return all.empty() ? from.system : Blocks(all.items());
}

}  // namespace aigw::chat
