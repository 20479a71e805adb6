// Views of bytes. A Bytes never owns: whoever hands one over says how long it lives.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace aigw {

using Bytes = std::string_view;

// A body in the pieces in which its carrier holds it, in order. Neither the array nor the pieces
// are owned.
using Slices = std::span<const Bytes>;

inline size_t total_size(Slices slices) {
  size_t total = 0;
  for (Bytes slice : slices) total += slice.size();
  return total;
}

// Takes bytes that its owner writes somewhere; a piece is only valid during the call.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void append(Bytes piece) = 0;
};

}  // namespace aigw
