// The scanner's two inner loops: to the next byte of a string that means something, and over a run
// of white space. Neither reads a byte at or behind `end`.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
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

inline __m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// 0xff in every special byte. min(x, 0x1f) == x is the unsigned comparison x <= 0x1f that SSE2
// lacks.
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

// The same for what does not end in its first vector.
[[gnu::noinline]] inline const char* find_string_special_far(const char* at, const char* end) {
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

// The first special byte of [at, end), or end. Names and short values end in the first vector.
[[gnu::always_inline]] inline const char* find_string_special(const char* at, const char* end) {
  if (end - at >= 16) {
    const uint32_t found = sse2::mask(sse2::special(sse2::load(at)));
    if (found != 0) return at + std::countr_zero(found);
    at += 16;
  }
  return find_string_special_far(at, end);
}

#else

inline const char* find_string_special(const char* at, const char* end) {
  return find_string_special_portable(at, end);
}

#endif

// The letters that make a simple escape, behind its backslash.
inline constexpr auto kSimpleEscape = [] {
  std::array<bool, 256> simple{};
  for (char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) simple[static_cast<unsigned char>(c)] = true;
  return simple;
}();
inline bool is_simple_escape(char c) { return kSimpleEscape[static_cast<unsigned char>(c)]; }

// Moves over the text of a string and its simple escapes: to the quote that ends it, a control character, an escape
// that needs a closer look (\u, a wrong one, one that the slice cuts off), or end. Prose in JSON has an escape every
// line and code one every few words, so they are stepped over inside the mask of a block, without another load.
// `special_mask(at)` has bit i set where byte i of the 64 at `at` is special.
template <class SpecialMask>
[[gnu::always_inline]] inline const char* skip_blocks(const char* at, const char* end, SpecialMask special_mask) {
  while (end - at > 64) {
    uint64_t mask = special_mask(at);
    const char* next = at + 64;
    while (mask != 0) {
      const int i = std::countr_zero(mask);
      const char* const hit = at + i;
      if (*hit != '\\' || !is_simple_escape(hit[1])) return hit;
      if (i == 63) {
        ++next;
        break;
      }
      mask &= ~(uint64_t{3} << i);
    }
    at = next;
  }
  for (;;) {
    at = find_string_special(at, end);
    if (end - at < 2 || *at != '\\' || !is_simple_escape(at[1])) return at;
    at += 2;
  }
}

#if defined(__SSE2__)

namespace sse2 {

inline uint64_t special_mask(const char* at) {
  const uint64_t low = mask(special(load(at))) | uint64_t{mask(special(load(at + 16)))} << 16;
  const uint64_t high = mask(special(load(at + 32))) | uint64_t{mask(special(load(at + 48)))} << 16;
  return low | high << 32;
}

[[gnu::noinline]] inline const char* skip_string_text(const char* at, const char* end) {
  return skip_blocks(at, end, [](const char* block) { return special_mask(block); });
}

}  // namespace sse2

// The same with vectors of twice the size, for processors that have them.
namespace avx2 {

[[gnu::target("avx2,bmi")]] inline uint32_t special_half(const char* at) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
  const __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
  const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, backslash), control)));
}

[[gnu::target("avx2,bmi")]] inline uint64_t special_mask(const char* at) {
  return special_half(at) | uint64_t{special_half(at + 32)} << 32;
}

[[gnu::noinline, gnu::target("avx2,bmi"), gnu::flatten]] inline const char* skip_string_text(const char* at,
                                                                                             const char* end) {
  return skip_blocks(at, end, [](const char* block) __attribute__((target("avx2,bmi"))) {
    return special_mask(block);
  });
}

}  // namespace avx2

inline const char* skip_string_text(const char* at, const char* end) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") ? avx2::skip_string_text(at, end)
                                                                         : sse2::skip_string_text(at, end);
}

#else

inline const char* skip_string_text(const char* at, const char* end) {
  for (;;) {
    at = find_string_special(at, end);
    if (end - at < 2 || *at != '\\' || !is_simple_escape(at[1])) return at;
    at += 2;
  }
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
