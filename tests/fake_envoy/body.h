// A body as Envoy holds it: slices that are given away without a copy. A slice that was drained, or that has moved
// since, is poisoned or freed, so that who keeps a view of it is a report of AddressSanitizer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fronts/module/abi.h"

namespace aigw::fake {

class Body {
 public:
  // Appends slices of at most `slice_size` bytes.
  void append(std::string_view bytes, size_t slice_size);
  // Takes bytes off the head, at most as many as there are.
  void drain(size_t count);
  // All slices get new places, and are cut otherwise.
  void move(size_t slice_size);
  void clear();

  bool empty() const { return slices_.empty(); }
  size_t size() const { return size_; }
  // The most bytes that have ever been there at once.
  size_t size_peak() const { return size_peak_; }
  size_t slice_count() const { return slices_.size(); }
  void write_slices(envoy_dynamic_module_type_envoy_buffer* out) const;
  std::string text() const;

 private:
  struct Slice {
    explicit Slice(std::string_view bytes);
    ~Slice();
    Slice(const Slice&) = delete;
    Slice& operator=(const Slice&) = delete;
    std::string_view bytes() const { return {memory.get() + begin, size - begin}; }

    std::unique_ptr<char[]> memory;
    size_t size;
    size_t begin = 0;
  };
  std::vector<std::unique_ptr<Slice>> slices_;
  size_t size_ = 0;
  size_t size_peak_ = 0;
};

// What Envoy has lent out besides bodies: each a copy of exactly its size, freed when the rule says that it dies.
class Views {
 public:
  std::string_view lend(std::string_view bytes);
  void kill() { lent_.clear(); }

 private:
  std::vector<std::unique_ptr<char[]>> lent_;
};

}  // namespace aigw::fake
