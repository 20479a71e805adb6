// Bytes that one thread changes while others copy them, as a sequence lock needs it: word by word,
// each of them an atomic.
//
// The words are stored with release and loaded with acquire. So a reader that has seen any word of
// a write also sees the version that the writer had made odd before it: no fence is needed
// (ThreadSanitizer knows none), and on x86-64 each of them is a plain move.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace aigw {

using SharedWord = std::atomic<uint64_t>;
static_assert(sizeof(SharedWord) == sizeof(uint64_t) && SharedWord::is_always_lock_free);

// How many words hold so many bytes.
constexpr size_t words_for(size_t bytes) {
  return (bytes + sizeof(SharedWord) - 1) / sizeof(SharedWord);
}

// Writes words_for(from.size()) words; what the last one has beyond the bytes is zero.
inline void store_words(SharedWord* to, Bytes from) {
  for (size_t at = 0; at < from.size(); at += sizeof(SharedWord)) {
    uint64_t word = 0;
    std::memcpy(&word, from.data() + at, std::min(sizeof word, from.size() - at));
    to++->store(word, std::memory_order_release);
  }
}

// Copies `size` bytes to `to`, which may be torn: the caller compares versions.
inline void load_words(const SharedWord* from, char* to, size_t size) {
  for (size_t at = 0; at < size; at += sizeof(SharedWord)) {
    const uint64_t word = from++->load(std::memory_order_acquire);
    std::memcpy(to + at, &word, std::min(sizeof word, size - at));
  }
}

}  // namespace aigw
