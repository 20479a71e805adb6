// A bump allocator for what one exchange keeps until it ends: names, paths, header edits. The first
// block is inline, so that an ordinary request allocates nothing; everything is given back at once.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "base/bytes.h"

namespace aigw {

class Arena {
 public:
  // Past `bytes_max` an allocation throws std::bad_alloc, which the front's guard turns into a
  // failed request.
  explicit Arena(size_t bytes_max)
      : bytes_max_(bytes_max), resource_(first_.data(), first_.size()) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // A copy of `bytes` that lives as long as the arena.
  Bytes copy(Bytes bytes) {
    char* to = allocate(bytes.size());
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return {to, bytes.size()};
  }

  // `size` bytes to write into, without alignment.
  char* allocate(size_t size) { return static_cast<char*>(take(size, 1)); }

  // A T that lives as long as the arena; nobody runs its destructor.
  template <class T, class... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (take(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  // A copy of `items` that lives as long as the arena.
  template <class T>
  std::span<T> copy_array(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (items.empty()) return {};
    void* to = take(items.size_bytes(), alignof(T));
    std::memcpy(to, items.data(), items.size_bytes());
    return {static_cast<T*>(to), items.size()};
  }

  // Room for `count` of T, without any in it.
  template <class T>
  T* allocate_array(size_t count) {
    if (count > bytes_max_ / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(take(count * sizeof(T), alignof(T)));
  }

  // Gives everything back at once, for the next event or attempt: every view into the arena ends.
  void reset() {
    resource_.release();
    used_ = 0;
  }

  size_t used() const { return used_; }

 private:
  void* take(size_t size, size_t alignment) {
    if (size > bytes_max_ - used_) throw std::bad_alloc();
    used_ += size;
    return resource_.allocate(size == 0 ? 1 : size, alignment);
  }

  size_t bytes_max_;
  size_t used_ = 0;
  std::array<char, 2048> first_;
  std::pmr::monotonic_buffer_resource resource_;
};

// An array that grows in an arena: where it grows it moves, and leaves its old place unused. The
// view of its items ends with the next push_back.
template <class T>
class ArenaVector {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  explicit ArenaVector(Arena& arena) : arena_(&arena) {}

  void push_back(const T& item) {
    const T kept = item;  // it may be one of ours
    if (size_ == capacity_) grow();
    new (data_ + size_) T(kept);
    ++size_;
  }

  std::span<const T> items() const { return {data_, size_}; }
  std::span<T> mutable_items() { return {data_, size_}; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& back() { return data_[size_ - 1]; }

 private:
  void grow() {
    const size_t capacity = std::max<size_t>(4, capacity_ * 2);
    T* to = arena_->template allocate_array<T>(capacity);
    if (size_ != 0) std::memcpy(static_cast<void*>(to), data_, size_ * sizeof(T));
    data_ = to;
    capacity_ = capacity;
  }

  Arena* arena_;
  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace aigw
