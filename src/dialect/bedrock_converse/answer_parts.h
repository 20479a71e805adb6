// What whole and streamed answers of Converse have in common.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "chat/event.h"
#include "json/cursor.h"

namespace aigw::dialect::bedrock_converse {

// What the answer's body does not say of itself. The views outlive the decoding.
struct AnswerIdentity {
  Bytes id = {};     // the response header x-amzn-requestid
  Bytes model = {};  // the model that was asked; the service serves just that one
  std::optional<uint64_t> created = {};  // seconds since 1970
};

chat::event::Start decode_start(const AnswerIdentity& identity);

// StopReason::unknown for a word nobody knows, the empty one included.
chat::StopReason decode_stop_reason(Bytes word);

// Emits what `object` says of tokens and of the service tier; nothing where it says neither.
// Converse counts the input in three parts that exclude each other, the hub's input is their sum;
// the total is that of the hub's input and output, whatever the provider's is.
void emit_usage(const json::Value& object, chat::EventSink& sink);

// Emits `object`'s member of that name as an extra, if there is one.
void emit_extra(const json::Value& object, Bytes name, chat::EventSink& sink);

// The extras that stand beside the usage: metrics, performanceConfig, trace.
void emit_metadata_extras(const json::Value& object, chat::EventSink& sink);

}  // namespace aigw::dialect::bedrock_converse
