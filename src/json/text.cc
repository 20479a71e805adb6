#include "json/text.h"

#include <algorithm>
#include <cstring>

#include "json/string_copy.h"
#include "json/string_skip.h"

namespace aigw::json {
namespace {

constexpr Bytes kReplacement = "\xef\xbf\xbd";  // U+FFFD

// The length of the well-formed UTF-8 sequence at the start of `text`, or 0; then `bad` is the
// length of the maximal ill-formed part (Unicode §3.9, table 3-7 and "U+FFFD substitution of
// maximal subparts").
size_t utf8_length(Bytes text, size_t& bad) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  bad = 1;
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  size_t size = 0;
  unsigned low = 0x80, high = 0xbf;  // of the second byte
  if (lead >= 0xc2 && lead <= 0xdf) {
    size = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    size = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    size = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  for (size_t i = 1; i < size; ++i, low = 0x80, high = 0xbf) {
    if (i == text.size() || at(i) < low || at(i) > high) return 0;
    bad = i + 1;
  }
  return size;
}

// The letter that escapes `c` after a backslash, or 0.
char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

// Bytes of a text that is looked at before it is copied.
constexpr size_t kShort = 64;

// The longest escape: \u001f.
constexpr size_t kEscapeMax = 6;

char* put_escape(char* to, char c) {
  *to++ = '\\';
  if (const char letter = short_escape(c); letter != 0) {
    *to++ = letter;
    return to;
  }
  constexpr char kHex[] = "0123456789abcdef";
  for (char digit : {'u', '0', '0', kHex[(c >> 4) & 0xf], kHex[c & 0xf]}) *to++ = digit;
  return to;
}

// The four hexadecimal digits at `at`, or -1.
int32_t hex4(const char* at) {
  int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const char lower = static_cast<char>(c | 0x20);
    int digit;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (lower >= 'a' && lower <= 'f') {
      digit = lower - 'a' + 10;
    } else {
      return -1;
    }
    value = value << 4 | digit;
  }
  return value;
}

char* put_utf8(char* out, uint32_t code) {
  const auto tail = [](uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3f)); };
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xc0 | code >> 6);
    *out++ = tail(code);
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xe0 | code >> 12);
    *out++ = tail(code >> 6);
    *out++ = tail(code);
  } else {
    *out++ = static_cast<char>(0xf0 | code >> 18);
    *out++ = tail(code >> 12);
    *out++ = tail(code >> 6);
    *out++ = tail(code);
  }
  return out;
}

// The \uXXXX at `at`, with the second half of a pair if there is one. Moves `at` behind it; -1 if
// malformed. `repaired` is set for a lone surrogate.
int32_t take_unicode(const char*& at, const char* end, bool& repaired) {
  if (end - at < 6) return -1;
  const int32_t unit = hex4(at + 2);
  if (unit < 0) return -1;
  at += 6;
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit <= 0xdbff && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
    const int32_t second = hex4(at + 2);
    if (second >= 0xdc00 && second <= 0xdfff) {
      at += 6;
      return 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
    }
  }
  repaired = true;
  return 0xfffd;
}

// What the letter after a backslash stands for, or 0.
char unescaped(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

// A set highest bit in any of the eight bytes.
constexpr uint64_t kNotAscii = 0x8080'8080'8080'8080;

bool is_utf8(Bytes text) {
  size_t bad = 0;
  for (size_t i = 0; i < text.size();) {
    // ASCII in steps of four words, and of one.
    if (text.size() - i >= 4 * sizeof(uint64_t)) {
      uint64_t words[4];
      std::memcpy(words, text.data() + i, sizeof words);
      if (((words[0] | words[1] | words[2] | words[3]) & kNotAscii) == 0) {
        i += sizeof words;
        continue;
      }
    }
    uint64_t word = kNotAscii;
    if (text.size() >= sizeof word) {
      // The last word may begin before `i`: what is there is known already.
      const size_t at = std::min(i, text.size() - sizeof word);
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & kNotAscii) == 0) {
        i = at + sizeof word;
        continue;
      }
    }
    const size_t size = static_cast<unsigned char>(text[i]) < 0x80 ? 1 : utf8_length(text.substr(i), bad);
    if (size == 0) return false;
    i += size;
  }
  return true;
}

