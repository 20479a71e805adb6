// One bound on the bytes that all requests of a process hold together. Taking and giving back is an atomic addition:
// no request waits for another.
#pragma once

#include <atomic>
#include <cstdint>

namespace aigw {

// A value; its copies are the same budget.
class Budget {
 public:
  // Without a bound; nothing is counted.
  Budget() = default;

  // `used` is the count that all budgets over the same bytes share, and outlives them all. Never more than `bytes_max`
  // of it is taken through this one.
  Budget(uint64_t* used, uint64_t bytes_max) : used_(used), bytes_max_(bytes_max) {}

  // False where that would go over the bound; nothing has been taken then.
  bool take(uint64_t bytes) const {
    if (used_ == nullptr) return true;
    const uint64_t before = count().fetch_add(bytes, std::memory_order_relaxed);
    if (before <= bytes_max_ && bytes <= bytes_max_ - before) return true;
    give_back(bytes);
    return false;
  }
  void give_back(uint64_t bytes) const {
    if (used_ != nullptr) count().fetch_sub(bytes, std::memory_order_relaxed);
  }

 private:
  std::atomic_ref<uint64_t> count() const { return std::atomic_ref<uint64_t>(*used_); }

  uint64_t* used_ = nullptr;
  uint64_t bytes_max_ = 0;
};

// What one holder has taken of a budget; it goes back with the holder.
class Charge {
 public:
  explicit Charge(Budget budget) : budget_(budget) {}
  ~Charge() { release(); }
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;

  // False where the budget is exhausted.
  bool take(uint64_t bytes) {
    if (bytes == 0) return true;
    if (!budget_.take(bytes)) return false;
    bytes_ += bytes;
    return true;
  }
  void release() {
    if (bytes_ != 0) budget_.give_back(bytes_);
    bytes_ = 0;
  }

 private:
  const Budget budget_;
  uint64_t bytes_ = 0;
};

}  // namespace aigw
