// What whole and streamed answers have in common.
#pragma once

#include "base/bytes.h"
#include "chat/block.h"
#include "chat/drops.h"

namespace aigw::dialect::anthropic {

// Whether an answer of the API can hold `block`, given whole; reported when not. `own`: it speaks
// this language.
inline bool answer_holds(const chat::Block& block, bool own, chat::Drops& drops) {
  return std::visit(chat::Overload{[&](const chat::Image&) {
                                     drops.add("an image in the answer");
                                     return false;
                                   },
                                   [&](const chat::Audio&) {
                                     drops.add("a sound in the answer");
                                     return false;
                                   },
                                   [&](const chat::File&) {
                                     drops.add("a file in the answer");
                                     return false;
                                   },
                                   [&](const chat::Opaque& opaque) {
                                     if (own) return true;
                                     drops.add("a block of the answer of type ", opaque.type);
                                     return false;
                                   },
                                   [](const chat::ToolResult&) { return false; },
                                   [](const chat::CachePoint&) { return false; },
                                   [](const chat::Text&) { return true; },
                                   [](const chat::ToolCall&) { return true; },
                                   [](const chat::Reasoning&) { return true; }},
                    block.value);
}

// The API's word for a tier that was used; another language's is told where it means the same.
inline Bytes used_service_tier(Bytes tier, bool own, chat::Drops& drops) {
  if (own || tier.empty() || tier == "priority" || tier == "standard") return tier;
  if (tier == "default") return "standard";
  drops.add("service_tier");
  return {};
}

}  // namespace aigw::dialect::anthropic