void append_escaped(std::string& out, Bytes text) {
  // Most short texts need no escape: to look first is less than to put them together.
  if (text.size() <= kShort && is_plain_ascii(text.data(), text.size())) {
    out.append(text);
    return;
  }
  // What is escaped is put together here, since a string can not grow without filling itself first.
  // One step adds no more than a vector of plain text and an escape or a character.
  char chunk[4096];
  char* const full = chunk + sizeof(chunk) - kVectorSize - kEscapeMax;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    char* to = chunk;
    while (at != end && to < full) {
      const Copied plain = copy_plain_ascii(at, end, to, full);
      at = plain.from;
      to = plain.to;
      if (at == end || to >= full) break;
      if (is_string_special(*at)) {
        to = put_escape(to, *at++);
        continue;
      }
      size_t bad;
      const size_t size = utf8_length({at, static_cast<size_t>(end - at)}, bad);
      to = size == 0 ? std::copy(kReplacement.begin(), kReplacement.end(), to)
                     : std::copy_n(at, size, to);
      at += size == 0 ? bad : size;
    }
    out.append(chunk, static_cast<size_t>(to - chunk));
  }
}

void append_quoted(std::string& out, Bytes text) {
  out.reserve(out.size() + text.size() + 2);
  out += '"';
  append_escaped(out, text);
  out += '"';
}

std::optional<size_t> unescape(Bytes raw, char* out) {
  bool repaired;
  return unescape(raw, out, repaired);
}

std::optional<size_t> unescape(Bytes raw, char* out, bool& repaired) {
  repaired = false;
  const char* at = raw.data();
  const char* const end = at + raw.size();
  char* to = out;
  for (;;) {
    const Copied plain = copy_to_backslash(at, end, to);
    at = plain.from;
    to = plain.to;
    if (at == end) break;
    if (end - at < 2) return std::nullopt;
    if (at[1] == 'u') {
      const int32_t code = take_unicode(at, end, repaired);
      if (code < 0) return std::nullopt;
      to = put_utf8(to, static_cast<uint32_t>(code));
      continue;
    }
    const char plain_letter = unescaped(at[1]);
    if (plain_letter == 0) return std::nullopt;
    *to++ = plain_letter;
    at += 2;
  }
  return static_cast<size_t>(to - out);
}

namespace {

// Takes the digits at the front of `rest`.
Bytes take_digits(Bytes& rest) {
  size_t size = 0;
  while (size < rest.size() && rest[size] >= '0' && rest[size] <= '9') ++size;
  const Bytes digits = rest.substr(0, size);
  rest.remove_prefix(size);
  return digits;
}

// A JSON number without a sign: the integer's and the fraction's digits and the power of ten.
struct Decimal {
  Bytes integer, fraction;
  int64_t exponent = 0;
};

// So that it does not overflow: beyond any power of ten that digits can make up for.
constexpr int64_t kExponentMax = 1'000'000'000;

std::optional<Decimal> parse_decimal(Bytes rest) {
  Decimal number;
  number.integer = take_digits(rest);
  if (number.integer.empty() || (number.integer[0] == '0' && number.integer.size() > 1))
    return std::nullopt;
  if (!rest.empty() && rest[0] == '.') {
    rest.remove_prefix(1);
    number.fraction = take_digits(rest);
    if (number.fraction.empty()) return std::nullopt;
  }
  if (!rest.empty() && (rest[0] == 'e' || rest[0] == 'E')) {
    rest.remove_prefix(1);
    const bool negative = !rest.empty() && rest[0] == '-';
    if (negative || (!rest.empty() && rest[0] == '+')) rest.remove_prefix(1);
    const Bytes digits = take_digits(rest);
    if (digits.empty()) return std::nullopt;
    for (char c : digits)
      number.exponent = std::min(kExponentMax, number.exponent * 10 + (c - '0'));
    if (negative) number.exponent = -number.exponent;
  }
  if (!rest.empty()) return std::nullopt;
  return number;
}

// value * 10 + digit, or false if it does not fit.
bool push_digit(uint64_t& value, unsigned digit) {
  return !__builtin_mul_overflow(value, uint64_t{10}, &value) &&
         !__builtin_add_overflow(value, digit, &value);
}

}  // namespace

std::optional<uint64_t> to_uint64(Bytes number) {
  const std::optional<Decimal> decimal = parse_decimal(number);
  if (!decimal) return std::nullopt;
  // The digit at position i stands for digit * 10^(last - i); the last one that counts is at
  // `last`.
  const int64_t last = static_cast<int64_t>(decimal->integer.size()) - 1 + decimal->exponent;
  const int64_t count = static_cast<int64_t>(decimal->integer.size() + decimal->fraction.size());
  uint64_t value = 0;
  for (int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<size_t>(i);
    const char c = at < decimal->integer.size() ? decimal->integer[at]
                                                : decimal->fraction[at - decimal->integer.size()];
    if (i > last) {
      if (c != '0') return std::nullopt;  // not integral
    } else if (!push_digit(value, static_cast<unsigned>(c - '0'))) {
      return std::nullopt;
    }
  }
  if (value == 0) return value;
  for (int64_t i = count; i <= last; ++i) {
    if (!push_digit(value, 0)) return std::nullopt;
  }
  return value;
}

}  // namespace aigw::json
