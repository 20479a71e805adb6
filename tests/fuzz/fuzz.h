// What the fuzz harnesses share. A harness is one function over bytes, LLVMFuzzerTestOneInput:
// libFuzzer calls it
// (./dev fuzz), or replay_main.cc does for the corpus (./dev test). It ends the process where a
// rule is broken.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace aigw::fuzz {

// Both libFuzzer and AddressSanitizer report the abort with the input that led to it.
inline void require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "broken rule: %s\n", rule);
  std::abort();
}

// Decisions, taken from the end of the input, so that its front reads like what it is: a document,
// a stream. An input without bytes left decides 0.
class Input {
 public:
  Input(const uint8_t* data, size_t size)
      : Input(Bytes(reinterpret_cast<const char*>(data), size)) {}
  explicit Input(Bytes bytes) : rest_(bytes) {}

  uint8_t byte() {
    if (rest_.empty()) return 0;
    const uint8_t last = static_cast<uint8_t>(rest_.back());
    rest_.remove_suffix(1);
    return last;
  }
  // From 0 to `bound` - 1; `bound` is at least 1.
  size_t below(size_t bound) { return byte() % bound; }

  // The last bytes, for decisions that are taken later.
  Bytes tail(size_t size) {
    const Bytes tail = rest_.substr(rest_.size() - std::min(size, rest_.size()));
    rest_.remove_suffix(tail.size());
    return tail;
  }

  Bytes rest() const { return rest_; }
  // The front, up to the first 0xFF, a byte that no UTF-8 has; the rest follows behind it.
  Bytes front() {
    const size_t at = rest_.find('\xff');
    const Bytes front = rest_.substr(0, at);
    rest_.remove_prefix(at == Bytes::npos ? rest_.size() : at + 1);
    return front;
  }

 private:
  Bytes rest_;
};

// Where a text is cut: a row of sizes that follows from the text alone, so that an input needs no
// room for it.
class Cuts {
 public:
  explicit Cuts(Bytes text) {
    for (const char c : text) state_ = (state_ ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  }
  // 1 to 64, small ones more often.
  size_t next() {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    const uint64_t random = state_ >> 33;
    return 1 + (random >> 8) % (size_t{1} << (random % 7));
  }

 private:
  uint64_t state_ = 0xcbf29ce484222325;
};

// Calls `take(piece)` for each piece of `text`, in memory of its own that is gone after the call: a
// view that was kept is a report of AddressSanitizer. Ends where `take` returns false.
template <class Take>
void in_pieces(Bytes text, Take&& take) {
  Cuts cuts(text);
  for (size_t at = 0; at < text.size();) {
    const size_t size = std::min(cuts.next(), text.size() - at);
    const std::unique_ptr<char[]> copy(new char[size]);
    std::memcpy(copy.get(), text.data() + at, size);
    at += size;
    if (!take(Bytes(copy.get(), size))) return;
  }
}

}  // namespace aigw::fuzz
