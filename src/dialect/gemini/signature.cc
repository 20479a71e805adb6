#include "dialect/gemini/signature.h"

#include <algorithm>

#include "crypto/base64.h"

namespace aigw::dialect::gemini {
namespace {

// Nine bytes are twelve characters of base64 that no byte after them changes.
constexpr Bytes kRaw = "aigw-raw:";
constexpr Bytes kRedacted = "aigw-red:";

bool is_alphabet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

std::string wrapped(Bytes mark, Bytes text) {
  std::string bytes(mark);
  bytes += text;
  return crypto::to_base64(bytes);
}

}  // namespace

bool is_base64(Bytes text) {
  if (text.empty() || text.size() % 4 != 0) return false;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return std::all_of(text.begin(), text.end(), is_alphabet);
}

Bytes standard_base64(Bytes text, Arena& arena) {
  const bool other = text.find_first_of("-_") != Bytes::npos;
  const size_t missing = (4 - text.size() % 4) % 4;
  if (!other && missing == 0) return text;
  char* to = arena.allocate(text.size() + missing);
  std::transform(text.begin(), text.end(), to,
                 [](char c) { return c == '-' ? '+' : c == '_' ? '/' : c; });
  std::fill_n(to + text.size(), missing, '=');
  const Bytes standard(to, text.size() + missing);
  return is_base64(standard) ? standard : text;
}

std::string wire_signature(Bytes signature, Bytes redacted) {
  if (!redacted.empty()) return wrapped(kRedacted, redacted);
  return is_base64(signature) ? std::string(signature) : wrapped(kRaw, signature);
}

ReadSignature read_signature(Bytes text, Arena& arena) {
  const Bytes standard = standard_base64(text, arena);
  std::string bytes;
  if (standard.starts_with("YWlndy1y") && crypto::append_from_base64(bytes, standard)) {
    const Bytes all = bytes;
    if (all.starts_with(kRaw)) return {arena.copy(all.substr(kRaw.size())), {}};
    if (all.starts_with(kRedacted)) return {{}, arena.copy(all.substr(kRedacted.size()))};
  }
  return {standard, {}};
}

}  // namespace aigw::dialect::gemini
