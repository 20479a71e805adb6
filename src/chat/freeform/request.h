// Freeform tools for languages whose tools take JSON alone: each becomes a function with one
// string, and answer.h makes freeform calls again out of the calls of it.
#pragma once

#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/conversation.h"

namespace aigw::chat::freeform {

// The names of the freeform tools that `from` declares, or calls without declaring a function of
// that name, each with a line end behind it; empty where there is none.
std::string names(const Conversation& from);

// Whether `names`, as above, has `name`.
bool has_name(Bytes names, Bytes name);

// `from` with a function {"input": string} for each freeform tool, which says in its description
// what the text has to look like, and with calls of it for freeform calls. `from` itself where it
// has neither. Views are those of `from`, or live in `arena`.
Conversation as_functions(const Conversation& from, Arena& arena);

}  // namespace aigw::chat::freeform
