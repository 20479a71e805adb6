#include "fake_envoy/body.h"

#include <sanitizer/asan_interface.h>

#include <algorithm>

namespace aigw::fake {

Body::Slice::Slice(std::string_view bytes) : memory(new char[bytes.size()]), size(bytes.size()) {
  std::copy(bytes.begin(), bytes.end(), memory.get());
}

Body::Slice::~Slice() { ASAN_UNPOISON_MEMORY_REGION(memory.get(), size); }

void Body::append(std::string_view bytes, size_t slice_size) {
  size_ += bytes.size();
  size_peak_ = std::max(size_peak_, size_);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, slice_size);
    slices_.push_back(std::make_unique<Slice>(piece));
    bytes.remove_prefix(piece.size());
  }
}

void Body::drain(size_t count) {
  while (count > 0 && !slices_.empty()) {
    Slice& first = *slices_.front();
    const size_t taken = std::min(count, first.size - first.begin);
    first.begin += taken;
    count -= taken;
    size_ -= taken;
    if (first.begin == first.size) {
      slices_.erase(slices_.begin());
    } else {
      ASAN_POISON_MEMORY_REGION(first.memory.get(), first.begin);
    }
  }
}

void Body::move(size_t slice_size) {
  const std::string all = text();
  clear();
  append(all, slice_size);
}

void Body::clear() {
  slices_.clear();
  size_ = 0;
}

void Body::write_slices(envoy_dynamic_module_type_envoy_buffer* out) const {
  for (const auto& slice : slices_) *out++ = {slice->bytes().data(), slice->bytes().size()};
}

std::string Body::text() const {
  std::string out;
  for (const auto& slice : slices_) out += slice->bytes();
  return out;
}

std::string_view Views::lend(std::string_view bytes) {
  lent_.emplace_back(new char[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), lent_.back().get());
  return {lent_.back().get(), bytes.size()};
}

}  // namespace aigw::fake
