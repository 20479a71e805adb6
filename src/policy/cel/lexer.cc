#include "policy/cel/lexer.h"

#include <charconv>

namespace aigw::policy::cel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// The longest mark at the head of `text`; empty for none.
Bytes mark_of(Bytes text) {
  for (Bytes two : {"&&", "||", "==", "!=", "<=", ">="}) {
    if (text.starts_with(two)) return text.substr(0, 2);
  }
  constexpr Bytes kMarks = "+-*/%<>!?:.,()[]{}";
  return kMarks.find(text.front()) != Bytes::npos ? text.substr(0, 1) : Bytes();
}

void append_utf8(uint32_t code, std::string& out) {
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

}  // namespace

Failure error_at(uint32_t offset, std::string message) {
  return {FailureKind::unprocessable, "column " + std::to_string(offset + 1) + ": " + std::move(message)};
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (rest().starts_with("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (Bytes(" \t\n\r\f").find(text_[at_]) != Bytes::npos) {
      ++at_;
    } else {
      return;
    }
  }
}

Result<Token> Lexer::next() {
  skip_blanks();
  Token token;
  token.offset = static_cast<uint32_t>(at_);
  if (at_ == text_.size()) return token;
  const char first = text_[at_];
  const char second = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (is_digit(first) || (first == '.' && is_digit(second))) return number(std::move(token));
  if (first == '"' || first == '\'') return quoted_text(std::move(token), false);
  if ((first == 'r' || first == 'R') && (second == '"' || second == '\'')) {
    ++at_;
    return quoted_text(std::move(token), true);
  }
  if ((first == 'b' || first == 'B') && (second == '"' || second == '\'')) return fail("there are no bytes here");
  if (is_letter(first)) {
    size_t size = 1;
    while (at_ + size < text_.size() && (is_letter(text_[at_ + size]) || is_digit(text_[at_ + size]))) ++size;
    token.kind = TokenKind::identifier;
    token.text = text_.substr(at_, size);
    at_ += size;
    return token;
  }
  token.text = mark_of(rest());
  if (token.text.empty()) return fail("an unexpected character");
  token.kind = TokenKind::punctuation;
  at_ += token.text.size();
  return token;
}

Result<Token> Lexer::number(Token token) {
  const char* const begin = text_.data() + at_;
  const char* const end = text_.data() + text_.size();
  const bool hex = rest().starts_with("0x") || rest().starts_with("0X");
  const auto [integer_end, problem] = std::from_chars(hex ? begin + 2 : begin, end, token.integer, hex ? 16 : 10);
  const char* last = integer_end;
  const bool has_point = !hex && last + 1 < end && *last == '.' && is_digit(last[1]);
  const bool has_exponent = !hex && last < end && (*last == 'e' || *last == 'E');
  if (*begin == '.' || has_point || has_exponent) {
    const auto [real_end, real_problem] = std::from_chars(begin, end, token.real);
    if (real_problem != std::errc()) return fail("a number that no double can be");
    token.kind = TokenKind::real;
    last = real_end;
  } else {
    if (problem == std::errc::result_out_of_range) return fail("an integer of more than 64 bits");
    if (problem != std::errc()) return fail("a number without digits");
    token.kind = TokenKind::integer;
    if (last < end && (*last == 'u' || *last == 'U')) {
      token.kind = TokenKind::unsigned_integer;
      ++last;
    }
  }
  token.text = Bytes(begin, static_cast<size_t>(last - begin));
  at_ += token.text.size();
  if (at_ < text_.size() && is_letter(text_[at_])) return fail("a letter behind a number");
  return token;
}

// At the opening quote.
Result<Token> Lexer::quoted_text(Token token, bool raw) {
  const char quote = text_[at_];
  const std::string triple(3, quote);
  const bool is_long = rest().starts_with(triple);
  const Bytes close = is_long ? Bytes(triple) : text_.substr(at_, 1);
  at_ += close.size();
  token.kind = TokenKind::string;
  while (!rest().starts_with(close)) {
    if (at_ == text_.size()) return error_at(token.offset, "a text without its closing quote");
    const char c = text_[at_];
    if (!is_long && (c == '\n' || c == '\r')) return fail("a line end in a text: write \\n, or use three quotes");
    ++at_;
    if (c == '\\' && !raw) {
      AIGW_TRY(escape(token.string));
    } else {
      token.string += c;
    }
  }
  at_ += close.size();
  token.text = text_.substr(token.offset, at_ - token.offset);
  return token;
}

Result<uint32_t> Lexer::digits(size_t count, int base) {
  uint32_t value = 0;
  if (rest().size() < count) return fail("an escape that is cut off");
  const char* const begin = text_.data() + at_;
  const auto [end, problem] = std::from_chars(begin, begin + count, value, base);
  if (problem != std::errc() || end != begin + count) return fail("an escape with a wrong digit");
  at_ += count;
  return value;
}

// Behind the backslash.
Result<void> Lexer::escape(std::string& out) {
  if (at_ == text_.size()) return fail("an escape that is cut off");
  const char c = text_[at_++];
  constexpr Bytes kShort = "abfnrtv\\?\"'`";
  constexpr Bytes kMeant = "\a\b\f\n\r\t\v\\?\"'`";
  if (const size_t found = kShort.find(c); found != Bytes::npos) {
    out += kMeant[found];
    return {};
  }
  size_t count = 0;
  int base = 16;
  if (c == 'x' || c == 'X') count = 2;
  if (c == 'u') count = 4;
  if (c == 'U') count = 8;
  if (c >= '0' && c <= '3') {
    count = 3;
    base = 8;
    --at_;
  }
  if (count == 0) return fail("an escape that does not exist");
  const Result<uint32_t> code = digits(count, base);
  if (!code) return code.error();
  if (*code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000)) return fail("an escape that is no character");
  append_utf8(*code, out);
  return {};
}

}  // namespace aigw::policy::cel
