// A live credential: one writer replaces it while worker threads read it, without a lock.
//
// A sequence lock over atomic words (base/shared_words.h). The writer makes the sequence odd, stores
// the words, makes it even; a reader copies between two equal even values or tries again.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/shared_words.h"

namespace aigw::credential {

// What the text of a credential may be, and what is cut off it on write.
enum class Form : uint8_t {
  trimmed,   // one line; white space at both ends is cut
  verbatim,  // one line; only line ends at its end are cut (GCP access tokens)
  text,      // any text, as it stands: an AWS credentials file
};

// Who puts a value into a cell, and so what it means that there is none.
enum class Origin : uint8_t {
  configured,  // a person: an empty cell is a credential that comes from elsewhere
  fetched,     // a token service (fetcher.h): an empty cell is one that nobody could fetch yet
};

class Cell {
 public:
  // Room for a value on its reader's stack; erased at its end.
  class Buffer {
   public:
    Buffer() {}  // the bytes stay as they are: 16 KiB of zeros would be written for nothing
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { erase_bytes(bytes_.data(), used_); }

    // When the value of the last read dies, in unix seconds; 0 is never.
    int64_t expires_at() const { return expires_at_; }

   private:
    friend class Cell;
    std::array<char, limits::credential_max> bytes_;
    size_t used_ = 0;
    int64_t expires_at_ = 0;
  };

  // Holds values of up to `capacity` bytes, at most limits::credential_max. Empty until the first
  // write.
  explicit Cell(Form form, size_t capacity = limits::credential_max,
                Origin origin = Origin::configured);
  ~Cell();
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  // Copies the value to `out` and returns its size, which is 0 as long as there is none. A value
  // larger than `capacity` is not copied: the size returned is then greater than `capacity`.
  // `expires_at` is written with it unless it is null.
  size_t read(char* out, size_t capacity, int64_t* expires_at = nullptr) const;

  // The value, as a view into `buffer`.
  Bytes read_into(Buffer& buffer) const {
    const size_t size = read(buffer.bytes_.data(), buffer.bytes_.size(), &buffer.expires_at_);
    if (size > buffer.used_) buffer.used_ = size;
    return {buffer.bytes_.data(), size};
  }

  // One thread at a time. False, and the old value stands, where the value is too long or (except
  // in Form::text) holds a control character, which a header could not carry. `expires_at` is in
  // unix seconds, 0 for never.
  bool write(Bytes value, int64_t expires_at = 0);

  Form form() const { return form_; }
  Origin origin() const { return origin_; }

 private:
  const Form form_;
  const Origin origin_;
  const size_t capacity_;
  std::atomic<int64_t> expires_at_{0};
  std::atomic<uint64_t> sequence_{0};
  std::atomic<uint64_t> size_{0};
  std::unique_ptr<SharedWord[]> words_;
};

}  // namespace aigw::credential
