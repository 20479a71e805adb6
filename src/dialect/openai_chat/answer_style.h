// How answers to chat clients look. The language leaves freedom in when a role is repeated, where
// reasoning stands and so on, and the peer uses it differently for each source (its facts, 13.2 and
// 13.3). Clients' code has grown around that, so it is kept; which one applies is the caller's
// choice.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace aigw::dialect::openai_chat {

struct AnswerStyle {
  // Streams.
  bool opening_chunk = false;            // Start is a chunk of its own: content "" and the role
  bool role_in_every_delta = false;      // otherwise in the first one
  bool type_in_every_tool_delta = false;
  bool content_with_finish = false;      // the last delta says content "" and the role
  bool created_per_chunk = false;        // the time of each chunk, not of the answer's start
  bool clients_model_in_chunks = false;  // the model that was asked for, not the one that answered
  bool whole_calls = false;              // a tool call is one delta
  bool usage_per_report = false;         // a chunk for each report of usage, not one at the end

  // Unary answers.
  bool clients_model = false;
  // reasoning_content is {"reasoningContent":{"reasoningText":{"text","signature"}}}. Otherwise it
  // is text, and thinking_blocks has the blocks.
  bool nested_reasoning = false;
  // thinking_blocks has one block with all of the text and the last signature, and stands only where
  // there is one.
  bool joined_thinking = false;

  // Both.
  bool details_always = false;  // usage has its details objects even where they are empty
  bool service_tier = true;
  Bytes other_finish_reason = "stop";  // for reasons that the language has no word for
};

// Bedrock's Converse.
inline constexpr AnswerStyle kConverseStyle = {
    .opening_chunk = true,
    .role_in_every_delta = true,
    .type_in_every_tool_delta = true,
    .content_with_finish = true,
    .created_per_chunk = true,
    .clients_model_in_chunks = true,
    .clients_model = true,
};

// Anthropic's messages, wherever they are hosted.
inline constexpr AnswerStyle kMessagesStyle = {
    .clients_model_in_chunks = true,
    .nested_reasoning = true,
    .details_always = true,
    .service_tier = false,
};

// Gemini, on Vertex or with a key.
inline constexpr AnswerStyle kGeminiStyle = {
    .role_in_every_delta = true,
    .type_in_every_tool_delta = true,
    .clients_model_in_chunks = true,
    .whole_calls = true,
    .usage_per_report = true,
    .joined_thinking = true,
    .details_always = true,
    .service_tier = false,
    .other_finish_reason = "error",
};

struct AnswerContext {
  Bytes model = {};  // that was asked for; also where the provider names none
  Bytes id = {};     // where the answer has none of its own, as from a header
  uint64_t now = 0;  // seconds since 1970, where the answer does not say when it was made
};

}  // namespace aigw::dialect::openai_chat
