// For tests only: all small conversations over an alphabet, enumerated. A dialect's test gives the
// blocks and the settings that its language can say exactly, and asks of each conversation that
// decoding what was encoded gives it back (compared by describe.h).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "chat/block.h"
#include "chat/conversation.h"

namespace aigw::chat::testing {

// A list of blocks that may stand in one message, all together: {Text, CachePoint} is one.
using Phrase = std::vector<Block>;

struct SmallAlphabet {
  std::vector<Phrase> system;     // each is tried, and nothing
  std::vector<Phrase> user;       // phrases of a user's turn
  std::vector<Phrase> assistant;  // of the assistant's
  // Whole content of a user's message that answers tool calls; never next to another such.
  std::vector<Phrase> results;
  size_t phrases_max = 2;  // in a message
  size_t messages_max = 2;
  bool empty_messages = true;      // messages without a block are part of the language
  bool system_between = false;     // a system message after the first message is
  bool same_role_adjacent = true;  // two messages of one role in a row are
};

namespace internal {

struct SmallMessage {
  Role role;
  bool results;
  std::vector<Block> blocks;
};

// Every list of up to `left` more phrases, behind `so_far`.
inline void add_lists(const std::vector<Phrase>& phrases, size_t left, std::vector<Block>& so_far,
                      std::vector<std::vector<Block>>& to) {
  to.push_back(so_far);
  if (left == 0) return;
  for (const Phrase& phrase : phrases) {
    const size_t before = so_far.size();
    so_far.insert(so_far.end(), phrase.begin(), phrase.end());
    add_lists(phrases, left - 1, so_far, to);
    so_far.erase(so_far.begin() + static_cast<std::ptrdiff_t>(before), so_far.end());
  }
}

inline std::vector<std::vector<Block>> lists(const std::vector<Phrase>& phrases, size_t max) {
  std::vector<std::vector<Block>> all;
  std::vector<Block> so_far;
  add_lists(phrases, max, so_far, all);
  return all;
}

inline std::vector<SmallMessage> small_messages(const SmallAlphabet& alphabet) {
  std::vector<SmallMessage> all;
  const auto add = [&](Role role, const std::vector<Phrase>& phrases) {
    for (auto& blocks : lists(phrases, alphabet.phrases_max)) {
      if (!blocks.empty() || alphabet.empty_messages) all.push_back({role, false, blocks});
    }
  };
  add(Role::user, alphabet.user);
  add(Role::assistant, alphabet.assistant);
  for (const Phrase& phrase : alphabet.results) all.push_back({Role::user, true, phrase});
  if (alphabet.system_between) {
    for (const Phrase& phrase : alphabet.system) all.push_back({Role::system, false, phrase});
  }
  return all;
}

inline bool may_follow(const SmallAlphabet& alphabet, const SmallMessage* before,
                       const SmallMessage& next) {
  if (before == nullptr) return next.role != Role::system;
  if (before->results && next.results) return false;
  return alphabet.same_role_adjacent || before->role != next.role;
}

template <class Visit>
void extend(const SmallAlphabet& alphabet, const std::vector<SmallMessage>& choices,
            std::vector<Message>& messages, const SmallMessage* last, Conversation& conversation,
            Visit& visit) {
  conversation.messages = messages;
  visit(static_cast<const Conversation&>(conversation));
  if (messages.size() == alphabet.messages_max) return;
  for (const SmallMessage& choice : choices) {
    if (!may_follow(alphabet, last, choice)) continue;
    messages.push_back({choice.role, std::span<const Block>(choice.blocks), {}});
    extend(alphabet, choices, messages, &choice, conversation, visit);
    messages.pop_back();
  }
}

}  // namespace internal

// Calls visit(const Conversation&) for `base` with every system prompt and every list of messages,
// the empty one included. The views of a conversation live for the call.
template <class Visit>
void for_each_small_conversation(const SmallAlphabet& alphabet, const Conversation& base,
                                 Visit&& visit) {
  const std::vector<internal::SmallMessage> choices = internal::small_messages(alphabet);
  const auto with_system = [&](std::span<const Block> system) {
    Conversation conversation = base;
    conversation.system = system;
    std::vector<Message> messages;
    internal::extend(alphabet, choices, messages, nullptr, conversation, visit);
  };
  with_system({});
  for (const Phrase& system : alphabet.system) with_system(system);
}

// One way to set members outside of the messages; `apply` sets views of constants or of what
// outlives the enumeration.
struct Setting {
  Bytes name;
  void (*apply)(Conversation&);
};

// Calls visit(conversation, name, other name) for `base` with each setting and with each two of
// them, in both orders, so that one which undoes another is seen.
template <class Visit>
void for_each_setting(std::span<const Setting> settings, const Conversation& base, Visit&& visit) {
  for (const Setting& one : settings) {
    for (const Setting& other : settings) {
      Conversation conversation = base;
      one.apply(conversation);
      other.apply(conversation);
      visit(static_cast<const Conversation&>(conversation), one.name, other.name);
    }
  }
}

}  // namespace aigw::chat::testing
