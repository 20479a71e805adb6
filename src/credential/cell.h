// A live credential: one writer replaces it while worker threads read it, without a lock.
//
// A sequence lock over atomic 64-bit words. The writer makes the sequence odd, stores the words,
// makes it even; a reader copies between two equal even values or tries again. The words are stored
// with release and loaded with acquire, so a reader that has seen any word of a write also sees
// that the sequence has moved: no fence is needed (ThreadSanitizer knows none), and on x86-64 each
// of them is a plain move.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/limits.h"

namespace aigw::credential {

// What the text of a credential may be, and what is cut off it on write.
enum class Form : uint8_t {
  trimmed,   // one line; white space at both ends is cut
  verbatim,  // one line; only line ends at its end are cut (GCP access tokens)
  text,      // any text, as it stands: an AWS credentials file
};

class Cell {
 public:
  using Buffer = std::array<char, limits::credential_max>;

  // Holds values of up to `capacity` bytes, at most limits::credential_max. Empty until the first
  // write.
  explicit Cell(Form form, size_t capacity = limits::credential_max);
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  // Copies the value to `out` and returns its size, which is 0 as long as there is none. A value
  // larger than `capacity` is not copied: the size returned is then greater than `capacity`.
  size_t read(char* out, size_t capacity) const;

  // A view into `buffer` of the value. The buffer is the caller's: on the stack it is erased by
  // nobody.
  Bytes read_into(Buffer& buffer) const {
    return {buffer.data(), read(buffer.data(), buffer.size())};
  }

  // One thread at a time. False, and the old value stands, where the value is too long or (except
  // in Form::text) holds a control character, which a header could not carry.
  bool write(Bytes value);

  Form form() const { return form_; }

 private:
  const Form form_;
  const size_t capacity_;
  std::atomic<uint64_t> sequence_{0};
  std::atomic<uint64_t> size_{0};
  std::unique_ptr<std::atomic<uint64_t>[]> words_;
};

}  // namespace aigw::credential
