// The request side of the hub: what a client asked for, in no provider's words. A dialect's decoder
// makes one from a body, another dialect's encoder writes one. Ownership as in block.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/block.h"

namespace aigw::chat {

enum class Role : uint8_t { user, assistant, system };

struct Message {
  Role role = Role::user;
  Blocks content = {};
  Bytes name = {};  // of the participant
};

// What the text for a freeform tool has to look like; both empty for any text.
struct TextGrammar {
  Bytes syntax = {};  // lark, regex
  Bytes definition = {};
};

struct Tool {
  enum class Kind : uint8_t {
    function,
    freeform,  // takes plain text instead of JSON
    opaque     // the provider's own, as web search: only its language knows it
  };
  Kind kind = Kind::function;
  Bytes name = {};  // of an opaque tool: its type
  std::optional<Bytes> description = {};
  // Of a function: the raw JSON schema of its arguments, empty for none given. Of a freeform tool:
  // the raw description of its format. Of an opaque tool: the whole tool.
  Bytes schema = {};
  TextGrammar grammar = {};  // of a freeform tool: what its format says
  std::optional<bool> strict = {};
  std::optional<CachePoint> cache = {};  // the prompt may be cached up to this tool
};

struct ToolChoice {
  enum class Mode : uint8_t {
    unset,
    automatic,
    required,  // one or more, whichever
    none,
    named,
    opaque  // raw: something that only its language knows
  };
  Mode mode = Mode::unset;
  Bytes name = {};  // of the named tool
  Bytes raw = {};
};

// Numbers that the gateway does not compute with stay JSON text, as precise as they came; empty:
// unset.
struct Sampling {
  std::optional<uint64_t> max_tokens = {};
  Bytes temperature = {};
  Bytes top_p = {};
  Bytes top_k = {};
  Bytes frequency_penalty = {};
  Bytes presence_penalty = {};
  Bytes seed = {};
  std::span<const Bytes> stop_sequences = {};
  std::optional<uint64_t> answers = {};  // how many answers to give (n); the hub carries one
  std::optional<bool> logprobs = {};
  std::optional<uint64_t> top_logprobs = {};
};

// How the model is to think. `effort` may stand with or without a mode.
struct ReasoningRequest {
  enum class Mode : uint8_t { unset, enabled, adaptive, disabled };
  Mode mode = Mode::unset;
  std::optional<uint64_t> budget_tokens = {};  // with enabled
  std::optional<bool> include_thoughts = {};
  Bytes display = {};  // summarized, omitted …
  Bytes effort = {};   // none, minimal, low, medium, high, xhigh, max …
};

// The effort that `asked` names, else the nearest to its budget: low below 4096 tokens, medium below
// 16384, high from there on. Empty where it says neither.
Bytes effort_of(const ReasoningRequest& asked);

// What the text of the answer has to look like.
struct OutputFormat {
  enum class Kind : uint8_t {
    unset,
    text,
    json_object,
    json_schema,
    choice,  // schema: raw array of the strings to choose from
    regex    // name: the expression
  };
  Kind kind = Kind::unset;
  Bytes name = {};
  Bytes description = {};
  Bytes schema = {};  // raw
  std::optional<bool> strict = {};
};

struct Conversation {
  // The dialect that decoded this, a constant of that dialect. Opaque blocks, tools and choices and
  // all extras speak it: an encoder of the same dialect writes them as they are, another one writes
  // those extras that it knows to mean the same and reports the rest as dropped.
  Bytes language = {};

  Bytes model = {};  // as the client gave it; the override is the exchange's business
  bool stream = false;
  std::optional<bool> include_usage =
      {};  // the client asked for usage in the stream, or asked for none

  Blocks system = {};  // said before the first message
  std::span<const Message> messages = {};

  std::span<const Tool> tools = {};
  ToolChoice tool_choice = {};
  std::optional<bool> parallel_tool_calls = {};

  Sampling sampling = {};
  ReasoningRequest reasoning = {};
  OutputFormat output = {};

  Bytes service_tier = {};
  Bytes verbosity = {};
  Bytes user = {};      // an opaque name of the end user
  Bytes metadata = {};  // raw object, without what became `user`

  std::span<const Extra> extras = {};  // other members of the body's root, in order
};

// The system prompt for a language that has one only in front: the blocks of `system`, then those
// of every system message in order. `from.system` itself when there is none.
Blocks all_system(const Conversation& from, Arena& arena);

// Whether any message or tool result holds a block of type T, at any depth.
template <class T>
bool holds(Blocks blocks) {
  for (const Block& block : blocks) {
    if (std::holds_alternative<T>(block.value)) return true;
    if (const auto* result = std::get_if<ToolResult>(&block.value)) {
      if (holds<T>(result->content)) return true;
    }
  }
  return false;
}

}  // namespace aigw::chat
