// The words of an expression.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::policy::cel {

enum class TokenKind : uint8_t { end, identifier, integer, unsigned_integer, real, string, punctuation };

struct Token {
  TokenKind kind = TokenKind::end;
  Bytes text;  // as written
  uint32_t offset = 0;
  uint64_t integer = 0;  // of both kinds of integer: what the digits say
  double real = 0;
  std::string string;  // unescaped

  bool is(Bytes punctuation) const { return kind == TokenKind::punctuation && text == punctuation; }
  bool is_word(Bytes word) const { return kind == TokenKind::identifier && text == word; }
};

// A failure that names a place: "column 5: expected …". Of kind unprocessable.
Failure error_at(uint32_t offset, std::string message);

class Lexer {
 public:
  // `text` outlives the lexer and its tokens.
  explicit Lexer(Bytes text) : text_(text) {}

  // The next word; `end` for ever after the last.
  Result<Token> next();

 private:
  void skip_blanks();
  Result<Token> number(Token token);
  Result<Token> quoted_text(Token token, bool raw);
  Result<void> escape(std::string& out);
  Result<uint32_t> digits(size_t count, int base);
  Bytes rest() const { return text_.substr(at_); }
  Failure fail(std::string message) const { return error_at(static_cast<uint32_t>(at_), std::move(message)); }

  Bytes text_;
  size_t at_ = 0;
};

}  // namespace aigw::policy::cel
