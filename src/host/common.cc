#include "host/common.h"

namespace aigw::host {
namespace {

bool stays(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && Bytes("-_.~$&+:=@").find(c) != Bytes::npos);
}

}  // namespace

void append_path_segment(std::string& out, Bytes text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const bool dots = text == "." || text == "..";
  for (char c : text) {
    if (stays(c) && !dots) {
      out += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

}  // namespace aigw::host
