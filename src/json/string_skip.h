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
  for (char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'})
    simple[static_cast<unsigned char>(c)] = true;
  return simple;
}();
inline bool is_simple_escape(char c) { return kSimpleEscape[static_cast<unsigned char>(c)]; }

// Moves over the text of a string and its simple escapes from `at`, byte by byte at an escape: to
// the quote that ends it, a control character, an escape that needs a closer look (\u, a wrong one,
// one that the slice cuts off), or end.
inline const char* skip_string_text_portable(const char* at, const char* end) {
  for (;;) {
    at = find_string_special(at, end);
    if (end - at < 2 || *at != '\\' || !is_simple_escape(at[1])) return at;
    at += 2;
  }
}

// Which bytes of a block end an escape, found without a branch for each: prose in JSON has an
// escape every line and code one every few words, where no processor can foresee the next.
//
// A run of backslashes escapes the byte behind it if its length is odd, that is if it begins and
// ends at positions of different parity. Adding the first bit of a run to its bits carries into the
// position behind it; so the runs that begin at even positions are added apart from those that
// begin at odd ones. (The idea is that of Langdale and Lemire, "Parsing gigabytes of JSON per
// second", section 3.1.1.)
class EscapeEnds {
 public:
  // Bit i of `backslash` says that byte i is one; blocks come in order.
  uint64_t next(uint64_t backslash) {
    constexpr uint64_t kEven = 0x5555555555555555;
    const uint64_t carried = carry_;
    backslash &= ~carried;  // byte 0 is what the block before escapes, and escapes nothing
    const uint64_t starts = backslash & ~(backslash << 1);
    const uint64_t behind_even = (backslash + (starts & kEven)) & ~backslash;
    uint64_t behind_odd = 0;
    carry_ = __builtin_add_overflow(backslash, starts & ~kEven, &behind_odd) ? 1 : 0;
    behind_odd &= ~backslash;
    return (behind_even & ~kEven) | (behind_odd & kEven) | carried;
  }

  // Whether the last block ended with a backslash that escapes what follows.
  bool open() const { return carry_ != 0; }

 private:
  uint64_t carry_ = 0;
};

#if defined(__SSE2__)

// The same with vectors of 32 bytes, for processors that have them.
namespace avx2 {

[[gnu::target("avx2,bmi")]] inline __m256i load(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

// 0xff in every byte that may stand behind a backslash.
[[gnu::target("avx2,bmi")]] inline __m256i letters(__m256i bytes) {
  // A letter is one whose two halves have a bit in common in these tables: "/ are 2x, \ is 5x, bfn
  // are 6x, rt are 7x.
  const __m256i by_low =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 13, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1));
  const __m256i by_high =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i half = _mm256_set1_epi8(0x0f);
  const __m256i low = _mm256_shuffle_epi8(by_low, _mm256_and_si256(bytes, half));
  const __m256i high =
      _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
  return _mm256_cmpgt_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256());
}

[[gnu::target("avx2,bmi")]] inline __m256i are(__m256i bytes, char c) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c));
}

// A quote or what must be escaped: what ends the text if it is not escaped itself.
[[gnu::target("avx2,bmi")]] inline __m256i ends(__m256i bytes) {
  const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
  return _mm256_or_si256(control, are(bytes, '"'));
}

[[gnu::target("avx2,bmi")]] inline uint64_t joined(__m256i first, __m256i second) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(first)) |
         uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(second))} << 32;
}

[[gnu::noinline, gnu::target("avx2,bmi")]] inline const char* skip_string_text(const char* at,
                                                                               const char* end) {
  EscapeEnds escapes;
  while (end - at > 64) {
    const __m256i first = load(at);
    const __m256i second = load(at + 32);
    const uint64_t backslash = joined(are(first, '\\'), are(second, '\\'));
    uint64_t stop = joined(ends(first), ends(second));
    uint64_t wrong = 0;
    if (backslash != 0 || escapes.open()) {
      const uint64_t escaped = escapes.next(backslash);
      wrong = escaped & ~joined(letters(first), letters(second));
      // An escaped control character is wrong as well, so it still ends the text.
      stop = (stop & ~escaped) | wrong;
    }
    if (stop != 0) {
      const int i = std::countr_zero(stop);
      return at + i - (wrong >> i & 1);
    }
    at += 64;
  }
  if (escapes.open()) --at;
  return skip_string_text_portable(at, end);
}

}  // namespace avx2

inline const char* skip_string_text(const char* at, const char* end) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
             ? avx2::skip_string_text(at, end)
             : skip_string_text_portable(at, end);
}

#else

inline const char* skip_string_text(const char* at, const char* end) {
  return skip_string_text_portable(at, end);
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

}  // namespace aigw::json
