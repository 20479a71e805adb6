#include "json/patch.h"

namespace aigw::json {

void PatchList::add(uint64_t begin, uint64_t end, Bytes replacement) {
  AIGW_CHECK(begin <= end);
  const auto before = [](const Patch& a, const Patch& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  };
  const Patch patch{begin, end, replacement};
  const auto at = std::upper_bound(patches_.begin(), patches_.end(), patch, before);
  AIGW_CHECK(at == patches_.end() || end <= at->begin);
  AIGW_CHECK(at == patches_.begin() || std::prev(at)->end <= begin);
  patches_.insert(at, patch);
  size_delta_ += static_cast<int64_t>(replacement.size()) - static_cast<int64_t>(end - begin);
}

void PatchList::clear() {
  patches_.clear();
  size_delta_ = 0;
}

}  // namespace aigw::json
