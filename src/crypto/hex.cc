#include "crypto/hex.h"

namespace aigw::crypto {

void append_hex(std::string& out, Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

std::string hex(Bytes bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  append_hex(out, bytes);
  return out;
}

}  // namespace aigw::crypto
