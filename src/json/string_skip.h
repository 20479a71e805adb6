// The scanner's two inner loops: to the next byte of a string that means something, and over a run of
// white space. Neither reads a byte at or behind `end`.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace aigw::json {

// Bytes that end the plain text of a string: the quote, the backslash, and what must be escaped.
inline bool is_string_special(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

inline bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// The first special byte of [at, end), or end: eight bytes at a time, for any machine.
inline const char* find_string_special_portable(const char* at, const char* end) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = kOnes * 0x80;
  // Sets the high bit of some byte if and only if the word has a byte of 0, by borrowing.
  const auto has_zero = [](uint64_t word) { return (word - kOnes) & ~word & kHighs; };
  while (end - at >= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    const uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
    if ((has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\')) | control) != 0) break;
    at += 8;
  }
  while (at != end && !is_string_special(*at)) ++at;
  return at;
}

#if defined(__SSE2__)

namespace sse2 {

inline __m128i load(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

// 0xff in every special byte. min(x, 0x1f) == x is the unsigned comparison x <= 0x1f that SSE2 lacks.
inline __m128i special(__m128i bytes) {
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  return _mm_or_si128(_mm_or_si128(quote, backslash), control);
}

inline __m128i space(__m128i bytes) {
  const __m128i blank = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
  const __m128i lf = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
  const __m128i cr = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'));
  const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
  return _mm_or_si128(_mm_or_si128(blank, lf), _mm_or_si128(cr, tab));
}

inline uint32_t mask(__m128i bytes) { return static_cast<uint32_t>(_mm_movemask_epi8(bytes)); }

}  // namespace sse2

// Names and short values end in the first 16 bytes or the second; the unrolled loop is for texts.
inline const char* find_string_special(const char* at, const char* end) {
  for (int i = 0; i < 2 && end - at >= 16; ++i, at += 16) {
    const uint32_t found = sse2::mask(sse2::special(sse2::load(at)));
    if (found != 0) return at + std::countr_zero(found);
  }
  while (end - at >= 64) {
    const __m128i a = sse2::special(sse2::load(at));
    const __m128i b = sse2::special(sse2::load(at + 16));
    const __m128i c = sse2::special(sse2::load(at + 32));
    const __m128i d = sse2::special(sse2::load(at + 48));
    if (sse2::mask(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))) != 0) {
      const uint64_t low = sse2::mask(a) | sse2::mask(b) << 16;
      const uint64_t high = sse2::mask(c) | sse2::mask(d) << 16;
      return at + std::countr_zero(low | high << 32);
    }
    at += 64;
  }
  while (end - at >= 16) {
    const uint32_t found = sse2::mask(sse2::special(sse2::load(at)));
    if (found != 0) return at + std::countr_zero(found);
    at += 16;
  }
  while (at != end && !is_string_special(*at)) ++at;
  return at;
}

#else

inline const char* find_string_special(const char* at, const char* end) {
  return find_string_special_portable(at, end);
}

#endif

// The first byte of [at, end) that is no white space, or end.
inline const char* skip_space(const char* at, const char* end) {
  if (at != end && is_space(*at)) ++at;  // the blank behind a colon or a comma
  if (at == end || !is_space(*at)) return at;
#if defined(__SSE2__)
  while (end - at >= 16) {
    const uint32_t other = sse2::mask(sse2::space(sse2::load(at))) ^ 0xffff;
    if (other != 0) return at + std::countr_zero(other);
    at += 16;
  }
#endif
  while (at != end && is_space(*at)) ++at;
  return at;
}

// The first byte of [at, end) that a JSON writer has to look at: special, or not ASCII.
inline const char* find_not_plain_ascii(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = sse2::load(at);
    // As signed numbers, what is not ASCII is below 0x20 too.
    const __m128i below = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const uint32_t found = sse2::mask(_mm_or_si128(_mm_or_si128(quote, backslash), below));
    if (found != 0) return at + std::countr_zero(found);
  }
#endif
  while (at != end && !is_string_special(*at) && static_cast<unsigned char>(*at) < 0x80) ++at;
  return at;
}

}  // namespace aigw::json
