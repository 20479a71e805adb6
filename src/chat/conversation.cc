#include "chat/conversation.h"

namespace aigw::chat {

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
