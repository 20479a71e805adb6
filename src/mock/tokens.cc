#include "mock/tokens.h"

namespace aigw::mock {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '\'' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::vector<std::string_view> token_pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  size_t begin = 0;
  size_t at = 0;
  while (true) {
    while (at < text.size() && is_space(text[at])) ++at;
    if (at == text.size()) break;
    if (is_word(text[at])) {
      while (at < text.size() && is_word(text[at])) ++at;
    } else {
      ++at;
    }
    pieces.push_back(text.substr(begin, at - begin));
    begin = at;
  }
  if (!pieces.empty()) {
    const char* last = pieces.back().data();
    pieces.back() = {last, static_cast<size_t>(text.data() + text.size() - last)};
  }
  return pieces;
}

size_t count_tokens(std::string_view text) { return token_pieces(text).size(); }

}  // namespace aigw::mock
