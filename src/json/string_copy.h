// The inner loops of escaping and unescaping: text is copied a vector at a time, and the same
// vector tells where the copying has to stop. What was copied behind that place is written over
// next.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "json/string_skip.h"

namespace aigw::json {

// What the loops below may write at once; more than they copy.
inline constexpr size_t kVectorSize = 16;

// How far a loop came.
struct Copied {
  const char* from;
  char* to;
};

#if defined(__SSE2__)
namespace sse2 {

inline void store(char* to, __m128i bytes) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
}

// 0xff in every byte that a JSON writer has to look at: special, or not ASCII.
inline __m128i not_plain_ascii(__m128i bytes) {
  // As signed numbers, what is not ASCII is below 0x20 too.
  const __m128i below = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return _mm_or_si128(_mm_or_si128(quote, backslash), below);
}

}  // namespace sse2
#endif

// Copies ASCII that stands in a JSON string as it is: to the first byte that does not, to `end`, or
// until `to` reaches `full`, behind which it may write up to kVectorSize bytes.
inline Copied copy_plain_ascii(const char* at, const char* end, char* to, const char* full) {
#if defined(__SSE2__)
  while (end - at >= static_cast<ptrdiff_t>(kVectorSize) && to < full) {
    const __m128i bytes = sse2::load(at);
    sse2::store(to, bytes);
    const uint32_t found = sse2::mask(sse2::not_plain_ascii(bytes));
    if (found != 0) return {at + std::countr_zero(found), to + std::countr_zero(found)};
    at += kVectorSize;
    to += kVectorSize;
  }
#endif
  while (at != end && to < full && !is_string_special(*at) &&
         static_cast<unsigned char>(*at) < 0x80) {
    *to++ = *at++;
  }
  return {at, to};
}

// Whether all of [at, at + size) is ASCII that stands in a JSON string as it is.
inline bool is_plain_ascii(const char* at, size_t size) {
#if defined(__SSE2__)
  char padded[kVectorSize];
  if (size < kVectorSize) {
    std::memset(padded, ' ', kVectorSize);
    std::copy_n(at, size, padded);
    at = padded;
    size = kVectorSize;
  }
  const auto is_plain = [](const char* from) { return sse2::mask(sse2::not_plain_ascii(sse2::load(from))) == 0; };
  for (size_t i = 0; i + kVectorSize <= size; i += kVectorSize) {
    if (!is_plain(at + i)) return false;
  }
  return is_plain(at + size - kVectorSize);
#else
  return std::all_of(at, at + size,
                     [](char c) { return !is_string_special(c) && static_cast<unsigned char>(c) < 0x80; });
#endif
}

// Copies to the first backslash, or to `end`. `to` has room for all of [at, end), which it does not
// overlap.
inline Copied copy_to_backslash(const char* at, const char* end, char* to) {
#if defined(__SSE2__)
  while (end - at >= static_cast<ptrdiff_t>(kVectorSize)) {
    const __m128i bytes = sse2::load(at);
    sse2::store(to, bytes);
    const uint32_t found = sse2::mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    if (found != 0) return {at + std::countr_zero(found), to + std::countr_zero(found)};
    at += kVectorSize;
    to += kVectorSize;
  }
#endif
  while (at != end && *at != '\\') *to++ = *at++;
  return {at, to};
}

}  // namespace aigw::json
