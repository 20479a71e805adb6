// Text that must not be seen: a key, a token, a password.
//
// It is shown to nobody by accident: it converts to nothing, cannot be streamed or concatenated, and
// the one way to its text is reveal(), which a reader of the code can search for. Its memory is
// overwritten before it is given back, on assignment as on destruction.
#pragma once

#include <string.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "base/bytes.h"

namespace aigw {

// Overwrites `size` bytes, which the compiler may not leave out.
inline void erase_bytes(void* bytes, size_t size) {
  if (bytes != nullptr && size > 0) ::explicit_bzero(bytes, size);
}

class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes text) : size_(text.size()) {
    if (size_ == 0) return;
    text_ = std::make_unique_for_overwrite<char[]>(size_);
    ::memmove(text_.get(), text.data(), size_);
  }
  Secret(const Secret& other) : Secret(other.reveal()) {}
  Secret(Secret&& other) noexcept
      : text_(std::move(other.text_)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret other) noexcept {
    text_.swap(other.text_);
    std::swap(size_, other.size_);
    return *this;  // what was here before is erased with `other`
  }
  ~Secret() { erase_bytes(text_.get(), size_); }

  // The text itself; it lives as long as this object is neither assigned to nor destroyed. Whoever
  // copies it answers for the copy.
  Bytes reveal() const { return {text_ == nullptr ? "" : text_.get(), size_}; }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // Takes as long for texts that differ early as for those that differ late.
  friend bool operator==(const Secret& a, const Secret& b) {
    if (a.size_ != b.size_) return false;
    unsigned char differs = 0;
    for (size_t i = 0; i < a.size_; ++i) {
      differs = static_cast<unsigned char>(differs | (a.text_[i] ^ b.text_[i]));
    }
    return differs == 0;
  }

 private:
  std::unique_ptr<char[]> text_;
  size_t size_ = 0;
};

// A text that is being put together from secrets, and is erased when it goes out of scope. Its memory
// is reserved once: growing would leave a copy behind, so what does not fit any more is not taken,
// and full() says so.
class SecretBuilder {
 public:
  explicit SecretBuilder(size_t capacity)
      : text_(std::make_unique_for_overwrite<char[]>(capacity == 0 ? 1 : capacity)), capacity_(capacity) {}
  SecretBuilder(const SecretBuilder&) = delete;
  SecretBuilder& operator=(const SecretBuilder&) = delete;
  ~SecretBuilder() { erase_bytes(text_.get(), size_); }

  SecretBuilder& append(Bytes piece) {
    if (piece.size() > capacity_ - size_) {
      full_ = true;
      return *this;
    }
    piece.copy(text_.get() + size_, piece.size());
    size_ += piece.size();
    return *this;
  }
  bool full() const { return full_; }
  Bytes reveal() const { return {text_.get(), size_}; }

 private:
  std::unique_ptr<char[]> text_;
  size_t capacity_;
  size_t size_ = 0;
  bool full_ = false;
};

}  // namespace aigw
