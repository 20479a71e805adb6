// For tests only: one document in every way to slice it that matters. Each piece is a heap block of
// exactly its size that is freed before the next, so that AddressSanitizer sees a read past it and
// a view kept of it.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace aigw {

class Slicing {
 public:
  Slicing(Bytes document, std::vector<size_t> cuts) : document_(document), cuts_(std::move(cuts)) {}

  // Calls visit(Bytes) for each piece in order.
  template <class Visit>
  void for_each_piece(Visit&& visit) const {
    size_t begin = 0;
    for (size_t i = 0; i <= cuts_.size(); ++i) {
      const size_t end = i < cuts_.size() ? cuts_[i] : document_.size();
      const std::unique_ptr<char[]> block(new char[end - begin]);
      if (begin != end) std::memcpy(block.get(), document_.data() + begin, end - begin);
      visit(Bytes(block.get(), end - begin));
      begin = end;
    }
  }

  std::string name() const {
    std::string text = "cut at";
    for (size_t cut : cuts_) text += ' ' + std::to_string(cut);
    return text;
  }

 private:
  Bytes document_;
  std::vector<size_t> cuts_;  // ascending
};

inline Slicing whole(Bytes document) { return {document, {}}; }

// Calls visit(Slicing) for the whole document, every cut into two and every fixed size of piece.
template <class Visit>
void for_every_slicing(Bytes document, Visit&& visit) {
  visit(whole(document));
  for (size_t cut = 0; cut <= document.size(); ++cut) visit(Slicing(document, {cut}));
  for (size_t size = 1; size < document.size(); ++size) {
    std::vector<size_t> cuts;
    for (size_t cut = size; cut < document.size(); cut += size) cuts.push_back(cut);
    visit(Slicing(document, cuts));
  }
}

}  // namespace aigw
