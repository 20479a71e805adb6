// What a translation could not carry. Dropped is what the target has no home for and nobody will
// miss in the answer (a cache marker, a title); what the client clearly asked for and the target
// cannot do is a failure, made by cannot().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"

namespace aigw::chat {

class Drops {
 public:
  struct Drop {
    Bytes path;
    uint32_t count;
  };

  // Paths are kept in `arena`, up to limits::drops_kept_max different ones; all are counted.
  explicit Drops(Arena& arena) : kept_(arena), arena_(arena) {}

  // `path` is in the source's words, without positions: "messages[].content[].citations".
  void add(Bytes path);
  // The same in two parts, for a member found in the input: ("metadata.", name).
  void add(Bytes head, Bytes tail);

  std::span<const Drop> kept() const { return kept_.items(); }
  uint64_t count() const { return count_; }

 private:
  ArenaVector<Drop> kept_;
  Arena& arena_;
  uint64_t count_ = 0;
};

// A 422: "<target> cannot take <what>", `what` in the client's words: "messages[].content[] of type
// input_audio".
Failure cannot(Bytes target, Bytes what);

}  // namespace aigw::chat
