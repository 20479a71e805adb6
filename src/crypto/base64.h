// Base64 (RFC 4648, section 4: the standard alphabet).
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace aigw::crypto {

enum class Padding : uint8_t {
  required,  // to a multiple of four characters
  absent,    // none
  optional,  // decoding only: both are taken, a wrong amount is not
};

// `padding` is required or absent.
void append_base64(std::string& out, Bytes bytes, Padding padding = Padding::required);
std::string to_base64(Bytes bytes, Padding padding = Padding::required);

// Appends what `text` stands for. Strict: no line ends, no other characters, and unused bits are
// zero, so that each sequence of bytes has one text. False, and `out` as it was, where `text` is
// not that.
bool append_from_base64(std::string& out, Bytes text, Padding padding = Padding::required);

}  // namespace aigw::crypto
