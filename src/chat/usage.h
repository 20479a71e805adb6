// What a provider says an answer cost, in tokens. A count that was never reported stays unset.
#pragma once

#include <cstdint>
#include <optional>

namespace aigw::chat {

struct Usage {
  std::optional<uint64_t> input = {};
  std::optional<uint64_t> output = {};
  std::optional<uint64_t> total = {};
  std::optional<uint64_t> cached_input = {};
  std::optional<uint64_t> cache_creation_input = {};
  std::optional<uint64_t> reasoning = {};

  // Takes over every count that `later` reports: streams report cumulative counts, so the last one
  // holds.
  void merge(const Usage& later) {
    const auto take = [](std::optional<uint64_t>& to, const std::optional<uint64_t>& from) {
      if (from) to = from;
    };
    take(input, later.input);
    take(output, later.output);
    take(total, later.total);
    take(cached_input, later.cached_input);
    take(cache_creation_input, later.cache_creation_input);
    take(reasoning, later.reasoning);
  }
};

}  // namespace aigw::chat
