// Finds what was found before, by a key that a few requests in a row share: the series of one backend
// and model, say. A hit costs one comparison and touches no more memory than it needs.
//
// From any thread, without a lock: an entry never changes its key and is never taken away, and what it
// holds is set once. So their number is bounded, and what finds no place is looked up each time.
#pragma once

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace aigw::observe {

// A key made of parts, on the stack. One that is too long is none.
class HotKey {
 public:
  HotKey& add(Bytes part) {
    if (size_ + part.size() + 1 > sizeof bytes_) {
      fits_ = false;
      return *this;
    }
    if (!part.empty()) std::memcpy(bytes_ + size_, part.data(), part.size());
    size_ += part.size();
    bytes_[size_++] = '\0';
    return *this;
  }
  HotKey& add(uint32_t number) {
    return add(Bytes(reinterpret_cast<const char*>(&number), sizeof number));
  }
  bool fits() const { return fits_; }
  Bytes bytes() const { return {bytes_, size_}; }

 private:
  char bytes_[1024];
  size_t size_ = 0;
  bool fits_ = true;
};

template <class Value>
class HotCache {
 public:
  HotCache() = default;
  ~HotCache() {
    for (std::atomic<Entry*>& slot : slots_) delete slot.load();
  }
  HotCache(const HotCache&) = delete;
  HotCache& operator=(const HotCache&) = delete;

  // The value for this key, or null: then the caller does without.
  Value* find(const HotKey& key) {
    if (!key.fits()) return nullptr;
    const size_t first = std::hash<Bytes>{}(key.bytes());
    for (size_t way = 0; way < kWays; ++way) {
      std::atomic<Entry*>& slot = slots_[(first + way) % slots_.size()];
      Entry* entry = slot.load(std::memory_order_acquire);
      if (entry == nullptr) {
        auto made = std::make_unique<Entry>(std::string(key.bytes()));
        if (slot.compare_exchange_strong(entry, made.get(), std::memory_order_acq_rel)) {
          return &made.release()->value;
        }
      }
      if (entry->key == key.bytes()) return &entry->value;
    }
    return nullptr;
  }

 private:
  static constexpr size_t kWays = 4;

  struct Entry {
    explicit Entry(std::string name) : key(std::move(name)) {}
    const std::string key;
    Value value{};
  };
  std::array<std::atomic<Entry*>, 1024> slots_{};
};

}  // namespace aigw::observe
