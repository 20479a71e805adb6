#include "crypto/base64.h"

#include <array>

namespace aigw::crypto {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kInvalid = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kInvalid);
  for (uint8_t i = 0; i < 64; ++i) values[static_cast<unsigned char>(kAlphabet[i])] = i;
  return values;
}
constexpr std::array<uint8_t, 256> kValues = make_values();

uint32_t byte_at(Bytes bytes, size_t i) { return static_cast<unsigned char>(bytes[i]); }

// The six bits of each of the first `count` characters, the first highest; UINT32_MAX if one of
// them is not in the alphabet.
uint32_t read_sextets(const char* text, size_t count) {
  uint32_t bits = 0;
  uint8_t seen = 0;
  for (size_t i = 0; i < count; ++i) {
    uint8_t value = kValues[static_cast<unsigned char>(text[i])];
    seen |= value;
    bits = bits << 6 | value;
  }
  return (seen & 0xc0) != 0 ? UINT32_MAX : bits;
}

// Takes the padding off `text`; false if there is not the right amount of it.
bool strip_padding(Bytes& text, Padding padding) {
  size_t pad = 0;
  while (pad < 2 && pad < text.size() && text[text.size() - 1 - pad] == '=') ++pad;
  if (pad > 0 && padding == Padding::absent) return false;
  bool whole = text.size() % 4 == 0;
  if (!whole && (pad > 0 || padding == Padding::required)) return false;
  text.remove_suffix(pad);
  return text.size() % 4 != 1;
}

}  // namespace

void append_base64(std::string& out, Bytes bytes, Padding padding) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    uint32_t bits = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    const char group[4] = {kAlphabet[bits >> 18], kAlphabet[bits >> 12 & 63],
                           kAlphabet[bits >> 6 & 63], kAlphabet[bits & 63]};
    out.append(group, 4);
  }
  size_t left = bytes.size() - i;
  if (left == 0) return;
  uint32_t bits = byte_at(bytes, i) << 16;
  if (left == 2) bits |= byte_at(bytes, i + 1) << 8;
  out += kAlphabet[bits >> 18];
  out += kAlphabet[bits >> 12 & 63];
  if (left == 2) out += kAlphabet[bits >> 6 & 63];
  if (padding != Padding::absent) out.append(3 - left, '=');
}

std::string to_base64(Bytes bytes, Padding padding) {
  std::string out;
  append_base64(out, bytes, padding);
  return out;
}

bool append_from_base64(std::string& out, Bytes text, Padding padding) {
  if (!strip_padding(text, padding)) return false;
  const size_t before = out.size();
  const auto fail = [&] {
    out.resize(before);
    return false;
  };
  out.resize(before + text.size() / 4 * 3);
  char* to = out.data() + before;
  size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    uint32_t bits = read_sextets(text.data() + i, 4);
    if (bits == UINT32_MAX) return fail();
    *to++ = static_cast<char>(bits >> 16);
    *to++ = static_cast<char>(bits >> 8);
    *to++ = static_cast<char>(bits);
  }
  size_t left = text.size() - i;
  if (left == 0) return true;
  uint32_t bits = read_sextets(text.data() + i, left);
  if (bits == UINT32_MAX) return fail();
  size_t unused = left == 2 ? 4 : 2;
  if ((bits & ((1u << unused) - 1)) != 0) return fail();
  bits >>= unused;
  if (left == 3) out += static_cast<char>(bits >> 8);
  out += static_cast<char>(bits);
  return true;
}

}  // namespace aigw::crypto
