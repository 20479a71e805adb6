#include "credential/cell.h"

#include <algorithm>
#include <thread>

#include "base/check.h"

namespace aigw::credential {
namespace {

constexpr int kSpins = 64;

Bytes cut(Bytes value, Form form) {
  if (form == Form::text) return value;
  const char* const cut_at_end = form == Form::trimmed ? " \t\r\n\v\f" : "\r\n";
  const size_t last = value.find_last_not_of(cut_at_end);
  value = value.substr(0, last == Bytes::npos ? 0 : last + 1);
  if (form == Form::trimmed) {
    value.remove_prefix(std::min(value.size(), value.find_first_not_of(cut_at_end)));
  }
  return value;
}

bool has_control(Bytes value) {
  return std::any_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

}  // namespace

Cell::Cell(Form form, size_t capacity, Origin origin)
    : form_(form),
      origin_(origin),
      capacity_(capacity),
      words_(std::make_unique<SharedWord[]>(words_for(capacity))) {
  AIGW_CHECK(capacity <= limits::credential_max);
}

Cell::~Cell() {
  erase_bytes(words_.get(), words_for(capacity_) * sizeof(SharedWord));
}

size_t Cell::read(char* out, size_t capacity, int64_t* expires_at) const {
  for (int spin = 0;; ++spin) {
    // The writer holds the odd state for as long as it takes to store 2048 words, unless it is
    // preempted there.
    if (spin >= kSpins) std::this_thread::yield();
    const uint64_t before = sequence_.load(std::memory_order_acquire);
    if (before % 2 != 0) continue;
    const uint64_t size = size_.load(std::memory_order_acquire);
    if (expires_at != nullptr) *expires_at = expires_at_.load(std::memory_order_acquire);
    if (size <= capacity) load_words(words_.get(), out, size);
    if (sequence_.load(std::memory_order_relaxed) == before) return size;
  }
}

bool Cell::write(Bytes value, int64_t expires_at) {
  value = cut(value, form_);
  if (value.size() > capacity_ || (form_ != Form::text && has_control(value))) return false;
  const uint64_t before = sequence_.load(std::memory_order_relaxed);
  const uint64_t old_size = size_.load(std::memory_order_relaxed);
  sequence_.store(before + 1, std::memory_order_relaxed);
  size_.store(value.size(), std::memory_order_release);
  expires_at_.store(expires_at, std::memory_order_release);
  store_words(words_.get(), value);
  for (size_t at = words_for(value.size()); at < words_for(old_size); ++at) {
    words_[at].store(0, std::memory_order_release);
  }
  sequence_.store(before + 2, std::memory_order_release);
  return true;
}

}  // namespace aigw::credential
