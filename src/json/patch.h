// Edits of a document that is never held in one piece: a short list of replaced byte ranges, and a
// patcher that applies it to the document's slices as they pass. Bytes that no patch covers are
// handed on as views.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"

namespace aigw::json {

// Replaces the bytes [begin, end) of a document; begin == end inserts. The replacement is not
// owned.
struct Patch {
  uint64_t begin, end;
  Bytes replacement;
};

// Sorted by offset, not overlapping.
class PatchList {
 public:
  // In any order. Insertions at one offset keep the order in which they are added, and stand before
  // a replacement that begins there. `replacement` must live until the list has been applied or
  // cleared. Overlapping ranges are a broken invariant.
  void add(uint64_t begin, uint64_t end, Bytes replacement);

  bool empty() const { return patches_.empty(); }

  // How many bytes the patched document is longer than the original.
  int64_t size_delta() const { return size_delta_; }

  void clear();

  const std::vector<Patch>& patches() const { return patches_; }

 private:
  std::vector<Patch> patches_;
  int64_t size_delta_ = 0;
};

// Applies a list to one document that comes in slices.
class Patcher {
 public:
  // The list must outlive the patcher and stay as it is.
  explicit Patcher(const PatchList& patches) : patches_(patches.patches()) {}

  // Calls sink(Bytes) for each piece of output, never for an empty one: views into `piece` or into
  // a replacement, for the length of the call only.
  template <class Sink>
  void feed(Bytes piece, Sink&& sink);

  // Writes the insertions at the very end. A patch beyond the document is a broken invariant.
  template <class Sink>
  void finish(Sink&& sink);

 private:
  // The next `size` bytes of `piece`, which loses them.
  Bytes take(Bytes& piece, uint64_t size) {
    const Bytes head = piece.substr(0, static_cast<size_t>(std::min<uint64_t>(size, piece.size())));
    piece.remove_prefix(head.size());
    offset_ += head.size();
    return head;
  }

  const std::vector<Patch>& patches_;
  size_t next_ = 0;
  bool replaced_ = false;  // the next patch's replacement is out, its range is being dropped
  uint64_t offset_ = 0;
};

template <class Sink>
void Patcher::feed(Bytes piece, Sink&& sink) {
  while (!piece.empty()) {
    if (next_ == patches_.size()) {
      sink(take(piece, piece.size()));
      return;
    }
    const Patch& patch = patches_[next_];
    if (offset_ < patch.begin) {
      sink(take(piece, patch.begin - offset_));
      continue;
    }
    if (!replaced_ && !patch.replacement.empty()) sink(patch.replacement);
    replaced_ = true;
    take(piece, patch.end - offset_);
    if (offset_ == patch.end) {
      ++next_;
      replaced_ = false;
    }
  }
}

template <class Sink>
void Patcher::finish(Sink&& sink) {
  for (; next_ < patches_.size(); ++next_) {
    const Patch& patch = patches_[next_];
    AIGW_CHECK(patch.begin == offset_ && patch.end == offset_);
    if (!patch.replacement.empty()) sink(patch.replacement);
  }
}

}  // namespace aigw::json
