// A header map in memory, for tests and for carriers that have none of their own.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "http/header_map.h"

namespace aigw::http {

class VectorHeaderMap final : public HeaderMap {
 public:
  using Entry = std::pair<std::string, std::string>;

  VectorHeaderMap() = default;
  VectorHeaderMap(std::initializer_list<Entry> entries) : entries_(entries) {}

  std::span<const HeaderView> all() override {
    views_.clear();
    for (const Entry& entry : entries_) views_.push_back({entry.first, entry.second});
    return views_;
  }

  using HeaderMap::get;
  std::optional<Bytes> get(Bytes name, size_t index, size_t* count) override {
    std::optional<Bytes> found;
    size_t seen = 0;
    for (const Entry& entry : entries_) {
      if (entry.first != name) continue;
      if (seen++ == index) found = entry.second;
    }
    if (count != nullptr) *count = seen;
    return found;
  }

  void set(Bytes name, Bytes value) override {
    Entry kept{name, value};
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].first != kept.first) continue;
      entries_[i].second = kept.second;
      std::erase_if(entries_, [&, first = &entries_[i]](const Entry& entry) {
        return &entry != first && entry.first == kept.first;
      });
      return;
    }
    entries_.push_back(std::move(kept));
  }

  void add(Bytes name, Bytes value) override { entries_.emplace_back(name, value); }

  void remove(Bytes name) override {
    std::string kept(name);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.first == kept; });
  }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
  std::vector<HeaderView> views_;
};

}  // namespace aigw::http
