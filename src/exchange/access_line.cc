#include "exchange/access_line.h"

#include <charconv>
#include <cmath>

#include "json/text.h"

namespace aigw::exchange {
namespace {

using From = observe::AccessMember::From;

constexpr size_t kUsualSize = 1024;
constexpr double kExactMax = 9007199254740992.0;  // 2^53: whole numbers up to here are exact

void append_number(std::string& out, double value) {
  char digits[32];
  const bool whole = value >= 0 && value <= kExactMax && value == std::floor(value);
  const std::to_chars_result written =
      whole ? std::to_chars(digits, digits + sizeof digits, static_cast<uint64_t>(value))
            : std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, static_cast<size_t>(written.ptr - digits));
}

}  // namespace

bool AccessLine::begin(Bytes key) {
  for (size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].from != From::metadata || members_[i].key != key) continue;
    const uint64_t bit = uint64_t{1} << i;
    usable_ = usable_ && (written_ & bit) == 0;
    written_ |= bit;
    if (text_.empty()) text_.reserve(kUsualSize);
    text_ += members_[i].head;
    return true;
  }
  return false;
}

void AccessLine::number(Bytes key, double value) {
  next_.number(key, value);
  if (!begin(key)) return;
  usable_ = usable_ && std::isfinite(value);
  append_number(text_, value);
}

void AccessLine::text(Bytes key, Bytes value) {
  next_.text(key, value);
  if (begin(key)) json::append_quoted(text_, value);
}

std::string AccessLine::take(http::HeaderMap& request) {
  if (!usable_) return {};
  for (size_t i = 0; i < members_.size(); ++i) {
    const observe::AccessMember& one = members_[i];
    if ((written_ >> i & 1) != 0) continue;
    text_ += one.head;
    std::optional<Bytes> value;
    if (one.from == From::header) value = request.get(one.key);
    if (one.from == From::path) {
      value = request.get(":path");
      if (value) value = value->substr(0, value->find('?'));
    }
    if (value) {
      json::append_quoted(text_, *value);
    } else {
      text_ += "null";
    }
  }
  return std::move(text_);
}

}  // namespace aigw::exchange
