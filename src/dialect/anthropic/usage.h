// Token counts. The API counts the input in three parts that exclude each other: read from the
// cache, written to it, and the rest (`input_tokens`). The hub's input is their sum.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "chat/drops.h"
#include "chat/usage.h"
#include "json/cursor.h"
#include "json/writer.h"

namespace aigw::dialect::anthropic {

// The counts as the API words them. A stream reports them in several events, each of them holding
// what it knows so far, so they are gathered here before they are summed.
struct Counts {
  std::optional<uint64_t> input;
  std::optional<uint64_t> cache_read;
  std::optional<uint64_t> cache_creation;
  std::optional<uint64_t> output;
  std::optional<uint64_t> thinking;

  // Takes over what `usage`, an object of the API, reports; members without a word in the hub are
  // added to `drops`. Anything but an object changes nothing.
  void take(const json::Value& usage, chat::Drops& drops);

  chat::Usage unified() const;
};

// Of an answer: unary answers and message_start always name the caches, message_delta only when
// they were reported.
enum class CacheCounts : uint8_t { always, when_reported };

// Writes the object: cache_creation_input_tokens cache_read_input_tokens input_tokens output_tokens
// output_tokens_details? service_tier?.
void write_usage(json::Writer& writer, const chat::Usage& usage, Bytes service_tier,
                 CacheCounts caches);

}  // namespace aigw::dialect::anthropic
